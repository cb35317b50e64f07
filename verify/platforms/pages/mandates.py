"""The platforms that may deliver in the name of an organisation: given by its admins, and taken back by them."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from verify.http.access import READS, Action
from verify.http.answering import faults_of, private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers.comparing import address_warnings
from verify.issuers.framing import frame
from verify.issuers.members import SignedIn, member_of
from verify.platforms import mandating
from verify.runtime import Runtime

AnyRequest = Request[Any, Any, Any]
MANAGE = {"action": Action.MANAGE_PLATFORMS}
GIVE = {"action": Action.GIVE_MANDATE}


@route("/console/{slug:str}/platforms", http_method=READS, opt=MANAGE)
async def page(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """Which platforms may deliver, and which once might."""
    runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.MANAGE_PLATFORMS, slug)
    mandates = await mandating.mandates_of(slug)
    context = {
        "open": [one for one in mandates if one.ended_at is None],
        "ended": [one for one in mandates if one.ended_at is not None],
    }
    return private_page("platforms.html", {**await frame(runtime, member, slug, "Platforms"), **context})


@route("/console/{slug:str}/platforms/mandate", http_method=READS, opt=GIVE)
async def look(request: AnyRequest, slug: FromPath[str], platform: FromQuery[str] = "") -> Response[bytes]:
    """Who the platform of this short name is, and what a mandate means, before it is given."""
    runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.GIVE_MANDATE, slug)
    return await _look(runtime, member, slug, platform.strip().lower())


@route("/console/{slug:str}/platforms/mandate", http_method="POST", opt=GIVE)
async def give(request: AnyRequest, slug: FromPath[str]) -> Response[bytes] | Redirect:
    """Give the mandate."""
    runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.GIVE_MANDATE, slug)
    form = await read_form(request, known=("platform",))
    require_csrf(form, member.session.csrf)
    platform = form.get("platform", "")
    try:
        await mandating.mandate(runtime, platform, slug, actor=member.actor)
    except Refused:
        return await _look(runtime, member, slug, platform)
    return see_other(f"/console/{slug}/platforms")


@route("/console/{slug:str}/platforms/{platform:str}/end", http_method="POST", opt=MANAGE)
async def end(request: AnyRequest, slug: FromPath[str], platform: FromPath[str]) -> Redirect:
    """Take the mandate back, from now on."""
    runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.MANAGE_PLATFORMS, slug)
    require_csrf(await read_form(request, known=()), member.session.csrf)
    await mandating.end_mandate(runtime, platform, slug, actor=member.actor)
    return see_other(f"/console/{slug}/platforms")


async def _look(runtime: Runtime, member: SignedIn, slug: str, platform: str) -> Response[bytes]:
    context: dict[str, object] = {"form": {"platform": platform}, "faults": (), "found": None}
    status = 200
    if platform:
        try:
            context["found"] = found = await mandating.candidate(platform, slug)
            context["alike"] = await address_warnings([found.url])
        except Refused as refused:
            context["faults"], status = faults_of(refused, "platform"), 422
    return private_page("mandate.html", {**await frame(runtime, member, slug, "Platforms"), **context}, status)


handlers = [page, look, give, end]
