"""The description for programs."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from litestar import Request, Response, route
from litestar.handlers import HTTPRouteHandler

from verify.http.access import FOR_ANYBODY, READS, SCOPE_OF, Action
from verify.http.caching import MINUTES, artefact
from verify.openapi.composing import Route, compose


def describe(handlers: Iterable[HTTPRouteHandler], public_url: str) -> bytes:
    """The description of the API that these handlers are."""
    routes = {
        key: Route(
            handler.fn.__name__,
            handler.fn.__doc__ or "",
            needs_key=handler.opt["action"] not in FOR_ANYBODY,
            scope=SCOPE_OF.get(handler.opt["action"]),
        )
        for handler in handlers
        for key in keys_of(handler)
    }
    return msgspec.json.encode(compose(routes, public_url))


def keys_of(handler: HTTPRouteHandler) -> list[tuple[str, str]]:
    """(method, path) of a handler, as the table of operations names them; HEAD goes with GET."""
    return [
        (str(method), re.sub(r"\{(\w+):\w+\}", r"{\1}", path))
        for path in handler.paths
        for method in handler.http_methods
        if method not in ("HEAD", "OPTIONS")
    ]


@route("/api/v1/openapi.json", http_method=READS, opt={"action": Action.READ_PUBLIC})
async def description(request: Request[Any, Any, Any]) -> Response[bytes]:
    """This description of the API, as OpenAPI 3.1."""
    return artefact(request, request.app.state.description, "application/json", MINUTES)


handlers = [description]
