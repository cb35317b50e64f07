"""Partners that deliver completions for issuers, and the keys that let them in."""

from piccolo.columns import ForeignKey, Serial, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from verify.issuers.tables import Issuer
from verify.people.tables import Person
from verify.trail.tables import ALL


class Platform(Table):
    """A partner, for example a careers service."""

    slug = Varchar(48, primary_key=True, default=None)
    name = Varchar(200)
    url = Varchar(500, null=True, default=None)
    created_at = Timestamptz(default=None, null=False)


class Mandate(Table):
    """Permission of a platform to deliver for an issuer. One row per pair (unique index by migration)."""

    id: Serial
    platform = ForeignKey(Platform, null=False, on_delete=OnDelete.restrict)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict)
    created_at = Timestamptz(default=None, null=False)


class ApiKey(Table):
    """A platform's API key: only its SHA-256 (hex) is kept, and the first characters to recognise it by."""

    sha256 = Varchar(64, primary_key=True, default=None)
    platform = ForeignKey(Platform, null=False, on_delete=OnDelete.restrict)
    hint = Varchar(16)
    created_at = Timestamptz(default=None, null=False)
    revoked_at = Timestamptz(null=True, default=None)


class Grant(Table, tablename="record_grant"):
    """What a person answered to somebody who wants to add to her record. One row per pair (unique index by migration).

    ``grantee`` is ``platform:<slug>``, or ``issuer:<slug>`` for what the members of an issuer issue here themselves.
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
