"""Credentials, the lists that say which of them are withdrawn, and the requests already answered."""

from piccolo.columns import BigInt, Bytea, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from verify.issuers.tables import Issuer, IssuerKey
from verify.people.tables import Person
from verify.platforms.tables import Platform


class StatusList(Table):
    """A status list of an issuer. ``version`` counts withdrawals, ``document`` holds those up to ``published``.

    ``number`` counts the lists of an issuer from 1. Unique by migration: (issuer, number), so that a burst of first
    requests makes one list and not many small ones, which would single people out.
    """

    id = Varchar(26, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict)
    number = Integer()
    length = Integer()
    version = BigInt(default=0)
    published = BigInt(default=-1)
    document = Bytea(null=True, default=None)
    fresh_until = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=None, null=False)


class Credential(Table):
    """One credential from reservation to withdrawal.

    ``state``: ``reserved`` (nothing signed is known outside) → ``issued`` → ``withdrawn``. A reservation holds all
    that signing needs, so composing it again gives the same bytes. ``document`` is what was signed, byte for
    byte; every other column is an index into it. Unique by migration: (status_list, status_index).
    """

    id = Varchar(36, primary_key=True, default=None)
    state = Varchar(10, index=True)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict)
    platform = ForeignKey(Platform, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    completion = Text()
    salt = Varchar(32)
    key = ForeignKey(IssuerKey, null=False, on_delete=OnDelete.restrict)
    status_list = ForeignKey(StatusList, null=False, on_delete=OnDelete.restrict)
    status_index = Integer()
    natural_key = Varchar(64, unique=True, null=True, default=None)
    achievement = Varchar(32, null=True, default=None, index=True)
    code = Varchar(16, unique=True, null=True, default=None)
    document = Bytea(null=True, default=None)
    reserved_at = Timestamptz(default=None, null=False)
    issued_at = Timestamptz(null=True, default=None)
    withdrawn_at = Timestamptz(null=True, default=None)
    reason = Text(null=True, default=None)


class AnsweredRequest(Table):
    """An Idempotency-Key and what it led to. Unique by migration: (platform, idempotency_key)."""

    id: Serial
    platform = ForeignKey(Platform, null=False, on_delete=OnDelete.restrict)
    idempotency_key = Varchar(255)
    body_sha256 = Varchar(64)
    credential = ForeignKey(Credential, null=False, on_delete=OnDelete.restrict)
    created_at = Timestamptz(default=None, null=False)
