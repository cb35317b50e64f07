"""Bring a database to the newest schema: all pending migrations in one transaction, or none of them.

Migrations are Piccolo's: files in ``migrations/``, named and ordered by time, written by
``piccolo migrations new verify --auto`` and then read by a person. What ``--auto`` does not know is written by hand, in
a migration of its own (``piccolo migrations new verify`` makes an empty one)::

    async def forwards() -> MigrationManager:
        manager = MigrationManager(migration_id=ID, app_name="verify", description=DESCRIPTION)

        async def run() -> None:
            await run_sql("CREATE UNIQUE INDEX credential_issuer_external_id ON credential (issuer, external_id)")
            await run_sql("CREATE INDEX … USING gin (…)", only="postgres")

        manager.add_raw(run)
        return manager

* Of its own, because Piccolo runs the raw part of a migration *before* its new tables and columns.
* ``run_sql`` and never ``SomeTable.raw``: a table class remembers the engine of its first query.
* Never ``piccolo.constraints`` and never ``ALTER COLUMN``: SQLite has neither. A unique index does the work of
  ``UNIQUE (a, b)``, also for ``on_conflict``.
* Expand first, contract in a later release: the old version still runs while the new one migrates.
"""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from types import ModuleType
from typing import Literal

from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
from piccolo.apps.migrations.tables import Migration
from piccolo.conf.apps import AppRegistry, Finder
from piccolo.engine import engine_finder

from verify.database.engine import Engine

APP = "verify.database.piccolo_app"
_LOCK = 0x7265666F6C696F  # "refolio": the advisory lock that lets one process at a time migrate a PostgreSQL database

log = logging.getLogger(__name__)


async def migrate_forwards(engine: Engine, *, app: str = APP, show: bool = False) -> None:
    """Run the migrations that ``engine`` has not seen yet; do nothing when there are none.

    ``app`` is the dotted name of a module with an ``APP_CONFIG``. Prints nothing unless ``show``. Any number of
    processes may call this at the same time: one migrates, the others wait for it (on SQLite for up to ten seconds,
    then "database is locked" is raised) and find nothing left to do. Raises what the failing migration raised; the
    database is then as it was before.
    """
    registry = AppRegistry(apps=[app])
    (name,) = registry.app_configs
    output = sys.stdout if show else io.StringIO()
    with _piccolo_uses(engine, registry), redirect_stdout(output):
        # Piccolo's own transactions join this one, so a migration and the note that it ran are kept together.
        async with engine.transaction(allow_nested=False):
            if engine.engine_type == "postgres":
                await engine.run_ddl(f"SELECT pg_advisory_xact_lock({_LOCK})")
            result = await ForwardsMigrationManager(app_name=name).run()
    if not result.success:
        raise RuntimeError(f"The migrations of {name} did not run: {result.message}")
    log.info("Database schema of %s: %s", name, result.message)


async def run_sql(statement: str, *, only: Literal["sqlite", "postgres"] | None = None) -> None:
    """Run one statement inside the migration that is running, on both engines or on one of them."""
    engine = engine_finder()
    if engine is not None and only in (None, engine.engine_type):
        await engine.run_ddl(statement)


@contextmanager
def _piccolo_uses(engine: Engine, registry: AppRegistry) -> Iterator[None]:
    """Answer Piccolo's search for ``piccolo_conf`` with our engine and app for the time of the block.

    Its migration code knows no other way to be told; changing the environment would reach further than this call.
    """
    conf = ModuleType("piccolo_conf")
    conf.__dict__.update(DB=engine, APP_REGISTRY=registry)
    find, table_engine, path = Finder.get_piccolo_conf_module, Migration._meta._db, list(sys.path)
    Finder.get_piccolo_conf_module = lambda self, module_name=None: conf  # type: ignore[assignment,method-assign,return-value]
    Migration._meta._db = engine
    try:
        yield
    finally:
        Finder.get_piccolo_conf_module = find  # type: ignore[method-assign]
        Migration._meta._db = table_engine
        sys.path[:] = path  # Piccolo puts the folder of the migrations in front of it
