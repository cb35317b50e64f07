"""Bodies and answers about a platform's own things: its API key, its events, its webhooks. As shapes.py."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from verify.http.access import Mode, Scope
from verify.openapi.shapes import Moment

EventKind = Literal[
    "credential.issued",
    "credential.replaced",
    "credential.withdrawn",
    "credential.replied",
    "credential.reply_taken_back",
    "grant.allowed",
    "grant.refused",
    "grant.taken_back",
    "reference.written",
    "reference.declined",
    "reference.withdrawn",
]
Address = Annotated[str, Meta(min_length=1, max_length=500, description="`https://` and a public host name.")]
Kinds = Annotated[list[EventKind], Meta(min_length=1, description="Only events of these types.")]
Issuers = Annotated[list[str], Meta(min_length=1, description="Only events of these issuers (short names).")]
Note = Annotated[str, Meta(max_length=200, description="One line for yourself.")]


class ApiKey(Struct, kw_only=True):
    """Whose API key it is and what it is good for. `addresses` is null where it may be used from anywhere."""

    platform: str
    name: str | None
    mode: Mode
    scopes: list[Scope]
    issuers: list[str]
    addresses: list[str] | None
    expires_at: Moment | None
    hint: str


EventData = Annotated[
    dict[str, Any],
    Meta(
        description="The IssuedCredential at that moment, but `reason` and `links.portfolio` are null; of a grant or a "
        "reference its `id` and `state`; of a `webhook.test` the `webhook`."
    ),
]


class Event(Struct, kw_only=True):
    """Something that happened. There will be further words for `type`; pass over those that you do not know."""

    id: str
    type: str
    timestamp: Moment
    mode: Mode
    issuer: str | None
    data: EventData


class Events(Struct, kw_only=True):
    """Events, the oldest first. `cursor` is the place behind the last; `next` is the same where more is there."""

    items: list[Event]
    next: str | None
    cursor: str


class Replay(Struct, kw_only=True, omit_defaults=True):
    """To which webhook an event is sent again; to all that it goes to where none is named."""

    webhook: str | None = None


class Replayed(Struct, kw_only=True):
    """The event that is sent again, and the ids of the webhooks that it is sent to."""

    event: str
    webhooks: list[str]


class NewWebhook(Struct, kw_only=True, omit_defaults=True):
    """Where events are sent. `types` and `issuers` narrow what is sent."""

    url: Address
    types: Kinds | None = None
    issuers: Issuers | None = None
    description: Note | None = None


class WebhookChange(Struct, kw_only=True):
    """What is to be changed; null takes a narrowing away. What is left out stays as it is."""

    url: Address | UnsetType = UNSET
    types: Kinds | UnsetType | None = UNSET
    issuers: Issuers | UnsetType | None = UNSET
    description: Note | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET


class Webhook(Struct, kw_only=True):
    """A webhook. `disabled_because` is null when you switched it off yourself.

    `old_secret_until` is until when an earlier secret signs beside the one of now.
    """

    id: str
    url: str
    description: str | None
    types: list[EventKind] | None
    issuers: list[str] | None
    enabled: bool
    disabled_because: Literal["gone", "failing"] | None
    created_at: Moment
    failing_since: Moment | None
    old_secret_until: Moment | None


class WebhookWithSecret(Webhook, kw_only=True):
    """A webhook with the `secret` that its deliveries are signed with; it is shown this once."""

    secret: str


class Webhooks(Struct, kw_only=True):
    """All webhooks, the oldest first; `next` is always null."""

    items: list[Webhook]
    next: None


class Roll(Struct, kw_only=True, omit_defaults=True):
    """For how many seconds the secret before signs beside the new one."""

    overlap: Annotated[int, Meta(ge=0, le=604_800)] = 86_400


class TestSent(Struct, kw_only=True):
    """The id of the `webhook.test`."""

    event: str


class Attempt(Struct, kw_only=True):
    """One attempt. `fault` is null where it was taken; `answer` is what the receiver said, of the three newest."""

    at: Moment
    milliseconds: int
    status: int | None
    fault: str | None
    answer: str | None


class Delivery(Struct, kw_only=True):
    """What became of one event, with its last ten attempts, the newest first."""

    event: str
    type: str
    state: Literal["waiting", "delivered", "dead"]
    fault: str | None
    created_at: Moment
    next_attempt_at: Moment | None
    attempts: list[Attempt]


class Deliveries(Struct, kw_only=True):
    """One page of deliveries, the newest first; `next` is the cursor of the next page, null on the last."""

    items: list[Delivery]
    next: str | None
