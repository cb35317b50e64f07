"""What an issuer says of itself, for its admin to change."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath
from litestar.response import Redirect

from verify.http.access import READS, Action
from verify.http.answering import faults_of, private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers import describing
from verify.issuers.framing import frame
from verify.issuers.members import member_of

AnyRequest = Request[Any, Any, Any]
MANAGE = {"action": Action.MANAGE_ISSUER}


@route("/console/{slug:str}/settings", http_method=READS, opt=MANAGE)
async def page(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """The form as it stands."""
    runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.MANAGE_ISSUER, slug)
    context = {"form": await describing.as_form(slug), "faults": (), "pledge": describing.PLEDGE}
    return private_page("settings.html", {**await frame(runtime, member, slug, "Settings"), **context})


@route("/console/{slug:str}/settings", http_method="POST", opt=MANAGE)
async def change(request: AnyRequest, slug: FromPath[str]) -> Response[bytes] | Redirect:
    """Keep what was typed."""
    runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.MANAGE_ISSUER, slug)
    form = await read_form(request, known=describing.FIELDS)
    require_csrf(form, member.session.csrf)
    try:
        await describing.describe(runtime, member.actor, slug, form)
    except Refused as refused:
        context = {"form": form, "faults": faults_of(refused, "url"), "pledge": describing.PLEDGE}
        return private_page("settings.html", {**await frame(runtime, member, slug, "Settings"), **context}, 422)
    return see_other(f"/console/{slug}/settings")


handlers = [page, change]
