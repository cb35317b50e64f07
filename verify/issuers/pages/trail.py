"""The audit trail of an issuer, for its members."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath, FromQuery

from verify.http.access import READS, Action
from verify.http.answering import private_page
from verify.issuers import framing, members, telling

LATEST = 2**63  # beyond which no database counts


@route("/console/{slug:str}/trail", http_method=READS, opt={"action": Action.SEE_ISSUER})
async def trail(
    request: Request[Any, Any, Any], slug: FromPath[str], act: FromQuery[str] = "", before: FromQuery[int] = 0
) -> Response[bytes]:
    """Who did what, newest first, a page at a time."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.SEE_ISSUER, slug)
    entries, older = await telling.tell(slug, act=act or None, before=before if 0 < before < LATEST else None)
    context = {"entries": entries, "older": older, "act": act, "kinds": await telling.kinds(slug)}
    return private_page("trail.html", {**await framing.frame(runtime, member, slug, "Trail"), **context})


handlers = [trail]
