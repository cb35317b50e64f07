"""Issue one credential by a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, route
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from refolio.credential.model import Compensation, Completion, Engagement, HoursBasis, Level, Mode, completion_members
from refolio.errors import CompletionRefused, Fault
from verify.credentials import drafting, finding, issuing, listing
from verify.credentials.drafting import Typed
from verify.credentials.reserving import Request as IssueRequest
from verify.credentials.reserving import natural_key_of
from verify.http.access import READS, Action
from verify.http.answering import private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers.framing import frame
from verify.issuers.members import SignedIn, member_of
from verify.platforms.admitting import CONSOLE
from verify.runtime import Runtime

AnyRequest = Request[Any, Any, Any]

LONGEST = 256 * 1024  # the longest texts that a completion may hold, in any script
SPARE_ROWS = 3
CONTROLS = frozenset({"key", "more", "allow_duplicate"})
IN_NUMBERS = frozenset({"record", "project.code", "project.language", "hours.required", "term", "story"})
# Not kept when the next credential is started from an earlier one: the person, and what she alone did.
OF_THE_PERSON = ("intern.", "feedback.", "record", "story", "deliverables[")


@route("/console/{slug:str}/issue", http_method=READS, opt={"action": Action.ISSUE})
async def issue_form(request: AnyRequest, slug: FromPath[str], like: FromQuery[str] = "") -> Response[bytes]:
    """The empty form, or one filled like an earlier credential for another intern."""
    runtime: Runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.ISSUE, slug)
    typed = drafting.blank()
    earlier = await finding.by_id(like) if like else None
    if earlier is not None and earlier.issuer == slug:
        completion = msgspec.json.decode(earlier.record_json, type=Completion)
        typed = {
            name: text
            for name, text in drafting.draft_of(completion).items()
            if not name.startswith(OF_THE_PERSON) and not name.endswith(".level")
        }
    return await _page(runtime, member, slug, typed)


@route("/console/{slug:str}/issue", http_method="POST", opt={"action": Action.ISSUE}, request_max_body_size=LONGEST)
async def issue(request: AnyRequest, slug: FromPath[str]) -> Response[bytes] | Redirect:
    """Issue it and go on to its page; or show the form again with everything that was typed and what is wrong."""
    runtime: Runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.ISSUE, slug)
    form = await read_form(request, known=drafting.FIELDS | CONTROLS, longest=LONGEST)
    require_csrf(form, member.session.csrf)
    key, typed = form.get("key", "")[:64], drafting.tidy(form)
    if "more" in form:
        return await _page(runtime, member, slug, typed, key=key)
    read = drafting.read_draft(typed, slug, _own_record(key), runtime.now().date())
    if not isinstance(read, Completion):
        return await _page(runtime, member, slug, typed, read, key=key, status=422)
    body = msgspec.json.encode(completion_members(read))
    order = IssueRequest(CONSOLE, f"{slug}:form:{key}", body, read, "allow_duplicate" in form, by=member.actor.name)
    try:
        credential_id = await issuing.issue(runtime, member.actor, order)
    except CompletionRefused as refused:
        faults = [fault._replace(field=drafting.field_of(fault.field)) for fault in refused.faults]
        return await _page(runtime, member, slug, typed, faults, key=key, status=422)
    except Refused as refused:
        if refused.kind == "duplicate-completion":
            twin = await listing.twin(slug, natural_key_of(read, slug))
            return await _page(runtime, member, slug, typed, key=key, status=409, twin=twin)
        if refused.kind == "idempotency-key-reused":
            return await _page(runtime, member, slug, typed, status=409, reused=True)
        raise
    return see_other(f"/console/{slug}/credentials/{credential_id}?new=1")


def _own_record(key: str) -> str:
    """What the record is called when nobody gave it a name: the same again when the same form is sent twice."""
    return f"form-{key[:12].lower()}"


async def _page(
    runtime: Runtime,
    member: SignedIn,
    slug: str,
    typed: Typed,
    faults: Sequence[Fault] = (),
    *,
    key: str = "",
    status: int = 200,
    twin: listing.Listed | None = None,
    reused: bool = False,
) -> Response[bytes]:
    context: Mapping[str, object] = {
        **typed_fields(runtime, typed, faults, key),
        "twin": twin,
        "reused": reused,
    }
    return private_page("issue.html", {**await frame(runtime, member, slug, "Issue"), **context}, status)


def typed_fields(runtime: Runtime, typed: Typed, faults: Sequence[Fault], key: str) -> dict[str, object]:
    """What ``completion_fields.html`` needs: what was typed, what is wrong with it, how many rows, what is unfolded."""
    said = [*(typed.keys() - {"project.language"}), *(fault.field for fault in faults)]
    return {
        "form": typed,
        "faults": tuple(faults),
        "key": key or runtime.new_id().replace("-", ""),
        "rows": {
            name: min(most, drafting.number_of(typed, name) + (SPARE_ROWS if name == "skills" else 1))
            for name, most in drafting.MOST.items()
        },
        "most": drafting.MOST,
        "choices": CHOICES,
        "opened": {_part_of(name) for name in said},
    }


def _part_of(field: str) -> str:
    """The folding part of the form in which a field stands."""
    if field in IN_NUMBERS:
        return "numbers"
    skill, aligned, _ = field.partition(".alignment")
    return skill + aligned if aligned else field.partition(".")[0].partition("[")[0]


CHOICES = {
    "mode": [(mode.value, text) for mode, text in zip(Mode, ("Remote", "Partly on site", "On site"), strict=True)],
    "engagement": [
        (Engagement.PROJECT.value, "Micro-internship project"),
        (Engagement.PLACEMENT.value, "Work placement"),
        (Engagement.SHADOWING.value, "Job shadowing"),
        (Engagement.SIMULATION.value, "Simulation – not work for an employer"),
        (Engagement.VOLUNTEERING.value, "Volunteering"),
    ],
    "compensation": [
        (Compensation.HOURLY_PAY.value, "Paid by the hour"),
        (Compensation.STIPEND.value, "Stipend"),
        (Compensation.FIXED_FEE.value, "Fixed fee"),
        (Compensation.EXPENSES_ONLY.value, "Expenses only"),
        (Compensation.ACADEMIC_CREDIT.value, "Academic credit"),
        (Compensation.CREDENTIAL_ONLY.value, "This credential only"),
        (Compensation.UNPAID.value, "Unpaid"),
    ],
    "hours.basis": [
        (HoursBasis.LOGGED.value, "Logged day by day"),
        (HoursBasis.CONTRACTED.value, "As contracted"),
        (HoursBasis.ESTIMATED.value, "Estimated"),
    ],
    "observed": [("seen", "Seen by the supervisor"), ("self-reported", "Reported by the intern")],
    "level": [
        ("", "Not rated"),
        (Level.DEVELOPING.value, "Developing"),
        (Level.PROFICIENT.value, "Proficient"),
        (Level.EXCEEDS.value, "Exceeds what was expected"),
    ],
}

handlers = [issue_form, issue]
