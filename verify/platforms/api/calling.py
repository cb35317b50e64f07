"""Who calls about a platform's own things, and answers that are that platform's alone."""

from typing import Any

from litestar import Request, Response

from refolio.credential.reading import JSON
from refolio.errors import Fault
from verify.http.access import Action
from verify.http.callers import call_of
from verify.http.raw import read_json
from verify.http.refusals import Refused
from verify.platforms.authenticating import authenticate
from verify.platforms.event_reading import MOST_AT_ONCE
from verify.platforms.owning import Owner, owner_of
from verify.runtime import Runtime

AnyRequest = Request[Any, Any, Any]
USUAL = 50  # items of a list
OWN = "private, no-cache"  # kept by the caller alone, and asked about each time


async def caller(request: AnyRequest, action: Action) -> tuple[Runtime, Owner]:
    """The platform behind the API key of a request that does ``action``."""
    actor = await authenticate(request.app.state.runtime, call_of(request))
    return request.app.state.runtime, await owner_of(actor, action)


async def members_if_any(request: AnyRequest, *known: str) -> dict[str, JSON]:
    """The members of a body that may also be left out. Raises Refused for any that are not known."""
    members = (await read_json(request))[1] if await request.body() else {}
    if unknown := sorted(set(members) - set(known)):
        faults = [Fault(name[:60], "There is no such member.", "Leave it out.") for name in unknown]
        raise Refused("webhook-refused", "The body holds what is not known here.", faults)
    return members


def require_limit(limit: int) -> None:
    """Raise Refused (400) for a page that is empty or too long."""
    if not 1 <= limit <= MOST_AT_ONCE:
        says = f"It must be 1 to {MOST_AT_ONCE}."
        raise Refused("bad-request", says, [Fault("limit", says, f"Leave it out for {USUAL}.")])


def plain(body: bytes, status_code: int = 200) -> Response[bytes]:
    """JSON that is nobody else's and changes all the time."""
    headers = {"Cache-Control": "private, no-store"}
    return Response(body, status_code=status_code, media_type="application/json", headers=headers)
