"""The issuers that a platform may deliver for."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath

from verify.http.access import READS, Action
from verify.http.answering import for_caller
from verify.http.callers import call_of
from verify.http.paging import read_query
from verify.platforms import mandate_listing
from verify.platforms.authenticating import authenticate

AnyRequest = Request[Any, Any, Any]


@route("/api/v1/issuers", http_method=READS, opt={"action": Action.READ_ISSUERS})
async def issuers(request: AnyRequest) -> Response[bytes]:
    """The issuers that this API key may deliver for, by short name."""
    actor = await authenticate(request.app.state.runtime, call_of(request))
    asked = read_query(request)
    return for_caller(request, await mandate_listing.issuers_of(request.app.state.runtime, actor, asked))


@route("/api/v1/issuers/{slug:str}", http_method=READS, opt={"action": Action.READ_ISSUERS})
async def issuer(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """One of these issuers."""
    actor = await authenticate(request.app.state.runtime, call_of(request))
    return for_caller(request, await mandate_listing.issuer_of(request.app.state.runtime, actor, slug))


handlers = [issuers, issuer]
