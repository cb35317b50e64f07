"""The entries of the audit trail, the end of each chain, and the keys that sign entries."""

from piccolo.columns import BigInt, Bytea, Text, Timestamptz, Varchar
from piccolo.table import Table

# A table's own statement UNTRACKED names the columns that change without an act of anybody; ALL is the whole table.
ALL = frozenset({"*"})


class TrailKey(Table):
    """A key that signs entries. ``id`` is the public key (Multikey), ``wrapped`` the private one under the KEK."""

    id = Varchar(80, primary_key=True, default=None)
    wrapped = Bytea()
    created_at = Timestamptz(default=None, null=False)


class TrailHead(Table):
    """The end of the chain of one scope: how many entries it has, and the hash of the last one."""

    scope = Varchar(48, primary_key=True, default=None)
    number = BigInt(default=0)
    hash = Varchar(64)


class TrailEntry(Table):
    """One act. ``body`` is the JSON that was hashed and signed; the other columns repeat of it what is searched by.

    Unique by migration: (scope, number).
    """

    hash = Varchar(64, primary_key=True, default=None)
    scope = Varchar(48)
    number = BigInt()
    act = Varchar(48)
    about = Varchar(120, index=True)
    at = Timestamptz(default=None, null=False)
    body = Text()
    key = Varchar(80)
    signature = Varchar(96)
