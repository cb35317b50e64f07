"""Every operation of the API, one line each: what it takes, what it gives, which refusals are its own.

A new route needs a line here, or a test fails. Refusals that every operation has (no API key, too many requests, a body
that cannot be read …) are added where the document is composed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from refolio.credential.model import Completion
from verify.openapi import platform_shapes, reference_shapes, shapes

JSON = "application/json"
SIGNED = ("application/vc+ld+json", "application/vc", "application/ld+json", JSON)


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter of the query."""

    name: str
    says: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string", "minLength": 1, "maxLength": 300})


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    ``takes`` is the type of the body, ``gives`` that of the answer, ``lists`` that of the items of a list that can be
    read again; ``statuses`` are those of success. ``refusals`` are kinds of refusals.py. ``other`` is what another
    status gives, 400 besides a problem.
    """

    tag: str
    gives: Any = None
    lists: Any = None
    takes: Any = None
    body_is_optional: bool = False
    statuses: tuple[int, ...] = (200,)
    query: tuple[Query, ...] = ()
    idempotency: Literal["required", "optional"] | None = None
    refusals: tuple[str, ...] = ()
    media_types: tuple[str, ...] = (JSON,)
    other: Mapping[int, Any] = field(default_factory=dict)
    reads_again: bool = False  # strong ETag and 304
    is_limited: bool = True  # in how often it may be asked (http/limits.py)


UUID = {"type": "string", "format": "uuid"}
SLUG = {"type": "string", "minLength": 1, "maxLength": 48}
# Parts of paths; each says what it is.
PATH: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "credential_id": ("The credential's UUID.", UUID),
    "reservation_id": ("The reservation's UUID.", UUID),
    "reference_id": ("The reference's id.", UUID),
    "slug": ("The issuer's short name.", SLUG),
    "plugin": ("The plugin's name.", {"type": "string", "minLength": 1, "maxLength": 48}),
    "asked": ("The grant's id.", {"type": "string", "minLength": 1, "maxLength": 40}),
    "list_id": ("The status list's id.", {"type": "string", "minLength": 1, "maxLength": 40}),
    "event_id": ("The event's id, `evt_…`.", {"type": "string", "minLength": 1, "maxLength": 40}),
    "webhook_id": ("The webhook's id, `whk_…`.", {"type": "string", "minLength": 1, "maxLength": 40}),
}
DRY_RUN = Query("dry_run", "Issues nothing and says what would be.", {"type": "boolean", "default": False})
DUPLICATE = Query(
    "allow_duplicate", "Permits a second credential for the same work.", {"type": "boolean", "default": False}
)
PAGE = (
    Query("after", "The `next` of the page before."),
    (LIMIT := Query("limit", "How many items.", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50})),
)
EVENTS_AFTER = (
    Query("after", "The `cursor` of an answer before, or `latest`: from now on."),
    LIMIT,
    Query(
        "wait",
        "For how many seconds an empty answer is held back, until something happens.",
        {"type": "integer", "minimum": 0, "maximum": 25, "default": 0},
    ),
)
DELIVERY_STATE = Query("state", "Only in this state.", {"enum": ["waiting", "delivered", "dead"]})
FILTERS = (
    Query("issuer", "Only of this issuer (short name).", SLUG),
    Query("state", "Only in this state.", {"enum": ["current", "withdrawn"]}),
    Query("record", "Only with this id of yours."),
    Query("since", "Only issued at this moment or later.", {"type": "string", "format": "date-time"}),
    Query("email", "Only of the intern with this address."),
)
ANSWERS = (
    Query("state", "Only with this answer.", {"enum": ["asked", "allowed", "refused", "taken-back"]}),
    Query("email", "Only of the person with this address."),
)
REFERENCES_BY = (
    Query("credential", "Only about this credential (UUID or URL)."),
    Query("state", "Only in this state.", {"enum": list(get_args(reference_shapes.ReferenceState))}),
)

_ISSUING = (
    "completion-refused",
    "grant-refused",
    "issuer-not-allowed",
    "issuer-closed",
    "other-custody",
    "duplicate-completion",
)
_KEYED = ("idempotency-key-missing", "idempotency-key-reused", "unavailable")
# Of a body that holds nothing, or is not there.
_EMPTY = ("webhook-refused", "unreadable-body", "unsupported-media-type", "body-too-large")
_OF_ISSUER = ("reference-custody", "reference-limit", "issuer-closed", "not-in-test-mode")
_REFERRING = ("completion-refused", "grant-refused", "not-found", "already-withdrawn", "too-many-requests", *_OF_ISSUER)
_SIGNED_ELSEWHERE = ("signature-refused", "completion-refused", "unavailable")
# Chapters of the description.
CREDENTIALS, ISSUERS, GRANTS, REFERENCES = "Credentials", "Issuers", "Grants of interns", "References"
VCALM, SELF = "VCALM", "This API"
PLUGINS, HELD = "Records for a plugin", "Issuers that hold their own key"
EVENTS, WEBHOOKS, KEYS = "Events", "Webhooks", "API keys"

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("POST", "/api/v1/credentials"): Operation(
        CREDENTIALS,
        takes=Completion,
        gives=shapes.IssuedCredential,
        statuses=(201,),
        query=(DUPLICATE,),
        idempotency="required",
        refusals=(*_ISSUING, *_KEYED),
    ),
    ("GET", "/api/v1/credentials"): Operation(
        CREDENTIALS, lists=shapes.IssuedCredential, query=FILTERS, refusals=("issuer-not-allowed",)
    ),
    ("GET", "/api/v1/credentials/{credential_id}"): Operation(
        CREDENTIALS, gives=shapes.IssuedCredential, reads_again=True
    ),
    ("POST", "/api/v1/credentials/{credential_id}/withdraw"): Operation(
        CREDENTIALS,
        takes=shapes.Withdrawal,
        gives=shapes.IssuedCredential,
        refusals=("completion-refused", "already-withdrawn", "unavailable"),
    ),
    ("POST", "/api/v1/credentials/{credential_id}/replace"): Operation(
        CREDENTIALS,
        takes=shapes.Replacement,
        gives=shapes.IssuedCredential,
        statuses=(200, 201),
        idempotency="required",
        refusals=(*_ISSUING, *_KEYED, "already-replaced", "already-withdrawn"),
    ),
    ("GET", "/api/v1/issuers"): Operation(ISSUERS, lists=shapes.Issuer),
    ("GET", "/api/v1/issuers/{slug}"): Operation(ISSUERS, gives=shapes.Issuer, reads_again=True),
    ("PUT", "/api/v1/issuers/{slug}/vouching"): Operation(
        ISSUERS, takes=shapes.Vouching, gives=shapes.Vouching, refusals=("already-vouched",)
    ),
    ("POST", "/api/v1/grants"): Operation(
        GRANTS,
        takes=shapes.Question,
        gives=shapes.Grant,
        refusals=("completion-refused", "not-in-test-mode", "too-many-requests", "unavailable"),
    ),
    ("GET", "/api/v1/grants"): Operation(GRANTS, lists=shapes.Grant, query=ANSWERS),
    ("GET", "/api/v1/grants/{asked}"): Operation(GRANTS, gives=shapes.Grant, reads_again=True),
    ("DELETE", "/api/v1/grants/{asked}"): Operation(
        GRANTS, gives=shapes.Grant, refusals=("unreadable-body", "unsupported-media-type", "body-too-large")
    ),
    ("POST", "/api/v1/references"): Operation(
        REFERENCES,
        takes=reference_shapes.ReferenceQuestion,
        gives=reference_shapes.Reference,
        statuses=(201,),
        idempotency="required",
        refusals=(*_REFERRING, *_KEYED),
    ),
    ("GET", "/api/v1/references"): Operation(REFERENCES, lists=reference_shapes.Reference, query=REFERENCES_BY),
    ("GET", "/api/v1/references/{reference_id}"): Operation(
        REFERENCES, gives=reference_shapes.Reference, reads_again=True
    ),
    ("DELETE", "/api/v1/references/{reference_id}"): Operation(
        REFERENCES,
        gives=reference_shapes.Reference,
        refusals=("reference-answered", "unreadable-body", "unsupported-media-type", "body-too-large"),
    ),
    ("GET", "/api/v1/key"): Operation(KEYS, gives=platform_shapes.ApiKey),
    ("GET", "/api/v1/events"): Operation(
        EVENTS, gives=platform_shapes.Events, query=EVENTS_AFTER, refusals=("too-many-waiting",)
    ),
    ("GET", "/api/v1/events/{event_id}"): Operation(EVENTS, gives=platform_shapes.Event, reads_again=True),
    ("POST", "/api/v1/events/{event_id}/replay"): Operation(
        EVENTS,
        takes=platform_shapes.Replay,
        body_is_optional=True,
        gives=platform_shapes.Replayed,
        statuses=(202,),
        refusals=("webhook-refused", "webhook-off"),
    ),
    ("POST", "/api/v1/webhooks"): Operation(
        WEBHOOKS,
        takes=platform_shapes.NewWebhook,
        gives=platform_shapes.WebhookWithSecret,
        statuses=(201,),
        idempotency="required",
        refusals=("webhook-refused", "webhook-limit", *_KEYED),
    ),
    ("GET", "/api/v1/webhooks"): Operation(WEBHOOKS, gives=platform_shapes.Webhooks),
    ("GET", "/api/v1/webhooks/{webhook_id}"): Operation(WEBHOOKS, gives=platform_shapes.Webhook, reads_again=True),
    ("PATCH", "/api/v1/webhooks/{webhook_id}"): Operation(
        WEBHOOKS,
        takes=platform_shapes.WebhookChange,
        gives=platform_shapes.Webhook,
        refusals=("webhook-refused",),
    ),
    ("DELETE", "/api/v1/webhooks/{webhook_id}"): Operation(WEBHOOKS, statuses=(204,), refusals=_EMPTY),
    ("POST", "/api/v1/webhooks/{webhook_id}/roll"): Operation(
        WEBHOOKS,
        takes=platform_shapes.Roll,
        body_is_optional=True,
        gives=platform_shapes.WebhookWithSecret,
        idempotency="required",
        refusals=("webhook-refused", *_KEYED),
    ),
    ("POST", "/api/v1/webhooks/{webhook_id}/test"): Operation(
        WEBHOOKS,
        gives=platform_shapes.TestSent,
        statuses=(202,),
        refusals=("webhook-off", "too-many-requests", *_EMPTY),
    ),
    ("GET", "/api/v1/webhooks/{webhook_id}/deliveries"): Operation(
        WEBHOOKS, gives=platform_shapes.Deliveries, query=(DELIVERY_STATE, *PAGE)
    ),
    ("POST", "/api/v1/plugins/{plugin}/records"): Operation(
        PLUGINS,
        takes=shapes.Record,
        gives=shapes.IssuedCredential,
        statuses=(201,),
        other={200: shapes.Results},
        query=(DRY_RUN,),
        refusals=(*_ISSUING, "idempotency-key-reused", "record-refused", "completion-objected", "plugin-fault"),
    ),
    ("POST", "/api/v1/reservations"): Operation(
        HELD,
        takes=Completion,
        gives=shapes.Reservation,
        statuses=(201,),
        query=(DUPLICATE,),
        idempotency="required",
        refusals=(*_ISSUING, *_KEYED, "no-active-key"),
    ),
    ("POST", "/api/v1/reservations/{reservation_id}/submit"): Operation(
        HELD,
        takes=shapes.Document,
        gives=shapes.IssuedCredential,
        statuses=(201,),
        refusals=(
            *(*_SIGNED_ELSEWHERE, "reservation-expired", "reservation-used", "status-list-due", "issuer-closed"),
            "grant-refused",
        ),
    ),
    ("GET", "/api/v1/issuers/{slug}/status-lists/unsigned"): Operation(
        HELD, gives=shapes.DueLists, refusals=("other-custody", "unavailable")
    ),
    ("PUT", "/api/v1/issuers/{slug}/status-lists/{list_id}"): Operation(
        HELD,
        takes=shapes.Document,
        gives=shapes.ListTaken,
        refusals=(*_SIGNED_ELSEWHERE, "status-list-changed", "other-custody"),
    ),
    ("POST", "/credentials/verify"): Operation(
        VCALM, takes=shapes.VerifyCredential, gives=shapes.VerifyResult, other={400: shapes.VerifyResult}
    ),
    ("POST", "/presentations/verify"): Operation(
        VCALM, takes=shapes.VerifyPresentation, gives=shapes.VerifyResult, other={400: shapes.VerifyResult}
    ),
    ("POST", "/credentials/issue"): Operation(
        VCALM,
        takes=shapes.IssueRequest,
        gives=shapes.Issued,
        statuses=(201,),
        idempotency="optional",
        refusals=(*_ISSUING, *_KEYED, "credential-refused", "wrong-mode"),
    ),
    ("POST", "/credentials/status"): Operation(
        VCALM,
        takes=shapes.StatusRequest,
        gives=shapes.IssuedCredential,
        refusals=("not-found", "completion-refused", "already-withdrawn", "unavailable"),
    ),
    ("GET", "/status-lists/{list_id}"): Operation(
        VCALM, gives=shapes.Document, media_types=SIGNED, reads_again=True, is_limited=False
    ),
    ("GET", "/api/v1/openapi.json"): Operation(SELF, gives=dict[str, Any], reads_again=True),
}
