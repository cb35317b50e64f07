"""The description for people: one page, made here from the same document, without any script."""

from typing import Any

import msgspec
from litestar import Request, Response, route

from verify.http.access import READS, Action
from verify.http.caching import MINUTES, artefact
from verify.openapi.reading import chapters, shapes_of
from verify.web.templating import render


@route("/docs/api", http_method=READS, opt={"action": Action.READ_PUBLIC})
async def reference(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Every operation with its parameters, its body and its answers."""
    state = request.app.state
    if "reference" not in state:
        document = msgspec.json.decode(state.description)
        page = render(
            "api_reference.html",
            about=document["info"]["description"],
            chapters=chapters(document),
            shapes=shapes_of(document),
        )
        state.reference = page.encode()
    return artefact(request, state.reference, "text/html", MINUTES)


handlers = [reference]
