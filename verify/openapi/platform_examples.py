"""Examples about a platform's own things: its API key, its events, its webhooks."""

from __future__ import annotations

from collections.abc import Mapping

from verify.openapi import platform_shapes

_EVENT = "evt_mvjfi5jwmeur4tbtxxrwuh3w2u"
_ID = "whk_by5vlrj2ovs64ec4gmafulviqa"
_URL = "https://hooks.northfield.example/refolio"

REQUESTS: Mapping[object, object] = {
    platform_shapes.NewWebhook: {"url": _URL, "types": ["credential.withdrawn", "credential.replaced"]},
    platform_shapes.WebhookChange: {"types": None, "enabled": True},
    platform_shapes.Replay: {"webhook": _ID},
    platform_shapes.Roll: {"overlap": 3600},
}


def answers(issued: Mapping[str, object]) -> Mapping[object, object]:
    """An example for each type of answer, around one issued credential."""
    event = {
        "id": _EVENT,
        "type": "credential.issued",
        "timestamp": "2026-11-23T10:00:00Z",
        "mode": "live",
        "issuer": "acme-textiles",
        "data": issued,
    }
    webhook = {
        "id": _ID,
        "url": _URL,
        "description": None,
        "types": ["credential.replaced", "credential.withdrawn"],
        "issuers": None,
        "enabled": True,
        "disabled_because": None,
        "created_at": "2026-11-23T10:00:00Z",
        "failing_since": None,
        "old_secret_until": None,
    }
    attempt = {"at": "2026-11-23T10:00:01Z", "milliseconds": 84, "status": 204, "fault": None, "answer": ""}
    delivery = {
        "event": _EVENT,
        "type": "credential.issued",
        "state": "delivered",
        "fault": None,
        "created_at": "2026-11-23T10:00:00Z",
        "next_attempt_at": None,
        "attempts": [attempt],
    }
    return {
        platform_shapes.ApiKey: {
            "platform": "own.acme-textiles",
            "name": "Nightly import",
            "mode": "live",
            "scopes": ["credentials:read", "credentials:write"],
            "issuers": ["acme-textiles"],
            "addresses": ["203.0.113.0/24"],
            "expires_at": "2027-11-23T10:00:00Z",
            "hint": "rf_live_7Kq2",
        },
        platform_shapes.Event: event,
        platform_shapes.Events: {"items": [event], "next": None, "cursor": "WyI0ZjJiYzQ4YjdjMGQiLDUxXQ"},
        platform_shapes.Replayed: {"event": _EVENT, "webhooks": [_ID]},
        platform_shapes.Webhook: webhook,
        platform_shapes.WebhookWithSecret: {**webhook, "secret": "whsec_vtoDmFDeZhDi8DaILhyYtEgC+I5ns4TXVm8MBGOTWT0="},
        platform_shapes.Webhooks: {"items": [webhook], "next": None},
        platform_shapes.TestSent: {"event": _EVENT},
        platform_shapes.Deliveries: {"items": [delivery], "next": None},
    }
