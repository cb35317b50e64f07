"""A key was in other hands: one admin proposes to declare it, another one sees what that means and agrees."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath
from litestar.response import Redirect

from refolio.credential import timestamps
from refolio.errors import Fault
from verify.http.access import READS, Action
from verify.http.answering import faults_of, private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers import compromising, framing, key_listing, members, proposing
from verify.issuers.members import SignedIn
from verify.runtime import Runtime
from verify.web.filters import day

AnyRequest = Request[Any, Any, Any]
FIELDS = ("key", "since")
MANAGE = {"action": Action.MANAGE_KEYS}


@route("/console/{slug:str}/keys/compromised", http_method=READS, opt=MANAGE)
async def new_form(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """The form to propose it."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.MANAGE_KEYS, slug)
    return await _form(runtime, member, slug)


@route("/console/{slug:str}/keys/compromised", http_method="POST", opt=MANAGE)
async def propose(request: AnyRequest, slug: FromPath[str]) -> Response[bytes] | Redirect:
    """Propose it to the other admins."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.MANAGE_KEYS, slug)
    form = await read_form(request, known=FIELDS)
    require_csrf(form, member.session.csrf)
    try:
        made = await compromising.propose_compromised(runtime, member, slug, form.get("key", ""), form.get("since", ""))
    except Refused as refused:
        return await _form(runtime, member, slug, form, faults_of(refused, "key"), 422)
    return see_other(f"/console/{slug}/keys/proposals/{made}")


@route("/console/{slug:str}/keys/proposals/{theft:str}", http_method=READS, opt={"action": Action.SEE_ISSUER})
async def look(request: AnyRequest, slug: FromPath[str], theft: FromPath[str]) -> Response[bytes]:
    """Which key, since when, and what follows."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.SEE_ISSUER, slug)
    return await _proposed(runtime, member, slug, theft)


@route("/console/{slug:str}/keys/proposals/{theft:str}/approve", http_method="POST", opt={"action": Action.DECIDE})
async def approve(request: AnyRequest, slug: FromPath[str], theft: FromPath[str]) -> Response[bytes] | Redirect:
    """Agree as the second person: the key is not to be trusted from then on, and another one signs."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.DECIDE, slug)
    require_csrf(await read_form(request, known=()), member.session.csrf)
    try:
        await compromising.approve_compromised(runtime, member, slug, theft)
    except Refused as refused:
        if await proposing.was_approved(slug, theft):
            return see_other(f"/console/{slug}/keys")
        if refused.kind == "not-found":
            raise
        return await _proposed(runtime, member, slug, theft, faults_of(refused, "approve"), 409)
    return see_other(f"/console/{slug}/keys")


async def _form(
    runtime: Runtime,
    member: SignedIn,
    slug: str,
    form: dict[str, str] | None = None,
    faults: Sequence[Fault] = (),
    status: int = 200,
) -> Response[bytes]:
    purposes = {"credentials": "Credentials", "status": "Lists of withdrawals"}
    choices = [
        (key.id, f"{purposes.get(key.purpose, key.purpose)}, {day(key.created_at)} ({key.id[-8:]})")
        for key in await key_listing.keys_of(slug) or []
    ]
    context = {"form": form or {}, "faults": tuple(faults), "choices": choices}
    return private_page(
        "key_compromised.html", {**await framing.frame(runtime, member, slug, "Keys"), **context}, status
    )


async def _proposed(
    runtime: Runtime, member: SignedIn, slug: str, proposal_id: str, faults: Sequence[Fault] = (), status: int = 200
) -> Response[bytes]:
    proposed = await proposing.proposal(runtime, slug, proposal_id)
    if proposed.act != proposing.KEY_COMPROMISED:
        raise Refused("not-found", members.NOT_THERE)
    own = proposed.proposed_by == member.person
    context = {
        "proposal": proposed,
        "by": (await members.names_of(slug)).get(proposed.proposed_by),
        "key": str(proposed.body.get("key")),
        "since": timestamps.parse(str(proposed.body.get("since"))),
        "own": own,
        "decides": Action.DECIDE in framing.allowed(member, slug) and not own,
        "faults": tuple(faults),
    }
    frame = await framing.frame(runtime, member, slug, "Keys")
    return private_page("key_proposal.html", {**frame, **context}, status)


handlers = [new_form, propose, look, approve]
