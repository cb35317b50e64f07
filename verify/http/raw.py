"""What a request may hold: a plain address, and strict JSON read from the raw bytes.

The framework's own parser forgives too much.
"""

from collections import Counter
from typing import Any

from litestar import Request

from refolio.credential.reading import JSON, MAX_BYTES, read
from refolio.errors import Fault
from verify.http.refusals import Refused

LONGEST_PATH = 200  # bytes; ours end at about 80

# Headers that decide what a request means or who sends it; RFC 9110 §5.3 lets each of them stand there once.
ONCE = ("Authorization", "Content-Encoding", "Content-Type", "Idempotency-Key", "Origin", "Sec-Fetch-Site")

__all__ = ["MAX_BYTES", "read_json", "require_plain_path", "require_said_once"]


async def require_said_once(request: Request[Any, Any, Any]) -> None:
    """Refuse headers that say two things at once: whoever stands in between may have read the other one (SEC-014)."""
    for name in ONCE:
        if len(request.headers.getall(name, [])) > 1:
            says = f"The request has the header {name} more than once."
            raise Refused("bad-request", says, [Fault(name, says, "Send it once.")])


async def require_plain_path(request: Request[Any, Any, Any]) -> None:
    """Refuse control characters, endless addresses and queries that contradict themselves (SEC-006, SEC-014)."""
    if repeated := [
        name for name, times in Counter(name for name, _ in request.query_params.multi_items()).items() if times > 1
    ]:
        says = f"The query says {repeated[0][:60]!r} more than once."
        raise Refused("bad-request", says, [Fault(repeated[0][:60], says, "Say it once.")])
    if b"%00" in request.scope["query_string"]:  # which PostgreSQL cannot compare with anything
        raise Refused("bad-request", "The query holds a character that cannot be stored.")
    path = request.scope["path"]
    if not path.isprintable() or len(path.encode(errors="replace")) > LONGEST_PATH:
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
        raise Refused(
            "unsupported-media-type", says, [Fault("Content-Type", says, "Send Content-Type: application/json.")]
        )
    if request.headers.get("content-encoding", "identity") != "identity":
        says = "The body must not be compressed."
        raise Refused("unsupported-media-type", says, [Fault("Content-Encoding", says, "Send the body as it is.")])
    raw = await request.body()
    return raw, read(raw)
