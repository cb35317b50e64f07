"""One open proof of an issuer for one domain at a time; the same domain may be proven by several issuers."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from verify.database.migrating import run_sql

ID = "2026-11-26T20:07:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "unique index of domain proofs"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="verify", description=DESCRIPTION)

    async def run() -> None:
        await run_sql("CREATE UNIQUE INDEX domain_proof_open ON domain_proof (issuer, domain) WHERE ended_at IS NULL")

    manager.add_raw(run)
    return manager
