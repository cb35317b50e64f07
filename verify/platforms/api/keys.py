"""What a platform can ask about its own API key."""

from typing import Any

import msgspec
from litestar import Request, Response, route

from verify.http.access import READS, Action
from verify.http.callers import call_of
from verify.platforms import describing_keys
from verify.platforms.authenticating import authenticate


@route("/api/v1/key", http_method=READS, opt={"action": Action.SHOW_KEY})
async def show_key(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Whose key this is, and what it is good for."""
    actor = await authenticate(request.app.state.runtime, call_of(request))
    body = msgspec.json.encode(await describing_keys.members_of(actor))
    return Response(body, media_type="application/json", headers={"Cache-Control": "private, no-store"})


handlers = [show_key]
