"""What platforms say of issuers."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath

from refolio.errors import Fault
from verify.http.access import Action
from verify.http.callers import call_of
from verify.http.raw import MAX_BYTES, read_json
from verify.http.refusals import Refused
from verify.platforms import vouching
from verify.platforms.authenticating import authenticate


@route(
    "/api/v1/issuers/{slug:str}/vouching",
    http_method="PUT",
    opt={"action": Action.VOUCH},
    request_max_body_size=MAX_BYTES,
)
async def vouch(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[dict[str, bool]]:
    """Say that the platform knows this issuer (``vouches`` true), or that it does not any more (false)."""
    actor = await authenticate(request.app.state.runtime, call_of(request))
    assert actor.platform
    _, members = await read_json(request)
    vouches = members.get("vouches")
    if set(members) != {"vouches"} or not isinstance(vouches, bool):
        says = "It must hold vouches, true or false, and nothing else."
        raise Refused("bad-request", says, [Fault("vouches", says, 'Send {"vouches": true}.')])
    act = vouching.vouch if vouches else vouching.take_back
    await act(request.app.state.runtime, actor, slug, actor.platform)
    return Response({"vouches": vouches})


handlers = [vouch]
