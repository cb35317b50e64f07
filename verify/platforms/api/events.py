"""Events for machines: asked for, waited for, and sent again."""

import msgspec
from litestar import Response, post, route
from litestar.params import FromPath, FromQuery

from refolio.errors import Fault
from verify.http.access import READS, Action
from verify.http.caching import artefact
from verify.http.refusals import Refused
from verify.platforms import deliveries, event_reading
from verify.platforms.api.calling import OWN, USUAL, AnyRequest, caller, members_if_any, plain, require_limit


@route("/api/v1/events", http_method=READS, opt={"action": Action.READ_EVENTS})
async def list_events(
    request: AnyRequest, after: FromQuery[str | None] = None, limit: FromQuery[int] = USUAL, wait: FromQuery[int] = 0
) -> Response[bytes]:
    """What happened, oldest first. With ``wait`` the answer is held back until there is something to tell."""
    _, owner = await caller(request, Action.READ_EVENTS)
    require_limit(limit)
    if not 0 <= wait <= event_reading.LONGEST_WAIT:
        says = f"It must be 0 to {event_reading.LONGEST_WAIT} seconds."
        raise Refused("bad-request", says, [Fault("wait", says, "Send fewer, and ask again.")])
    found = await event_reading.events(owner, after, limit, wait)
    items = ",".join(found.bodies)
    onwards = msgspec.json.encode({"next": found.place if found.more else None, "cursor": found.place}).decode()
    return plain(f'{{"items":[{items}],{onwards[1:]}'.encode())


@route("/api/v1/events/{event_id:str}", http_method=READS, opt={"action": Action.READ_EVENTS})
async def show_event(request: AnyRequest, event_id: FromPath[str]) -> Response[bytes]:
    """One event."""
    _, owner = await caller(request, Action.READ_EVENTS)
    body = await event_reading.one(owner, event_id)
    return artefact(request, body.encode(), "application/json", OWN)


@post("/api/v1/events/{event_id:str}/replay", opt={"action": Action.MANAGE_WEBHOOKS}, status_code=202)
async def replay_event(request: AnyRequest, event_id: FromPath[str]) -> Response[bytes]:
    """Send it again, to the webhook in the body or to all that it goes to."""
    runtime, owner = await caller(request, Action.MANAGE_WEBHOOKS)
    webhook = (await members_if_any(request, "webhook")).get("webhook")
    if not isinstance(webhook, str | None):
        says = "It must be the id of a webhook."
        raise Refused("webhook-refused", says, [Fault("webhook", says, 'Send {"webhook": "whk_…"}, or no body.')])
    sent_to = await deliveries.replay(runtime, owner, event_id, webhook)
    return plain(msgspec.json.encode({"event": event_id, "webhooks": sent_to}), 202)


handlers = [list_events, show_event, replay_event]
