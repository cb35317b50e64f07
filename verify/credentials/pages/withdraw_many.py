"""Withdraw many credentials: a few at once, more by two people, of whom the second sees what she agrees to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath
from litestar.response import Redirect

from refolio.errors import CompletionRefused, Fault
from verify.credentials import choosing, reasons, withdrawing_many
from verify.http.access import READS, Action
from verify.http.answering import faults_of, private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers import framing, members, proposing
from verify.runtime import Runtime

AnyRequest = Request[Any, Any, Any]
FIELDS = ("credentials", "kind", "reason")
WITHDRAW = {"action": Action.WITHDRAW}


@route("/console/{slug:str}/withdrawals", http_method=READS, opt=WITHDRAW)
async def new_form(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """The empty form."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.WITHDRAW, slug)
    return await _form(runtime, member, slug)


@route("/console/{slug:str}/withdrawals", http_method="POST", opt=WITHDRAW)
async def withdraw(request: AnyRequest, slug: FromPath[str]) -> Response[bytes] | Redirect:
    """Withdraw a few now, or propose it to a second person."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.WITHDRAW, slug)
    form = await read_form(request, known=FIELDS)
    require_csrf(form, member.session.csrf)
    reason: dict[str, object] = {name: form[name] for name in ("kind", "reason") if name in form}
    try:
        reasons.reason_from(reason)
        ids = await choosing.chosen(slug, form.get("credentials", ""))
        proposal = await withdrawing_many.withdraw_many(runtime, member, slug, ids, reason)
    except CompletionRefused as refused:
        return await _form(runtime, member, slug, form, refused.faults, status=422)
    except Refused as refused:
        return await _form(runtime, member, slug, form, faults_of(refused, "credentials"), status=409)
    return see_other(f"/console/{slug}/withdrawals/proposals/{proposal}" if proposal else f"/console/{slug}")


@route(
    "/console/{slug:str}/withdrawals/proposals/{withdrawal:str}", http_method=READS, opt={"action": Action.SEE_ISSUER}
)
async def look(request: AnyRequest, slug: FromPath[str], withdrawal: FromPath[str]) -> Response[bytes]:
    """What would be withdrawn, and why."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.SEE_ISSUER, slug)
    return await _proposed(runtime, member, slug, withdrawal)


@route(
    "/console/{slug:str}/withdrawals/proposals/{withdrawal:str}/approve",
    http_method="POST",
    opt={"action": Action.DECIDE},
)
async def approve(request: AnyRequest, slug: FromPath[str], withdrawal: FromPath[str]) -> Response[bytes] | Redirect:
    """Agree as the second person: all of it is withdrawn."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.DECIDE, slug)
    require_csrf(await read_form(request, known=()), member.session.csrf)
    try:
        await withdrawing_many.carry_out(runtime, member, slug, withdrawal)
    except Refused as refused:
        if await proposing.was_approved(slug, withdrawal):
            return see_other(f"/console/{slug}?show=withdrawn")
        if refused.kind == "not-found":
            raise
        return await _proposed(runtime, member, slug, withdrawal, faults_of(refused, "approve"), status=409)
    return see_other(f"/console/{slug}?show=withdrawn")


async def _form(
    runtime: Runtime,
    member: members.SignedIn,
    slug: str,
    form: dict[str, str] | None = None,
    faults: Sequence[Fault] = (),
    status: int = 200,
) -> Response[bytes]:
    context = {
        "form": form or {},
        "faults": tuple(faults),
        "kinds": [(kind, words or "Something else") for kind, words in reasons.KINDS.items()],
        "alone": withdrawing_many.MOST_ALONE,
    }
    frame = await framing.frame(runtime, member, slug, "Credentials")
    return private_page("withdraw_many.html", {**frame, **context}, status)


async def _proposed(
    runtime: Runtime,
    member: members.SignedIn,
    slug: str,
    proposal_id: str,
    faults: Sequence[Fault] = (),
    status: int = 200,
) -> Response[bytes]:
    proposed = await proposing.proposal(runtime, slug, proposal_id)
    if proposed.act != proposing.MASS_WITHDRAWAL:
        raise Refused("not-found", members.NOT_THERE)
    ids, reason = withdrawing_many.read_proposal(proposed)
    own = proposed.proposed_by == member.person
    context = {
        "proposal": proposed,
        "by": (await members.names_of(slug)).get(proposed.proposed_by),
        "listed": await choosing.described(slug, ids),
        "reason": reason,
        "words": reasons.words_for(reason.kind),
        "own": own,
        "decides": Action.DECIDE in framing.allowed(member, slug) and not own,
        "faults": tuple(faults),
    }
    frame = await framing.frame(runtime, member, slug, "Credentials")
    return private_page("withdrawal_proposal.html", {**frame, **context}, status)


handlers = [new_form, withdraw, look, approve]
