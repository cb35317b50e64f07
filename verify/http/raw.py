"""JSON request bodies, read strictly from the raw bytes; the framework's own parser is too forgiving (security finding 8)."""

from typing import Any

from litestar import Request

from refolio.credential.reading import JSON, MAX_BYTES, read
from verify.http.refusals import Refused

__all__ = ["MAX_BYTES", "read_json"]


async def read_json(request: Request[Any, Any, Any]) -> tuple[bytes, dict[str, JSON]]:
    """Return the raw body and the JSON object in it.

    Raises Refused for another media type, charset or a content coding (SEC-010), DocumentRefused for
    anything that is not one strict JSON object of at most 512 kB.
    """
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower()
    if media_type.strip().lower() != "application/json" or charset not in ("", "charset=utf-8", 'charset="utf-8"'):
        raise Refused("unsupported-media-type", "The body must be sent as application/json in UTF-8.")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Refused("unsupported-media-type", "The body must not be compressed.")
    raw = await request.body()
    return raw, read(raw)
