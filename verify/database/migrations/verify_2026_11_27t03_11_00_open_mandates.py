"""A mandate may be given again after it ended; an organisation has one platform; a key is rolled once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from verify.database.migrating import run_sql

ID = "2026-11-27T03:11:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "unique indexes of mandates, platforms and API keys"

STATEMENTS = (
    "DROP INDEX mandate_pair",
    "CREATE UNIQUE INDEX mandate_open ON mandate (platform, issuer) WHERE ended_at IS NULL",
    "CREATE UNIQUE INDEX platform_organisation ON platform (organisation)",
    "CREATE UNIQUE INDEX api_key_replaces ON api_key (replaces)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="verify", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await run_sql(statement)

    manager.add_raw(run)
    return manager
