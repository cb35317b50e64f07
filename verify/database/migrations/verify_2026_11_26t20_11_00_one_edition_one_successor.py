"""One edition of each number, and one successor of a credential."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from verify.database.migrating import run_sql

ID = "2026-11-26T20:11:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "unique indexes of editions and successors"

STATEMENTS = (
    "CREATE UNIQUE INDEX credential_edition_number ON credential_edition (credential, number)",
    "CREATE UNIQUE INDEX credential_replaces ON credential (replaces)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="verify", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await run_sql(statement)

    manager.add_raw(run)
    return manager
