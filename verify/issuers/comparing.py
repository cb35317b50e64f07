"""Which other issuer a reader may take this one for (SEC-061), and which domain a web address (SEC-163).

Only one of two look-alikes is told so: the one without a proven domain, and of two that are equal in this the later.
So nobody can raise doubt about an issuer by imitating it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from verify.database import tx
from verify.issuers.naming import form_of, form_of_domain, mixed_alphabets
from verify.issuers.tables import DomainProof, Issuer
from verify.runtime import Runtime
from verify.trail.reading import is_as_left
from verify.trail.recording import record

log = logging.getLogger(__name__)

LONGEST_ENDS = 5  # labels of a host that are compared; a domain that somebody proves has two or three
_HOLDS = DomainProof.proven_at.is_not_null() & DomainProof.ended_at.is_null()


async def warning(issuer: Mapping[str, Any], proofs: Sequence[Mapping[str, Any]]) -> str | None:
    """A sentence of warning about an issuer's name or domain, or None. ``proofs`` are those of its that hold."""
    said = []
    if other := await _first_of_same_name(issuer, bool(proofs)):
        said.append(f"Its name looks like that of another issuer here: {other}.")
    if other := await _first_of_like_domain(issuer, proofs):
        said.append(f"Its domain looks like that of another issuer here: {other}.")
    if alphabets := mixed_alphabets(issuer["name"]):
        said.append(f"Its name mixes letters of several alphabets: {' and '.join(alphabets)}.")
    return " ".join(said) or None


async def address_warnings(urls: Iterable[str | None]) -> dict[str, str]:
    """Of those web addresses that look like they were on a domain proven here, and are not: url → a sentence.

    Of two look-alikes that are both proven, the one that was first is left in peace.
    """
    ends = {url: _ends_of_host(url) for url in urls if url}
    forms = {end: form_of_domain(end) for one in ends.values() for end in one}
    if not forms:
        return {}
    rows = (
        await DomainProof.select(DomainProof.issuer.name, DomainProof.domain, DomainProof.form)
        .where(_HOLDS, DomainProof.form.is_in(sorted(set(forms.values()))))
        .order_by(DomainProof.proven_at, ascending=False)
    )
    proven = {row["form"]: row for row in rows}  # the first that was proven comes last, and stays
    return {
        url: f"{end} looks like {row['domain']}, the domain of {row['issuer.name']}, and is another one."
        for url, one in ends.items()
        for end in one
        if (row := proven.get(forms[end])) and row["domain"] != end
    }


def _ends_of_host(url: str) -> list[str]:
    """``a.acme.example`` → itself and ``acme.example``; nothing where there is no such host."""
    try:
        labels = (urlsplit(url).hostname or "").removesuffix(".").split(".")[-LONGEST_ENDS:]
    except ValueError:
        return []
    return [".".join(labels[first:]) for first in range(len(labels) - 1)]


async def partners(issuer: str, domain: str) -> list[str]:
    """The names of other issuers that have proven the same domain."""
    rows = await DomainProof.select(DomainProof.issuer.name).where(
        _HOLDS, DomainProof.domain == domain, DomainProof.issuer != issuer
    )
    return sorted({str(row["issuer.name"]) for row in rows})


async def fill_in(runtime: Runtime) -> None:
    """Compute anew what names look like where that is not as it is told today; at every start.

    A row that was changed by hand is left as it is, for the audit to find (SEC-205).
    """
    for row in await Issuer.select(Issuer.slug, Issuer.name, Issuer.name_form):
        slug, form = row["slug"], form_of(row["name"])
        if form == row["name_form"]:
            continue
        async with tx():
            whole = await Issuer.select().where(Issuer.slug == slug).first()
            if whole is None or not await is_as_left(slug, Issuer, whole):
                log.error("The issuer %s is not as its last act left it; run: python -m verify audit", slug)
                continue
            other = (Issuer.slug == slug) & (Issuer.name_form.is_null() | (Issuer.name_form != form))
            if await Issuer.update({Issuer.name_form: form}).where(other).returning(Issuer.slug):
                await record(runtime, "service", "issuer-name-read", slug, about=slug, rows=[(Issuer, slug)])


async def _first_of_same_name(issuer: Mapping[str, Any], proven: bool) -> str | None:
    """Another issuer of a like name that comes before this one: with a proven domain, else registered earlier."""
    with_domain = (
        await DomainProof.select(
            DomainProof.issuer.name.as_alias("name"),
            DomainProof.issuer.slug.as_alias("slug"),
            DomainProof.issuer.created_at.as_alias("created_at"),
        )
        .where(_HOLDS, DomainProof.issuer.name_form == issuer["name_form"], DomainProof.issuer != issuer["slug"])
        .order_by(DomainProof.issuer.created_at)
        .order_by(DomainProof.issuer)
        .first()
    )
    first = with_domain or (
        await Issuer.select(Issuer.slug, Issuer.name, Issuer.created_at)
        .where(Issuer.name_form == issuer["name_form"], Issuer.slug != issuer["slug"])
        .order_by(Issuer.created_at)
        .order_by(Issuer.slug)
        .first()
    )
    if first is None:
        return None
    own = (not proven, issuer["created_at"], issuer["slug"])
    rank = (with_domain is None, first["created_at"], first["slug"])
    return str(first["name"]) if rank < own else None


async def _first_of_like_domain(issuer: Mapping[str, Any], proofs: Sequence[Mapping[str, Any]]) -> str | None:
    """Another issuer's domain that was proven earlier and looks like one of these without being the same."""
    for proof in proofs:
        earlier = (
            await DomainProof.select(DomainProof.issuer.name, DomainProof.domain)
            .where(_HOLDS, DomainProof.form == proof["form"], DomainProof.proven_at <= proof["proven_at"])
            .where(DomainProof.domain != proof["domain"], DomainProof.issuer != issuer["slug"])
            .order_by(DomainProof.proven_at)
            .first()
        )
        if earlier:
            return f"{earlier['domain']} of {earlier['issuer.name']}"
    return None
