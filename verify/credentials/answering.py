"""What a platform is told of a credential that it delivered."""

from __future__ import annotations

import msgspec

from refolio.credential import timestamps
from verify.credentials import finding, links
from verify.credentials.codes import grouped
from verify.credentials.finding import Stored
from verify.issuers.twins import wire_name
from verify.people import profiles
from verify.runtime import Runtime


async def members_of(runtime: Runtime, stored: Stored) -> dict[str, object]:
    """The members of the answer, the same to issuing, withdrawing, replacing and asking."""
    handle = await profiles.published_handle(stored.person)
    members = await members_without_words(runtime, stored)
    portfolio = links.portfolio(runtime, handle) if handle else None
    return {**members, "reason": stored.reason, "links": {**_links(runtime, stored), "portfolio": portfolio}}


async def members_without_words(runtime: Runtime, stored: Stored) -> dict[str, object]:
    """The same for others to carry: nothing that a person has written, and nothing that leads to her (SEC-185)."""
    successor = await finding.successor_of(stored) if stored.withdrawn_at else None
    return {
        "id": links.credential(runtime, stored.id),
        "uuid": stored.id,
        "record": msgspec.json.decode(stored.record_json)["record"],
        "issuer": await wire_name(stored.issuer),
        "state": "withdrawn" if stored.withdrawn_at else "current",
        "issued_at": timestamps.format(stored.issued_at),
        "code": grouped(stored.code),
        "edition": stored.edition,
        "corrected_at": timestamps.format(stored.corrected_at) if stored.corrected_at else None,
        "withdrawn_at": timestamps.format(stored.withdrawn_at) if stored.withdrawn_at else None,
        "kind": stored.kind,
        "reason": None,
        "replaces": links.credential(runtime, stored.replaces) if stored.replaces else None,
        "replaced_by": links.credential(runtime, successor.id) if successor else None,
        "links": _links(runtime, stored),
    }


def _links(runtime: Runtime, stored: Stored) -> dict[str, str | None]:
    verdict = links.verdict(runtime, stored.code)
    return {
        "credential": links.credential(runtime, stored.id),
        "verify": verdict,
        "qr": f"{verdict}/qr.svg",
        "portfolio": None,
    }
