"""What takes two people: the proposals that wait, and turning one down. Approving stands where the act is done."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath
from litestar.response import Redirect

from verify.http.access import READS, Action
from verify.http.answering import private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.issuers import framing, members, proposing

AnyRequest = Request[Any, Any, Any]


@route("/console/{slug:str}/proposals", http_method=READS, opt={"action": Action.SEE_ISSUER})
async def waiting(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """The proposals that wait for a second person."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.SEE_ISSUER, slug)
    people = await members.team(slug)
    context = {
        "proposals": await proposing.proposals(runtime, slug),
        "names": await members.names_of(slug),
        "admins": sum(one.role == "admin" for one in people),
        "me": member.person,
        "decides": Action.DECIDE in framing.allowed(member, slug),
    }
    return private_page("proposals.html", {**await framing.frame(runtime, member, slug, "Proposals"), **context})


@route("/console/{slug:str}/proposals/{proposal:str}/refuse", http_method="POST", opt={"action": Action.DECIDE})
async def refuse(request: AnyRequest, slug: FromPath[str], proposal: FromPath[str]) -> Redirect:
    """Turn one down."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.DECIDE, slug)
    require_csrf(await read_form(request, known=()), member.session.csrf)
    await proposing.refuse(runtime, member, slug, proposal)
    return see_other(f"/console/{slug}/proposals")


handlers = [waiting, refuse]
