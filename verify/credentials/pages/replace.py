"""Put a credential right by the form that it was issued with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, Response, route
from litestar.params import FromPath
from litestar.response import Redirect

from refolio.credential.model import Completion, completion_members
from refolio.errors import CompletionRefused, Fault
from verify.credentials import drafting, reasons, replacing
from verify.credentials.drafting import Typed
from verify.credentials.finding import Stored
from verify.credentials.pages.browse import require_own
from verify.credentials.pages.issue import LONGEST, typed_fields
from verify.credentials.replacing import Replacement
from verify.http.access import READS, Action
from verify.http.answering import private_page, see_other
from verify.http.forms import Form, read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers.framing import frame
from verify.issuers.members import SignedIn, member_of
from verify.runtime import Runtime

AnyRequest = Request[Any, Any, Any]
PATH = "/console/{slug:str}/credentials/{credential_id:str}/replace"
WHY = ("reason", "kind")
EDITION = re.compile(r"[0-9]{1,6}")
CONTROLS = frozenset({"key", "edition", "more", "as", *WHY})


@route(PATH, http_method=READS, opt={"action": Action.REPLACE})
async def replace_form(request: AnyRequest, slug: FromPath[str], credential_id: FromPath[str]) -> Response[bytes]:
    """The form, filled with what the credential says now."""
    runtime: Runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.REPLACE, slug)
    stored = await require_own(slug, credential_id)
    return await _page(runtime, member, stored, drafting.draft_of(_completion(stored)), {})


@route(PATH, http_method="POST", opt={"action": Action.REPLACE}, request_max_body_size=LONGEST)
async def replace(request: AnyRequest, slug: FromPath[str], credential_id: FromPath[str]) -> Response[bytes] | Redirect:
    """Correct it, or withdraw it and issue a successor; or show the form again with what is wrong."""
    runtime: Runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.REPLACE, slug)
    form = await read_form(request, known=drafting.FIELDS | CONTROLS, longest=LONGEST)
    require_csrf(form, member.session.csrf)
    stored = await require_own(slug, credential_id)
    typed = drafting.tidy(form)
    if "more" in form:
        return await _page(runtime, member, stored, typed, form)
    read = drafting.read_draft(typed, slug, _completion(stored).record, runtime.now().date())
    if not isinstance(read, Completion):
        return await _page(runtime, member, stored, typed, form, read, 422)
    try:
        goes_to = await _replaced(runtime, member, stored, form, read)
    except CompletionRefused as refused:
        faults = [fault._replace(field=drafting.field_of(fault.field)) for fault in refused.faults]
        return await _page(runtime, member, stored, typed, form, faults, 422)
    except Refused as refused:
        fix = "Open the credential again to see what stands there." if refused.kind == "edition-changed" else ""
        fault = Fault("as", refused.detail, fix)
        return await _page(runtime, member, stored, typed, {**form, "key": ""}, [fault], 409)
    return see_other(f"/console/{slug}/credentials/{goes_to}")


async def _replaced(runtime: Runtime, member: SignedIn, stored: Stored, form: Form, completion: Completion) -> str:
    """Do it, and return the id of the credential that stands now."""
    body = msgspec.json.encode(completion_members(completion))
    edition = int(form["edition"]) if EDITION.fullmatch(form.get("edition", "")) else None
    replacement = Replacement(f"form:{form.get('key', '')[:64]}", body, completion, edition)
    if form.get("as") == "successor":
        why = {name: form[name] for name in WHY if form.get(name)} if stored.withdrawn_at is None else {}
        if stored.withdrawn_at is None and "reason" not in why:
            raise CompletionRefused([Fault("reason", "A reason is required and missing.", "Say why it is withdrawn.")])
        return await replacing.succeed(runtime, member.actor, stored.id, replacement, why)
    await replacing.correct(runtime, member.actor, stored.id, replacement)
    return stored.id


async def _page(
    runtime: Runtime,
    member: SignedIn,
    stored: Stored,
    typed: Typed,
    form: Form,
    faults: Sequence[Fault] = (),
    status: int = 200,
) -> Response[bytes]:
    controls = {name: form[name] for name in ("as", *WHY) if name in form}
    fields = typed_fields(runtime, typed, faults, form.get("key", ""))
    opened = fields["opened"]
    assert isinstance(opened, set)
    if form.get("as") == "successor":
        opened.add("why")
    context = {
        **fields,
        "form": typed | controls,
        "stored": stored,
        "edition": form.get("edition") or stored.edition,
        "kinds": [(kind, words or "Something else") for kind, words in reasons.KINDS.items()],
    }
    return private_page(
        "replace.html", {**await frame(runtime, member, stored.issuer, "Credentials"), **context}, status
    )


def _completion(stored: Stored) -> Completion:
    return msgspec.json.decode(stored.record_json, type=Completion)


handlers = [replace_form, replace]
