"""JSON request bodies, read strictly from the raw bytes; the framework's own parser is too forgiving (security finding 8)."""

from typing import Any

from litestar import Request

from refolio.credential.reading import JSON, MAX_BYTES, read
from refolio.errors import Fault
from verify.http.refusals import Refused

__all__ = ["MAX_BYTES", "read_json", "require_printable_path"]


async def require_printable_path(request: Request[Any, Any, Any]) -> None:
    """Refuse an address with control characters before it reaches a query or a log (SEC-006, SEC-132)."""
    if not request.scope["path"].isprintable():
        raise Refused("not-found", "There is nothing at this address.")


async def read_json(request: Request[Any, Any, Any]) -> tuple[bytes, dict[str, JSON]]:
    """Return the raw body and the JSON object in it.

    Raises Refused for another media type, charset or a content coding (SEC-010), DocumentRefused for
    anything that is not one strict JSON object of at most 512 kB.
    """
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower()
    if media_type.strip().lower() != "application/json" or charset not in ("", "charset=utf-8", 'charset="utf-8"'):
        says = "The body must be sent as application/json in UTF-8."
        raise Refused("unsupported-media-type", says, [Fault("Content-Type", says, "Send Content-Type: application/json.")])
    if request.headers.get("content-encoding", "identity") != "identity":
        says = "The body must not be compressed."
        raise Refused("unsupported-media-type", says, [Fault("Content-Encoding", says, "Send the body as it is.")])
    raw = await request.body()
    return raw, read(raw)
