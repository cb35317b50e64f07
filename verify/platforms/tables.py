"""Partners that deliver completions for issuers, the keys that let them in, and what they are told of events."""

from piccolo.columns import BigInt, Bytea, Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from verify.issuers.tables import Issuer
from verify.people.tables import Person
from verify.trail.tables import ALL


class Platform(Table):
    """A partner, for example a careers service.

    ``organisation`` is the issuer whose admins look after it, null where only the operator does. Unique by migration.
    """

    slug = Varchar(48, primary_key=True, default=None)
    name = Varchar(200)
    url = Varchar(500, null=True, default=None)
    organisation = ForeignKey(Issuer, null=True, default=None, on_delete=OnDelete.restrict)
    created_at = Timestamptz(default=None, null=False)


class Mandate(Table):
    """Permission of a platform to deliver for an issuer, from when to when.

    Unique by migration: (platform, issuer) among those not ended.
    """

    id: Serial
    platform = ForeignKey(Platform, null=False, on_delete=OnDelete.restrict)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict)
    created_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(null=True, default=None)


class ApiKey(Table):
    """A platform's API key: only its SHA-256 (hex) is kept, and the first characters to recognise it by.

    ``mode`` is ``test`` or ``live``; ``scopes``, ``issuers`` (short names) and ``addresses`` (networks) are words with
    spaces between. Null is: live, every scope, every issuer of the platform's mandates, every address, as in keys from
    before there were these. ``replaces`` is the key that was rolled into this one (unique by migration), ``made_by``
    the member who made it. ``last_used_on`` is a day in UTC, noted once a day, which is no act.
    """

    UNTRACKED = frozenset({"last_used_on"})

    sha256 = Varchar(64, primary_key=True, default=None)
    platform = ForeignKey(Platform, null=False, on_delete=OnDelete.restrict)
    hint = Varchar(16)
    name = Varchar(80, null=True, default=None)
    mode = Varchar(4, null=True, default=None)
    scopes = Text(null=True, default=None)
    issuers = Text(null=True, default=None)
    addresses = Text(null=True, default=None)
    replaces = Varchar(64, null=True, default=None)
    made_by = ForeignKey(Person, null=True, default=None, on_delete=OnDelete.restrict)
    last_used_on = Date(null=True, default=None)
    created_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)


class Event(Table):
    """Something that a platform is told. ``id`` is ``evt_…``, ``body`` the JSON exactly as it is read and sent.

    ``position`` counts the events of the platform (EventHead), in the order of their commits. ``issuer`` is empty for
    what is about no issuer. Unique by migration: (platform, position). It tells of acts that stand in the trail
    themselves, and goes after ninety days.
    """

    UNTRACKED = ALL

    id = Varchar(40, primary_key=True, default=None)
    platform = ForeignKey(Platform, null=False, on_delete=OnDelete.restrict)
    position = BigInt()
    mode = Varchar(4, default="live")  # live, test
    type = Varchar(40)
    issuer = Varchar(48, null=True, default=None)
    body = Text()
    created_at = Timestamptz(default=None, null=False, index=True)


class EventHead(Table):
    """How many events a platform has had."""

    UNTRACKED = ALL

    platform = Varchar(48, primary_key=True, default=None)
    position = BigInt(default=0)


class Webhook(Table):
    """An address of a platform to which its events are sent. ``id`` is ``whk_…``.

    ``types`` and ``issuers`` are JSON arrays that narrow what is sent, null for no narrowing. ``state``: ``on``,
    ``off`` (by its owner, or by itself: then ``why_off`` is ``gone`` or ``failing``), ``removed``. Between two
    successes ``failing_since`` is when it failed first, which is no act.
    """

    UNTRACKED = frozenset({"failing_since"})

    id = Varchar(40, primary_key=True, default=None)
    platform = ForeignKey(Platform, null=False, on_delete=OnDelete.restrict, index=True)
    mode = Varchar(4, default="live")
    url = Varchar(500)
    description = Varchar(200, null=True, default=None)
    types = Text(null=True, default=None)
    issuers = Text(null=True, default=None)
    state = Varchar(8)
    why_off = Varchar(8, null=True, default=None)
    created_at = Timestamptz(default=None, null=False)
    off_at = Timestamptz(null=True, default=None)
    failing_since = Timestamptz(null=True, default=None)


class WebhookSecret(Table):
    """A secret that the deliveries of a webhook are signed with, wrapped under the key-encryption key.

    The newest has no ``ends_at``; one before it signs beside it until then. Ended ones are emptied. The request that
    made it is remembered, so that it gives the same secret again. Unique by migration: (platform, idempotency_key).
    """

    id = Varchar(36, primary_key=True, default=None)
    webhook = ForeignKey(Webhook, null=False, on_delete=OnDelete.restrict, index=True)
    platform = ForeignKey(Platform, null=False, on_delete=OnDelete.restrict)
    wrapped = Bytea()
    idempotency_key = Varchar(255)
    body_sha256 = Varchar(64)
    created_at = Timestamptz(default=None, null=False)
    ends_at = Timestamptz(null=True, default=None)


class Delivery(Table):
    """One event on its way to one webhook. Unique by migration: (event, webhook).

    ``state``: ``waiting`` → ``delivered`` or ``dead``; a replay makes it wait again. ``due_at`` is when it may be tried
    next. A worker has it in hand until ``leased_until``; if that passes, the worker has died, and another one takes
    it. ``tries`` counts since it was written, or replayed last.
    """

    UNTRACKED = ALL

    id: Serial
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    webhook = ForeignKey(Webhook, null=False, on_delete=OnDelete.restrict)
    state = Varchar(10)
    tries = Integer(default=0)
    due_at = Timestamptz(default=None, null=False)
    leased_until = Timestamptz(null=True, default=None)
    fault = Varchar(200, null=True, default=None)
    created_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(null=True, default=None)


class Attempt(Table):
    """One try to deliver. ``status`` is what the receiver answered, ``answer`` how that began; ``fault`` why it failed.

    ``answer`` is a stranger's text, at most 500 characters of it.
    """

    UNTRACKED = ALL

    id: Serial
    delivery = ForeignKey(Delivery, null=False, on_delete=OnDelete.cascade, index=True)
    at = Timestamptz(default=None, null=False)
    milliseconds = Integer()
    status = Integer(null=True, default=None)
    fault = Varchar(200, null=True, default=None)
    answer = Text(null=True, default=None)


class Grant(Table, tablename="record_grant"):
    """What a person answered to somebody who wants to add to her record. One row per pair (unique index by migration).

    ``grantee`` is the short name of a platform; an organisation's own need not be made yet (granting.py).
    ``state``: ``asked`` → ``allowed`` ⇄ ``taken-back``, or ``asked`` → ``refused`` → ``allowed``; a platform can give
    its permission up, which ends it alike. ``email`` is the address under which it asked, the only one it may be told.
    Not in the audit trail, because a person can have it erased; the acts are.
    """

    UNTRACKED = ALL

    id = Varchar(36, primary_key=True, default=None)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.cascade)
    grantee = Varchar(64, index=True)
    email = Varchar(254)
    state = Varchar(10)
    asked_at = Timestamptz(default=None, null=False)
    invited_at = Timestamptz(null=True, default=None)
    reminded_at = Timestamptz(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    used_at = Timestamptz(null=True, default=None)
