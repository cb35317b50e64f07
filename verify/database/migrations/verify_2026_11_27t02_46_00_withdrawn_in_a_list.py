"""Which indexes of a status list are withdrawn, read without opening the credentials of that list."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from verify.database.migrating import run_sql

ID = "2026-11-27T02:46:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "index for the next edition of a status list"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="verify", description=DESCRIPTION)

    async def run() -> None:
        await run_sql("CREATE INDEX credential_in_list ON credential (status_list, state, status_index)")

    manager.add_raw(run)
    return manager
