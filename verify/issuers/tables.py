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


class Invitation(Table):
    """A member-to-be. ``id`` is the SHA-256 (hex) of the secret in the link; it is bound to ``address`` (normal form).

    It can be accepted once, by whoever is signed in with that address; ``ended_at`` is when it was taken back.
    """

    id = Varchar(64, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict, index=True)
    address = Varchar(254)
    role = Varchar(10)
    invited_by = ForeignKey(Person, null=False, on_delete=OnDelete.restrict)
    created_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    accepted_by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    accepted_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)


class Proposal(Table):
    """What one member wants to do and a second one must agree to. ``act`` names it, ``body`` is its JSON.

    ``decision`` is ``approved`` or ``refused``, by ``decided_by``, who is not ``proposed_by``.
    """

    id = Varchar(36, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict, index=True)
    act = Varchar(48)
    body = Text()
    proposed_by = ForeignKey(Person, null=False, on_delete=OnDelete.restrict)
    created_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    decided_by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    decided_at = Timestamptz(null=True, default=None)
    decision = Varchar(10, null=True, default=None)
