"""Which columns an audit covers, and which not, table by table: so that nobody takes silence for a promise."""

from __future__ import annotations

from piccolo.table import Table

from verify.database.piccolo_app import APP_CONFIG
from verify.trail.digesting import tracked_columns
from verify.trail.tables import TrailEntry, TrailHead

# Held by the chain itself: every column of these is recomputed, entry by entry.
CHAIN = (TrailEntry, TrailHead)


def tables() -> list[type[Table]]:
    """All tables of the service, by name."""
    return sorted(APP_CONFIG.table_classes, key=lambda table: table._meta.tablename)


def covered(table: type[Table]) -> list[str]:
    """The columns of ``table`` in which a change is found."""
    if table in CHAIN:
        return [column._meta.name for column in table._meta.columns]
    return tracked_columns(table)


def not_covered() -> dict[str, list[str]]:
    """Table name → its columns in which a change is not found; tables that are covered whole are left out."""
    left_out = {}
    for table in tables():
        names = [column._meta.name for column in table._meta.columns]
        if missing := [name for name in names if name not in covered(table)]:
            left_out[table._meta.tablename] = missing
    return left_out
