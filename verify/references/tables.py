"""References: asked for, answered, signed; the links in their mails; the mailboxes that want none."""

from piccolo.columns import Bytea, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from verify.credentials.tables import Credential, StatusPlace
from verify.platforms.tables import Platform


class Reference(Table):
    """One reference, from the question to what the referee signed.

    ``state``: ``asked`` → ``signing`` (answered, and all that signing needs is set aside) → ``signed``; or from asked
    ``declined``, ``cancelled`` (by the platform), ``expired``. Whether a signed one is withdrawn is told by its
    ``place`` alone, and whether it is shown by ReferenceShowing.

    ``mailbox`` is the SHA-256 of the referee's address; the address itself goes once she has answered. ``document`` is
    what was signed, byte for byte. Unique by migration: (credential, mailbox) but for those cancelled or expired, and
    (platform, idempotency_key).
    """

    id = Varchar(36, primary_key=True, default=None)
    credential = ForeignKey(Credential, null=False, on_delete=OnDelete.restrict)
    platform = ForeignKey(Platform, null=False, on_delete=OnDelete.restrict)
    mailbox = Varchar(64)
    email = Varchar(254, null=True, default=None)
    domain = Varchar(254)
    name = Varchar(100)
    role = Varchar(100)
    state = Varchar(10)
    idempotency_key = Varchar(255)
    body_sha256 = Varchar(64)
    asked_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    reminded_at = Timestamptz(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)
    relation = Varchar(12, null=True, default=None)
    statement = Text(null=True, default=None)
    place = ForeignKey(StatusPlace, null=True, default=None, on_delete=OnDelete.restrict)
    document = Bytea(null=True, default=None)


class ReferenceShowing(Table):
    """Since when the intern shows a reference; null while she hides it.

    A row of its own, in the trail of the service, because her choice is none of her employer's business.
    """

    id = Varchar(36, primary_key=True, default=None)
    reference = ForeignKey(Reference, unique=True, null=False, on_delete=OnDelete.restrict)
    shown_at = Timestamptz(null=True, default=None)


class ReferenceLink(Table):
    """A link in a mail to a referee: only the SHA-256 (hex) of its secret is kept. Each mail has its own."""

    sha256 = Varchar(64, primary_key=True, default=None)
    reference = ForeignKey(Reference, null=False, on_delete=OnDelete.restrict, index=True)
    created_at = Timestamptz(default=None, null=False)


class QuietMailbox(Table):
    """A mailbox (SHA-256 of its address) that wants no questions for references any more."""

    id = Varchar(36, primary_key=True, default=None)
    mailbox = Varchar(64, unique=True)
    since = Timestamptz(default=None, null=False)
