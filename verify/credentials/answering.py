"""What a platform is told of a credential that it delivered."""

from __future__ import annotations

import msgspec

from refolio.credential import timestamps
from verify.credentials import finding, links, placing
from verify.credentials.codes import grouped
from verify.credentials.finding import Stored
from verify.runtime import Runtime


async def members_of(runtime: Runtime, stored: Stored) -> dict[str, object]:
    """The members of the answer, the same to issuing, withdrawing, replacing and asking."""
    verdict = links.verdict(runtime, stored.code)
    handle = await placing.portfolio_of(stored)
    successor = await finding.successor_of(stored)
    return {
        "id": links.credential(runtime, stored.id),
        "uuid": stored.id,
        "record": msgspec.json.decode(stored.record_json)["record"],
        "issuer": stored.issuer,
        "state": "withdrawn" if stored.withdrawn_at else "current",
        "issued_at": timestamps.format(stored.issued_at),
        "code": grouped(stored.code),
        "edition": stored.edition,
        "corrected_at": timestamps.format(stored.corrected_at) if stored.corrected_at else None,
        "withdrawn_at": timestamps.format(stored.withdrawn_at) if stored.withdrawn_at else None,
        "kind": stored.kind,
        "reason": stored.reason,
        "replaces": links.credential(runtime, stored.replaces) if stored.replaces else None,
        "replaced_by": links.credential(runtime, successor.id) if successor else None,
        "links": {
            "credential": links.credential(runtime, stored.id),
            "verify": verdict,
            "qr": f"{verdict}/qr.svg",
            "portfolio": links.portfolio(runtime, handle) if handle else None,
        },
    }
