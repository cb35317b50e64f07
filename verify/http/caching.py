"""Strong validators and 304 for public artefacts, so that any cache in front of us can serve them."""

import hashlib
from typing import Any

from litestar import Request, Response

from verify.http.access import READS
from verify.http.negotiating import preferred

FOREVER = "public, max-age=31536000, immutable"
# What a withdrawal can change: fresh enough that it shows within five seconds through any cache.
SECONDS = "public, max-age=2, must-revalidate"
MINUTES = "public, max-age=300"
DOCUMENT_TYPES = ["application/vc+ld+json", "application/vc", "application/ld+json", "application/json"]


def artefact(
    request: Request[Any, Any, Any],
    body: bytes,
    media_type: str,
    cache_control: str,
    headers: dict[str, str] | None = None,
) -> Response[bytes]:
    """Answer with ``body`` and its strong ETag, or with 304 when the caller has it already (RFC 9110 §13.1.2).

    What did something is always answered in full: 304 would not tell what came of it.
    """
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    common = {"ETag": etag, "Cache-Control": cache_control, **(headers or {})}
    asked = request.headers.get("if-none-match", "") if request.method in READS else ""
    known = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
    if known & {etag, gzipped(etag), "*"}:
        common["ETag"] = gzipped(etag) if gzipped(etag) in known else etag
        return Response(b"", status_code=304, headers=common, media_type=media_type)
    return Response(body, media_type=media_type, headers=common)


def as_file(name: str) -> dict[str, str]:
    """The header by which a browser keeps an answer under a name of ASCII letters, digits, dots and hyphens."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def gzipped(etag: str) -> str:
    """The strong ETag of the compressed form, which has other bytes and so another tag (RFC 9110 §8.8.3)."""
    return f'{etag[:-1]}-gzip"'


def signed_document(
    request: Request[Any, Any, Any], document: bytes, headers: dict[str, str] | None = None
) -> Response[bytes]:
    """Signed bytes under the media type that the caller prefers among those for credentials."""
    media_type = DOCUMENT_TYPES[0]
    if "accept" in request.headers:
        media_type = preferred(request, DOCUMENT_TYPES, default=media_type)
    return artefact(request, document, media_type, SECONDS, {"Vary": "Accept", **(headers or {})})
