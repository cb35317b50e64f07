"""Events stand in one order, go to a webhook once, and a request makes one secret; what a worker looks for is found."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from verify.database.migrating import run_sql

ID = "2026-11-27T03:48:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of events and webhooks"

INDEXES = (
    "CREATE UNIQUE INDEX event_platform_position ON event (platform, position)",
    "CREATE UNIQUE INDEX delivery_event_webhook ON delivery (event, webhook)",
    "CREATE UNIQUE INDEX webhook_secret_request ON webhook_secret (platform, idempotency_key)",
    "CREATE INDEX delivery_due ON delivery (webhook, due_at) WHERE state = 'waiting'",
    "CREATE INDEX delivery_listed ON delivery (webhook, id)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="verify", description=DESCRIPTION)

    async def run() -> None:
        for statement in INDEXES:
            await run_sql(statement)

    manager.add_raw(run)
    return manager
