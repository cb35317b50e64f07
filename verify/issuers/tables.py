"""Organisations that sign, the keys they sign with, and the people who act for them."""

from piccolo.columns import Bytea, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from verify.people.tables import Person
from verify.trail.tables import ALL


class Issuer(Table):
    """An organisation in whose name credentials are signed. ``did`` never changes, ``vouched_by`` names a platform.

    ``custody`` says who holds its private keys, and never changes either: ``issuer`` for the issuer itself, null for
    this service.
    """

    slug = Varchar(48, primary_key=True, default=None)
    did = Varchar(300, unique=True)
    name = Varchar(200)
    url = Varchar(500, null=True, default=None)
    description = Text(null=True, default=None)
    vouched_by = Varchar(200, null=True, default=None)
    custody = Varchar(10, null=True, default=None)
    created_at = Timestamptz(default=None, null=False)


class IssuerKey(Table):
    """A signing key. ``id`` is the public key (Multikey), ``wrapped`` the private one under the key-encryption key.

    ``wrapped`` is empty where the private key is not here: an issuer that holds its own keys.
    ``state`` is ``active`` (signs) or ``retired`` (still verifies). Exactly one key of an issuer is active.
    """

    id = Varchar(80, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict)
    purpose = Varchar(20)
    state = Varchar(12)
    wrapped = Bytea()
    created_at = Timestamptz(default=None, null=False)


class KeyChallenge(Table):
    """What somebody who wants to register a key of hers has to sign, once, before it ends. ``id`` is the challenge."""

    UNTRACKED = ALL

    id = Varchar(64, primary_key=True, default=None)
    slug = Varchar(48)
    did = Varchar(300)
    ends_at = Timestamptz(default=None, null=False)
    used_at = Timestamptz(null=True, default=None)


class KeyDocument(Table):
    """The DID document of an issuer that publishes it on a web domain of its own, as it was last fetched from there.

    There is a row for each such issuer. Not in the audit trail, because it changes when the issuer changes it.
    """

    UNTRACKED = ALL

    did = Varchar(300, primary_key=True, default=None)
    document = Bytea()
    fetched_at = Timestamptz(default=None, null=False)


class Membership(Table):
    """What a person is to an issuer, from when to when. Unique by migration: (issuer, person) among those not ended."""

    id = Varchar(36, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    role = Varchar(10)
    created_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(null=True, default=None)
