"""An audit trail that cannot branch, and one membership of a person with an issuer at a time."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from verify.database.migrating import run_sql

ID = "2026-11-26T19:16:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "unique indexes of the audit trail and of memberships"

STATEMENTS = (
    "CREATE UNIQUE INDEX trail_entry_number ON trail_entry (scope, number)",
    "CREATE UNIQUE INDEX membership_pair ON membership (issuer, person) WHERE ended_at IS NULL",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="verify", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await run_sql(statement)

    manager.add_raw(run)
    return manager
