"""A referee is asked once about a credential, a request asks once, and a place in a status list is taken once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from verify.database.migrating import run_sql

ID = "2026-11-27T05:11:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of references"

INDEXES = (
    "CREATE UNIQUE INDEX status_place_list_index ON status_place (status_list, status_index)",
    "CREATE UNIQUE INDEX reference_credential_mailbox ON reference (credential, mailbox) "
    "WHERE state NOT IN ('cancelled', 'expired')",
    "CREATE UNIQUE INDEX reference_request ON reference (platform, idempotency_key)",
    "CREATE INDEX reference_listed ON reference (platform, asked_at, id)",
    "CREATE INDEX reference_open ON reference (state, asked_at) WHERE state IN ('asked', 'signing')",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="verify", description=DESCRIPTION)

    async def run() -> None:
        for statement in INDEXES:
            await run_sql(statement)

    manager.add_raw(run)
    return manager
