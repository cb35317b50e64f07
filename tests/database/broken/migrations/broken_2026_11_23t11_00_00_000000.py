from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from verify.database.migrating import run_sql

ID = "2026-11-23T11:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Fails on every engine, after having done something"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="broken", description=DESCRIPTION)

    async def run() -> None:
        await run_sql("CREATE TABLE quarter (body TEXT)")
        await run_sql("CREATE INDEX nowhere ON no_such_table (body)")

    manager.add_raw(run)
    return manager
