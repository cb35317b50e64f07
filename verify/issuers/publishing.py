"""What anybody may know of an issuer: how it is known, and its DID document with every key that signs or has signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from refolio.credential.keys import did_web, did_web_url
from verify.issuers import comparing, did_history
from verify.issuers.key_states import CREDENTIALS, HELD
from verify.issuers.tables import DomainProof, Issuer, IssuerKey, KeyDocument
from verify.runtime import Runtime
from verify.web.filters import day

TEST = "A test issuer, for trying out software. It speaks for no organisation."


@dataclass(frozen=True, slots=True)
class IssuerProfile:
    """What readers may know of an issuer.

    ``domain`` is the web domain that is proven to be its own, or None. ``how`` is one sentence about how it is known,
    ``warning`` one about whom it may be taken for, ``how_known`` both of them.
    ``holds_key`` is true of one whose private keys this service has never had, ``twin_of`` names
    the issuer that a test issuer stands for.
    """

    slug: str
    did: str
    name: str
    url: str | None
    description: str | None
    domain: str | None
    how: str
    warning: str | None
    registered_at: datetime
    pledged_at: datetime | None
    holds_key: bool = False
    twin_of: str | None = None

    @property
    def is_test(self) -> bool:
        """True of a test issuer, whose credentials count for nothing."""
        return self.twin_of is not None

    @property
    def how_known(self) -> str:
        """All that is to be said of how the issuer is known, for programs and for the last check."""
        return f"{self.how} {self.warning}" if self.warning else self.how


async def profile(*, slug: str | None = None, did: str | None = None) -> IssuerProfile | None:
    """Find an issuer by short name or by DID."""
    where = Issuer.did == did if did is not None else Issuer.slug == slug
    row = await Issuer.select().where(where).first()
    if row is None:
        return None
    proofs = (
        await DomainProof.select()
        .where(DomainProof.issuer == row["slug"], DomainProof.proven_at.is_not_null())
        .order_by(DomainProof.proven_at)
    )
    holding = [proof for proof in proofs if proof["ended_at"] is None]
    is_test = row["twin_of"] is not None
    return IssuerProfile(
        slug=row["slug"],
        did=row["did"],
        name=row["name"],
        url=row["url"],
        description=row["description"],
        domain=holding[0]["domain"] if holding else None,
        how=TEST if is_test else await _how_known(row, proofs, holding) + _closed(row),
        warning=None if is_test else await comparing.warning(row, holding),
        registered_at=row["created_at"],
        pledged_at=row["pledged_at"],
        holds_key=row["custody"] == HELD,
        twin_of=row["twin_of"],
    )


async def _how_known(
    row: Mapping[str, Any], proofs: Sequence[Mapping[str, Any]], holding: Sequence[Mapping[str, Any]]
) -> str:
    if holding:
        return await _how(row, holding[0])
    return await _how_elsewhere(row) or _how_without(row, proofs)


async def _how(row: Mapping[str, Any], proof: Mapping[str, Any]) -> str:
    domain, on = proof["domain"], day(proof["confirmed_at"])
    said = f"Key published on {domain}" if proof["method"] == "key" else f"{domain} is this issuer’s domain"
    others = await comparing.partners(row["slug"], domain)
    return f"{said}, confirmed on {on}{'; it is also that of ' + ', '.join(others) if others else ''}."


async def _how_elsewhere(row: Mapping[str, Any]) -> str | None:
    """Of an issuer whose DID is on a domain of its own, where its keys are."""
    if row["custody"] != HELD or not await KeyDocument.exists().where(KeyDocument.did == row["did"]):
        return None
    return f"Its keys are published on its own domain, {urlsplit(did_web_url(row['did'])).netloc}."


async def holds_key(slug: str) -> bool:
    """True of an issuer that signs itself: this service has none of its private keys, and never had."""
    return await Issuer.exists().where(Issuer.slug == slug, Issuer.custody == HELD)


async def is_closed(slug: str) -> bool:
    """True of an issuer that signs nothing any more."""
    return await Issuer.exists().where(Issuer.slug == slug, Issuer.closed_at.is_not_null())


def _closed(row: Mapping[str, Any]) -> str:
    if row["closed_at"] is None:
        return ""
    return f" The issuer closed on {day(row['closed_at'])}; what it signed before stays valid."


def _how_without(row: Mapping[str, Any], ended: Sequence[Mapping[str, Any]]) -> str:
    """Nothing bad in it: most organisations are not known by a domain of their own, or not yet."""
    if row["vouched_by"] and row["vouch_ended_at"] is None:
        known = f"{row['vouched_by']} vouches for this issuer"
    else:
        known = f"Registered here by {'its own members' if row['self_registered'] else 'the operator of this site'}"
        if row["vouched_by"]:
            known += f"; {row['vouched_by']} vouched for it until {day(row['vouch_ended_at'])}, and does not now"
    if not ended:
        return f"{known}; its web domain is not proven."
    last = ended[-1]
    first_day, last_day = day(last["proven_at"]), day(last["confirmed_at"])
    period = f"on {first_day}" if first_day == last_day else f"from {first_day} to {last_day}"
    return f"{known}; its web domain {last['domain']} was proven {period}, and is not proven now."


def is_hosted(runtime: Runtime, did: str) -> bool:
    """Whether the DID is under our own host, so that only we publish its keys."""
    return did.startswith(did_web(runtime.settings.host) + ":")


async def document(slug: str) -> bytes | None:
    """The DID document as served at ``/issuers/{slug}/did.json``, or None when there is no such issuer.

    None also for an issuer that publishes it on a domain of its own.
    """
    return await did_history.current(slug)


@dataclass(frozen=True, slots=True)
class KeyAge:
    """Since when the present key signs (None without one), and how many keys came before it."""

    since: datetime | None
    rotations: int


async def key_age(slug: str) -> KeyAge:
    """How old the signing key of an issuer is, and how often it was changed."""
    keys = (
        await IssuerKey.select(IssuerKey.state, IssuerKey.created_at)
        .where(IssuerKey.issuer == slug, IssuerKey.purpose == CREDENTIALS, IssuerKey.state != "pending")
        .order_by(IssuerKey.created_at)
    )
    active = [key["created_at"] for key in keys if key["state"] == "active"]
    return KeyAge(active[-1] if active else None, max(0, len(keys) - 1))
