"""Partners that deliver completions for issuers, and the keys that let them in."""

from piccolo.columns import ForeignKey, Serial, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from verify.issuers.tables import Issuer


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
