from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from verify.database.migrating import run_sql

ID = "2026-11-23T11:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "One slot per position of a list; the shape of every hand-written migration"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="notes", description=DESCRIPTION)

    async def run() -> None:
        await run_sql("CREATE UNIQUE INDEX slot_list_name_position ON slot (list_name, position)")
        await run_sql("CREATE INDEX note_author ON note (author) WHERE author <> ''", only="postgres")

    manager.add_raw(run)
    return manager
