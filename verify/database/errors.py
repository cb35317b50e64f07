"""What can go wrong with a transaction, in the same words on SQLite and on PostgreSQL."""

from __future__ import annotations

import re
import sqlite3

import asyncpg

_SQLITE_DUPLICATES = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}


class UniqueViolation(Exception):
    """A row with the same unique key is already there; every query raises this instead of the driver's own error.

    ``table`` and ``columns`` (in the order of the index) say which key. For an index on an expression SQLite tells only
    its name: then ``constraint`` is set and the others are empty. Message and traceback hold names, never values.
    Inside ``tx()`` it ends the transaction: catch it outside the block, or ask with ``on_conflict`` in the first place.
    """

    def __init__(self, table: str, columns: tuple[str, ...], constraint: str = "") -> None:
        super().__init__(
            f"There is already a row in {table or 'the table'} with the same {', '.join(columns) or constraint}."
        )
        self.table = table
        self.columns = columns
        self.constraint = constraint


class TransactionMisused(RuntimeError):
    """A transaction was nested, or used by another task than the one that opened it: a mistake in the calling code."""


class TransactionFailed(RuntimeError):
    """An earlier statement of the transaction failed, so nothing of it is kept; that error is the ``__cause__``."""


def unique_violation(error: BaseException) -> UniqueViolation | None:
    """Translate a driver's duplicate-key error; None for every other error."""
    if isinstance(error, sqlite3.IntegrityError) and error.sqlite_errorcode in _SQLITE_DUPLICATES:
        # "UNIQUE constraint failed: credential.issuer, credential.external_id" or "… failed: index 'name'"
        names = str(error).partition(": ")[2]
        if names.startswith("index "):
            return UniqueViolation("", (), constraint=names.removeprefix("index ").strip("'"))
        keys = [name.rpartition(".") for name in names.split(", ")]
        return UniqueViolation(keys[0][0], tuple(column for _, _, column in keys))
    if isinstance(error, asyncpg.UniqueViolationError):
        # "Key (issuer, external_id)=(…) already exists." in whatever language the server speaks
        found = re.search(r"\(([^=]*)\)=\(", error.detail or "")
        columns = tuple(name.strip('"') for name in found[1].split(", ")) if found else ()
        return UniqueViolation(error.table_name, columns, constraint=error.constraint_name)
    return None
