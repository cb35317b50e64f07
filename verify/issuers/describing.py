"""What an issuer says of itself: its web site, a description, and whether it charges interns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from refolio.credential.rules import text_fault
from refolio.errors import Fault
from verify.database import tx
from verify.http.access import Actor
from verify.http.refusals import Refused
from verify.issuers.founding import url_fault, with_scheme
from verify.issuers.tables import Issuer
from verify.runtime import Runtime
from verify.trail.recording import record

FIELDS = ("url", "description", "pledge")
LONGEST_DESCRIPTION = 1_000
PLEDGE = "We never charge interns: not for the work, and not for its credential."


async def as_form(slug: str) -> dict[str, str]:
    """What stands in the form at first."""
    row = await Issuer.select(Issuer.url, Issuer.description, Issuer.pledged_at).where(Issuer.slug == slug).first()
    assert row, "whoever may see the form is a member of the issuer"
    return {
        "url": row["url"] or "",
        "description": row["description"] or "",
        "pledge": "yes" if row["pledged_at"] else "no",
    }


async def describe(runtime: Runtime, actor: Actor, slug: str, form: Mapping[str, str]) -> None:
    """Keep the fields of a form; credentials signed before keep what they say. A pledge keeps its first date.

    Raises Refused ``form-refused`` with a fault for each field in the way.
    """
    url = with_scheme(form.get("url", "").strip()) or None
    description = form.get("description", "").strip() or None
    faults = [fault for fault in (url_fault(url) if url else None, _description_fault(description)) if fault]
    if form.get("pledge") not in ("yes", "no"):
        faults.append(Fault("pledge", "Nothing is chosen.", "Choose one of the two."))
    if faults:
        raise Refused("form-refused", "Nothing was changed.", faults)
    pledged = form["pledge"] == "yes"
    async with tx():
        row = await Issuer.select(Issuer.pledged_at).where(Issuer.slug == slug).first()
        since = (row["pledged_at"] if row else None) or runtime.now()
        changes: dict[Any, Any] = {
            Issuer.url: url,
            Issuer.description: description,
            Issuer.pledged_at: since if pledged else None,
        }
        await Issuer.update(changes).where(Issuer.slug == slug)
        detail = {"pledge": pledged}
        await record(runtime, actor.name, "issuer-described", slug, about=slug, detail=detail, rows=[(Issuer, slug)])


def _description_fault(text: str | None) -> Fault | None:
    if text is None:
        return None
    if len(text) > LONGEST_DESCRIPTION:
        return Fault("description", "It is too long.", f"Use at most {LONGEST_DESCRIPTION:,} characters.")
    return text_fault("description", text)
