"""A reference that the intern shows, for readers: the signed document for programs, a page for people."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath

from verify.credentials import links
from verify.credentials.codes import grouped
from verify.http.access import READS, Action
from verify.http.caching import SECONDS, as_file, signed_document
from verify.http.problems import wants_page
from verify.http.refusals import Refused
from verify.references import showing
from verify.references.showing import Published
from verify.runtime import Runtime
from verify.web.templating import render

PUBLIC = {"action": Action.READ_PUBLIC}
AnyRequest = Request[Any, Any, Any]


@route("/references/{reference_id:str}", http_method=READS, opt=PUBLIC)
async def reference(request: AnyRequest, reference_id: FromPath[str]) -> Response[bytes]:
    """The reference. One that is not shown answers exactly like one that does not exist."""
    runtime: Runtime = request.app.state.runtime
    found = await _find(runtime, reference_id)
    if not wants_page(request):
        return signed_document(request, found.document)
    context = {
        "this": found,
        "code": grouped(found.credential.code),
        "checked_at": runtime.now(),
        "verify_command": f"refolio verify {runtime.settings.public_url}/references/{found.id}",
        "link": links.path_of(runtime, f"{runtime.settings.public_url}/references/{found.id}"),
    }
    headers = {"Cache-Control": SECONDS, "Vary": "Accept"}
    return Response(render("reference.html", **context).encode(), media_type="text/html", headers=headers)


@route("/references/{reference_id:str}/signed", http_method=READS, opt=PUBLIC)
async def signed(request: AnyRequest, reference_id: FromPath[str]) -> Response[bytes]:
    """The signed document as a file to keep, also for a browser."""
    found = await _find(request.app.state.runtime, reference_id)
    return signed_document(request, found.document, as_file(f"refolio-reference-{found.id}.json"))


async def _find(runtime: Runtime, reference_id: str) -> Published:
    found = await showing.published(runtime, reference_id)
    if found is None:
        raise Refused("not-found", "There is no reference with this id.")
    return found


handlers = [reference, signed]
