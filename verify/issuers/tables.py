"""Organisations that sign, the keys they sign with, and the people who act for them."""

from piccolo.columns import Bytea, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from verify.people.tables import Person


class Issuer(Table):
    """An organisation in whose name credentials are signed. ``did`` never changes, ``vouched_by`` names a platform."""

    slug = Varchar(48, primary_key=True, default=None)
    did = Varchar(300, unique=True)
    name = Varchar(200)
    url = Varchar(500, null=True, default=None)
    description = Text(null=True, default=None)
    vouched_by = Varchar(200, null=True, default=None)
    created_at = Timestamptz(default=None, null=False)


class IssuerKey(Table):
    """A signing key. ``id`` is the public key (Multikey), ``wrapped`` the private one under the key-encryption key.

    ``state`` is ``active`` (signs) or ``retired`` (still verifies). Exactly one key of an issuer is active.
    """

    id = Varchar(80, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict)
    purpose = Varchar(20)
    state = Varchar(12)
    wrapped = Bytea()
    created_at = Timestamptz(default=None, null=False)


class Membership(Table):
    """What a person is to an issuer, from when to when. Unique by migration: (issuer, person) among those not ended."""

    id = Varchar(36, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    role = Varchar(10)
    created_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(null=True, default=None)
