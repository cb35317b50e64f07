"""The database, SQLite or PostgreSQL: ``engine_from_url`` → ``bind`` → ``open`` → ``migrate_forwards`` → ``tx()``."""

from verify.database.binding import bind
from verify.database.engine import Engine, engine_from_url
from verify.database.errors import TransactionFailed, TransactionMisused, UniqueViolation
from verify.database.migrating import migrate_forwards
from verify.database.transaction import after_commit, in_transaction, tx

__all__ = [
    "Engine",
    "TransactionFailed",
    "TransactionMisused",
    "UniqueViolation",
    "after_commit",
    "bind",
    "engine_from_url",
    "in_transaction",
    "migrate_forwards",
    "tx",
]
