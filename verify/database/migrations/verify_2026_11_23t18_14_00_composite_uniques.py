"""Unique keys of more than one column, which Piccolo's migrations do not know.

No status index is ever used twice, an Idempotency-Key belongs to one request of a platform, a mandate exists once,
and an issuer signs with one key at a time.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from verify.database.migrating import run_sql

ID = "2026-11-23T18:14:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "composite unique indexes"

STATEMENTS = (
    "CREATE UNIQUE INDEX credential_status_index ON credential (status_list, status_index)",
    "CREATE UNIQUE INDEX status_list_number ON status_list (issuer, number)",
    "CREATE UNIQUE INDEX answered_request_key ON answered_request (platform, idempotency_key)",
    "CREATE UNIQUE INDEX mandate_pair ON mandate (platform, issuer)",
    "CREATE UNIQUE INDEX issuer_key_active ON issuer_key (issuer, purpose) WHERE state = 'active'",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="verify", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await run_sql(statement)

    manager.add_raw(run)
    return manager
