"""The digest of a database row: what the trail keeps of it, so that a later change is found (SEC-205)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from piccolo.table import Table

from verify.trail.tables import ALL


def untracked(table: type[Table]) -> frozenset[str]:
    """The columns of ``table`` that change without an act, by its own statement ``UNTRACKED``; ALL for the whole."""
    return frozenset(getattr(table, "UNTRACKED", ()))


def tracked_columns(table: type[Table]) -> list[str]:
    """The columns of ``table`` that a digest covers, in the order of their names."""
    left_out = untracked(table)
    if left_out == ALL:
        return []
    return sorted(column._meta.name for column in table._meta.columns if column._meta.name not in left_out)


def digest(table: type[Table], row: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the tracked columns of ``row``, the same on every database engine.

    Columns without a value are left out, so that a migration may add a column that may be null.
    """
    members = [[name, _plain(row[name])] for name in tracked_columns(table) if row[name] is not None]
    return hashlib.sha256(msgspec.json.encode([table._meta.tablename, members])).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, datetime):
        return round(value.timestamp() * 1_000_000)
    return value
