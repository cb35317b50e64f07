"""Which engine the tables of this process use: said once, out loud, instead of found through the environment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from piccolo.table import Table

if TYPE_CHECKING:
    from verify.database.engine import Engine

_bound: Engine | None = None


def bind(engine: Engine, tables: Iterable[type[Table]] | None = None) -> None:
    """Make ``tables`` (all tables of the service, if not given) and ``tx()`` use ``engine`` from now on.

    Called once at start, and by tests whenever they want another database. Does not open the engine. Piccolo would
    otherwise import ``piccolo_conf`` at the first query of each table; only its command line still does that.
    """
    global _bound
    if tables is None:
        from verify.database.piccolo_app import APP_CONFIG  # imports all tables, some of which import this package

        tables = APP_CONFIG.table_classes
    for table in tables:
        table._meta.db = engine
    _bound = engine


def find_engine() -> Engine | None:
    """The engine given to ``bind()``, if one was."""
    return _bound


def bound_engine() -> Engine:
    """The engine given to ``bind()``. Raises ``RuntimeError`` before that."""
    if _bound is None:
        raise RuntimeError("No database engine is bound. Call verify.database.bind(engine) at start.")
    return _bound
