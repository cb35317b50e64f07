"""Grants for machines: ask people for permission, see their answers, give a permission up."""

from typing import Any

from litestar import Request, Response, delete, post, route
from litestar.params import FromPath

from verify.http.access import READS, Action
from verify.http.answering import for_caller
from verify.http.callers import call_of
from verify.http.paging import read_query
from verify.http.raw import MAX_BYTES, read_json
from verify.http.refusals import Refused
from verify.platforms import requesting
from verify.platforms.authenticating import authenticate

AnyRequest = Request[Any, Any, Any]


@post("/api/v1/grants", opt={"action": Action.ASK_FOR_GRANT}, request_max_body_size=MAX_BYTES, status_code=200)
async def ask(request: AnyRequest) -> Response[bytes]:
    """Ask a person, once, whether this platform may add to her record."""
    actor = await authenticate(request.app.state.runtime, call_of(request))
    _, members = await read_json(request)
    return for_caller(request, await requesting.request_grant(request.app.state.runtime, actor, members))


@route("/api/v1/grants", http_method=READS, opt={"action": Action.READ_GRANTS})
async def grants(request: AnyRequest) -> Response[bytes]:
    """Everybody whom this platform has asked, the first asked for first."""
    actor = await authenticate(request.app.state.runtime, call_of(request))
    return for_caller(request, await requesting.all_requested(actor, read_query(request, *requesting.FILTERS)))


@route("/api/v1/grants/{asked:str}", http_method=READS, opt={"action": Action.READ_GRANTS})
async def grant(request: AnyRequest, asked: FromPath[str]) -> Response[bytes]:
    """One grant."""
    actor = await authenticate(request.app.state.runtime, call_of(request))
    return for_caller(request, await requesting.requested(actor, asked))


@delete("/api/v1/grants/{asked:str}", opt={"action": Action.ASK_FOR_GRANT}, status_code=200)
async def give_up(request: AnyRequest, asked: FromPath[str]) -> Response[bytes]:
    """Give a permission up; only the person can open it again."""
    actor = await authenticate(request.app.state.runtime, call_of(request))
    if await request.body() and (await read_json(request))[1]:
        raise Refused("bad-request", "Giving a grant up takes no members.")
    return for_caller(request, await requesting.give_up(request.app.state.runtime, actor, asked))


handlers = [ask, grants, grant, give_up]
