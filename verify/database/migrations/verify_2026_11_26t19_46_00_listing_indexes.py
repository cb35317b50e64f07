"""A list of an issuer's credentials, newest first, that is searched without opening the credentials themselves.

The index holds all that a search looks at (at most 2.2 kB an entry; PostgreSQL takes 2.7 kB).
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from verify.database.migrating import run_sql

ID = "2026-11-26T19:46:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes for lists, search and imports"

STATEMENTS = (
    "CREATE INDEX credential_listing ON credential (issuer, reserved_at DESC, id DESC, state, search)",
    "CREATE INDEX credential_record ON credential (issuer, record)",
    "CREATE UNIQUE INDEX import_row_line ON import_row (job, line)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="verify", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await run_sql(statement)

    manager.add_raw(run)
    return manager
