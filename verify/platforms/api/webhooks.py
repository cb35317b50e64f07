"""Webhooks for machines."""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from litestar import Response, delete, patch, post, route
from litestar.params import FromPath, FromQuery, QueryParameter

from refolio.credential import timestamps
from refolio.credential.reading import JSON
from refolio.errors import Fault
from verify.http.access import READS, Action
from verify.http.caching import artefact
from verify.http.idempotency import idempotency_key
from verify.http.raw import read_json
from verify.http.refusals import Refused
from verify.platforms import deliveries, webhook_secrets, webhooks
from verify.platforms.api.calling import OWN, USUAL, AnyRequest, caller, members_if_any, plain, require_limit
from verify.platforms.deliveries import Sent
from verify.platforms.webhooks import Hook

READ, MANAGE = {"action": Action.READ_WEBHOOKS}, {"action": Action.MANAGE_WEBHOOKS}


@post("/api/v1/webhooks", opt=MANAGE, status_code=201)
async def add_webhook(request: AnyRequest) -> Response[bytes]:
    """Register an address; the secret is in this answer only."""
    runtime, owner = await caller(request, Action.MANAGE_WEBHOOKS)
    key = idempotency_key(request)
    body, members = await read_json(request)
    hook, secret = await webhooks.add(runtime, owner, key, body, members)
    return _json({**_members(hook), "secret": secret}, 201)


@route("/api/v1/webhooks", http_method=READS, opt=READ)
async def list_webhooks(request: AnyRequest) -> Response[bytes]:
    """All webhooks: there are never more than ten."""
    runtime, owner = await caller(request, Action.READ_WEBHOOKS)
    return _json({"items": [_members(hook) for hook in await webhooks.all_of(runtime, owner)], "next": None})


@route("/api/v1/webhooks/{webhook_id:str}", http_method=READS, opt=READ)
async def show_webhook(request: AnyRequest, webhook_id: FromPath[str]) -> Response[bytes]:
    """One webhook, without its secret."""
    runtime, owner = await caller(request, Action.READ_WEBHOOKS)
    body = msgspec.json.encode(_members(await webhooks.one(runtime, owner, webhook_id)))
    return artefact(request, body, "application/json", OWN)


@patch("/api/v1/webhooks/{webhook_id:str}", opt=MANAGE)
async def change_webhook(request: AnyRequest, webhook_id: FromPath[str]) -> Response[bytes]:
    """Change what the body names."""
    runtime, owner = await caller(request, Action.MANAGE_WEBHOOKS)
    _, members = await read_json(request)
    return _json(_members(await webhooks.change(runtime, owner, webhook_id, members)))


@delete("/api/v1/webhooks/{webhook_id:str}", opt=MANAGE, status_code=204)
async def remove_webhook(request: AnyRequest, webhook_id: FromPath[str]) -> None:
    """Remove it for good."""
    runtime, owner = await caller(request, Action.MANAGE_WEBHOOKS)
    await members_if_any(request)
    await webhooks.remove(runtime, owner, webhook_id)


@post("/api/v1/webhooks/{webhook_id:str}/roll", opt=MANAGE, status_code=200)
async def roll_webhook_secret(request: AnyRequest, webhook_id: FromPath[str]) -> Response[bytes]:
    """A new secret, in this answer only; the one before signs beside it for ``overlap`` seconds (a day)."""
    runtime, owner = await caller(request, Action.MANAGE_WEBHOOKS)
    key = idempotency_key(request)
    overlap = _overlap(await members_if_any(request, "overlap"))
    same = b"roll " + await request.body()
    hook, secret = await webhooks.roll(runtime, owner, webhook_id, key, same, overlap)
    return _json({**_members(hook), "secret": secret})


@post("/api/v1/webhooks/{webhook_id:str}/test", opt=MANAGE, status_code=202)
async def test_webhook(request: AnyRequest, webhook_id: FromPath[str]) -> Response[bytes]:
    """Send a ``webhook.test`` to it."""
    runtime, owner = await caller(request, Action.MANAGE_WEBHOOKS)
    await members_if_any(request)
    return _json({"event": await deliveries.send_test(runtime, owner, webhook_id)}, 202)


@route("/api/v1/webhooks/{webhook_id:str}/deliveries", http_method=READS, opt=READ)
async def list_deliveries(
    request: AnyRequest,
    webhook_id: FromPath[str],
    only: Annotated[str | None, QueryParameter(name="state")] = None,  # litestar keeps the plain name for itself
    after: FromQuery[str | None] = None,
    limit: FromQuery[int] = USUAL,
) -> Response[bytes]:
    """What became of the deliveries of a webhook, the newest first, with each attempt."""
    runtime, owner = await caller(request, Action.READ_WEBHOOKS)
    require_limit(limit)
    if only is not None and only not in deliveries.STATES:
        says = f"It must be one of {', '.join(deliveries.STATES)}."
        raise Refused("bad-request", says, [Fault("state", says, "Leave it out for all.")])
    items, onwards = await deliveries.of_webhook(runtime, owner, webhook_id, state=only, after=after, limit=limit)
    return _json({"items": [_delivery(item) for item in items], "next": onwards})


def _overlap(members: dict[str, JSON]) -> timedelta:
    most = int(webhook_secrets.LONGEST_OVERLAP.total_seconds())
    seconds = members.get("overlap", int(webhook_secrets.USUAL_OVERLAP.total_seconds()))
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 <= seconds <= most:
        says = "It must say for how many seconds the earlier secret goes on signing."
        raise Refused("webhook-refused", says, [Fault("overlap", says, f"Send 0 to {most}, or leave it out.")])
    return timedelta(seconds=seconds)


def _members(hook: Hook) -> dict[str, object]:
    return {
        "id": hook.id,
        "url": hook.url,
        "description": hook.description,
        "types": hook.types,
        "issuers": hook.issuers,
        "enabled": hook.on,
        "disabled_because": hook.why_off,
        "created_at": timestamps.format(hook.created_at),
        "failing_since": _moment(hook.failing_since),
        "old_secret_until": _moment(hook.until),
    }


def _delivery(item: Sent) -> dict[str, object]:
    return {
        "event": item.event,
        "type": item.type,
        "state": item.state,
        "fault": item.fault,
        "created_at": timestamps.format(item.created_at),
        "next_attempt_at": _moment(item.due_at),
        "attempts": [
            {
                "at": timestamps.format(tried.at),
                "milliseconds": tried.milliseconds,
                "status": tried.status,
                "fault": tried.fault,
                "answer": tried.answer,
            }
            for tried in item.attempts
        ],
    }


def _moment(at: datetime | None) -> str | None:
    return timestamps.format(at) if at else None


def _json(members: dict[str, object], status_code: int = 200) -> Response[bytes]:
    return plain(msgspec.json.encode(members), status_code)


handlers = [
    add_webhook,
    list_webhooks,
    show_webhook,
    change_webhook,
    remove_webhook,
    roll_webhook_secret,
    test_webhook,
    list_deliveries,
]
