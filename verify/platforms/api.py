"""What platforms say of issuers."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath

from verify.http.access import Action
from verify.platforms import vouching
from verify.platforms.authenticating import authenticate

AnyRequest = Request[Any, Any, Any]


@route("/api/v1/issuers/{slug:str}/vouching", http_method="PUT", opt={"action": Action.VOUCH})
async def vouch(request: AnyRequest, slug: FromPath[str]) -> Response[None]:
    """Say that the platform knows this issuer."""
    actor = await authenticate(request.headers.get("authorization"))
    assert actor.platform
    await vouching.vouch(request.app.state.runtime, actor, slug, actor.platform)
    return Response(None, status_code=204)


@route("/api/v1/issuers/{slug:str}/vouching", http_method="DELETE", opt={"action": Action.VOUCH})
async def take_back(request: AnyRequest, slug: FromPath[str]) -> Response[None]:
    """Say that it does not any more."""
    actor = await authenticate(request.headers.get("authorization"))
    assert actor.platform
    await vouching.take_back(request.app.state.runtime, actor, slug, actor.platform)
    return Response(None, status_code=204)


handlers = [vouch, take_back]
