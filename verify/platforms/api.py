"""Grants for machines: ask people for permission, see their answers, give a permission up."""

from typing import Any

import msgspec
from litestar import Request, Response, delete, post, route
from litestar.params import FromPath, FromQuery

from verify.http.access import READS, Action
from verify.http.raw import MAX_BYTES, read_json
from verify.platforms import requesting
from verify.platforms.authenticating import authenticate

AnyRequest = Request[Any, Any, Any]
PAGE, LARGEST_PAGE = 50, 100


@post("/api/v1/grants", opt={"action": Action.ASK_FOR_GRANT}, request_max_body_size=MAX_BYTES, status_code=200)
async def ask(request: AnyRequest) -> Response[bytes]:
    """Ask a person, once, whether this platform may add to her record."""
    actor = await authenticate(request.headers.get("authorization"))
    _, members = await read_json(request)
    return _json(await requesting.request_grant(request.app.state.runtime, actor, members))


@route("/api/v1/grants", http_method=READS, opt={"action": Action.READ_GRANTS})
async def grants(
    request: AnyRequest, after: FromQuery[str | None] = None, limit: FromQuery[int] = PAGE
) -> Response[bytes]:
    """Everybody whom this platform has asked, page by page; ``state`` and ``email`` narrow it."""
    actor = await authenticate(request.headers.get("authorization"))
    most = min(max(limit, 1), LARGEST_PAGE)
    given = request.query_params
    found = await requesting.all_requested(
        actor, state=given.get("state"), email=given.get("email"), after=after, most=most + 1
    )
    return _json({"items": found[:most], "next": found[most - 1].id if len(found) > most else None})


@route("/api/v1/grants/{asked:str}", http_method=READS, opt={"action": Action.READ_GRANTS})
async def grant(request: AnyRequest, asked: FromPath[str]) -> Response[bytes]:
    """One grant."""
    actor = await authenticate(request.headers.get("authorization"))
    return _json(await requesting.requested(actor, asked))


@delete("/api/v1/grants/{asked:str}", opt={"action": Action.ASK_FOR_GRANT}, status_code=200)
async def give_up(request: AnyRequest, asked: FromPath[str]) -> Response[bytes]:
    """Give a permission up; only the person can open it again."""
    actor = await authenticate(request.headers.get("authorization"))
    return _json(await requesting.give_up(request.app.state.runtime, actor, asked))


def _json(members: object) -> Response[bytes]:
    return Response(
        msgspec.json.encode(members), media_type="application/json", headers={"Cache-Control": "private, no-store"}
    )


handlers = [ask, grants, grant, give_up]
