"""What a platform delivered, newest first: all of it, of one issuer, withdrawn, of one record, of one person."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from verify.database.migrating import run_sql

ID = "2026-11-27T02:41:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes for lists of what a platform delivered"

STATEMENTS = (
    "CREATE INDEX credential_delivered ON credential (platform, issued_at, id)",
    "CREATE INDEX credential_delivered_issuer ON credential (platform, issuer, issued_at, id)",
    "CREATE INDEX credential_delivered_withdrawn ON credential (platform, issued_at, id) WHERE withdrawn_at IS NOT NULL",
    "CREATE INDEX credential_delivered_record ON credential (platform, record, issued_at, id)",
    "CREATE INDEX credential_delivered_email ON credential (platform, email, issued_at, id)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="verify", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await run_sql(statement)

    manager.add_raw(run)
    return manager
