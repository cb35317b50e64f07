"""For platforms: the issuers that they may deliver for, and what they say of them."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath

from refolio.errors import Fault
from verify.http.access import READS, Action
from verify.http.answering import for_caller
from verify.http.paging import read_query
from verify.http.raw import MAX_BYTES, read_json
from verify.http.refusals import Refused
from verify.platforms import mandate_listing, vouching
from verify.platforms.authenticating import authenticate

AnyRequest = Request[Any, Any, Any]


@route("/api/v1/issuers", http_method=READS, opt={"action": Action.READ_ISSUERS})
async def issuers(request: AnyRequest) -> Response[bytes]:
    """The issuers that this API key may deliver for, by short name."""
    actor = await authenticate(request.headers.get("authorization"))
    asked = read_query(request)
    return for_caller(request, await mandate_listing.issuers_of(request.app.state.runtime, actor, asked))


@route("/api/v1/issuers/{slug:str}", http_method=READS, opt={"action": Action.READ_ISSUERS})
async def issuer(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """One of these issuers."""
    actor = await authenticate(request.headers.get("authorization"))
    return for_caller(request, await mandate_listing.issuer_of(request.app.state.runtime, actor, slug))


@route(
    "/api/v1/issuers/{slug:str}/vouching",
    http_method="PUT",
    opt={"action": Action.VOUCH},
    request_max_body_size=MAX_BYTES,
)
async def vouch(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[dict[str, bool]]:
    """Say that the platform knows this issuer (``vouches`` true), or that it does not any more (false)."""
    actor = await authenticate(request.headers.get("authorization"))
    assert actor.platform
    _, members = await read_json(request)
    vouches = members.get("vouches")
    if set(members) != {"vouches"} or not isinstance(vouches, bool):
        says = "It must hold vouches, true or false, and nothing else."
        raise Refused("bad-request", says, [Fault("vouches", says, 'Send {"vouches": true}.')])
    act = vouching.vouch if vouches else vouching.take_back
    await act(request.app.state.runtime, actor, slug, actor.platform)
    return Response({"vouches": vouches})


handlers = [issuers, issuer, vouch]
