"""What became of a question for a reference, for the platform that asked: an id and a state, no word of anybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verify.credentials import links
from verify.platforms import announcing
from verify.platforms.announcing import Happening
from verify.runtime import Runtime

STATE_AFTER = {
    announcing.REFERENCE_WRITTEN: "written",
    announcing.REFERENCE_DECLINED: "declined",
    announcing.REFERENCE_WITHDRAWN: "withdrawn",
}


async def announce(runtime: Runtime, type_: str, reference: Mapping[str, Any], issuer: str) -> None:
    """Tell of the act. Call once in ``tx()``, after all rows are written and before ``record``."""
    data = {
        "id": reference["id"],
        "credential": links.credential(runtime, reference["credential"]),
        "state": STATE_AFTER[type_],
    }
    await announcing.announce(runtime, [Happening(type_, reference["platform"], issuer, data)])
