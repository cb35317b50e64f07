"""Organisations that sign, the keys they sign with, and the people who act for them."""

from piccolo.columns import Bytea, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from verify.people.tables import Person


class Issuer(Table):
    """An organisation in whose name credentials are signed. ``did`` never changes, ``vouched_by`` names a platform.

    From ``closed_at`` on nothing is issued in its name any more.
    """

    slug = Varchar(48, primary_key=True, default=None)
    did = Varchar(300, unique=True)
    name = Varchar(200)
    url = Varchar(500, null=True, default=None)
    description = Text(null=True, default=None)
    vouched_by = Varchar(200, null=True, default=None)
    created_at = Timestamptz(default=None, null=False)
    closed_at = Timestamptz(null=True, default=None)


class IssuerKey(Table):
    """A signing key. ``id`` is the public key (Multikey), ``wrapped`` the private one under the key-encryption key.

    ``purpose`` is ``credentials`` or ``status``, ``state`` one of key_states.py. Of an issuer and purpose at most
    one key is active and one pending. A pending key becomes active from ``due_at`` on; ``changed_at`` is when its state
    changed last. A key is not to be trusted from ``compromised_since`` on. A trigger lets ``state`` move only as
    key_states.py says.
    """

    id = Varchar(80, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict)
    purpose = Varchar(20)
    state = Varchar(12)
    wrapped = Bytea()
    created_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(null=True, default=None)
    changed_at = Timestamptz(null=True, default=None)
    compromised_since = Timestamptz(null=True, default=None)


class DidVersion(Table):
    """A DID document that an issuer had from ``created_at`` on. ``id`` is ``slug:number``; numbers count from 1.

    Rows are never changed. ``sha256`` is that of ``document``; ``previous`` the link to the version before, the hash of
    did_history.entry_hash, 64 zeros for the first.
    """

    id = Varchar(60, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict, index=True)
    number = Integer()
    document = Bytea()
    sha256 = Varchar(64)
    previous = Varchar(64)
    created_at = Timestamptz(default=None, null=False)


class Membership(Table):
    """What a person is to an issuer, from when to when. Unique by migration: (issuer, person) among those not ended."""

    id = Varchar(36, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    role = Varchar(10)
    created_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(null=True, default=None)
