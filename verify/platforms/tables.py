"""Partners that deliver completions for issuers, and the keys that let them in."""

from piccolo.columns import Date, ForeignKey, Serial, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from verify.issuers.tables import Issuer
from verify.people.tables import Person


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
