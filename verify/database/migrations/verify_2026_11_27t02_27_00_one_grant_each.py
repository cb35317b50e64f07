"""One grant of a person to each grantee; whose portfolio was published before there were grants has allowed what is on it."""

import hashlib

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

from verify.database.migrating import run_sql

ID = "2026-11-27T02:27:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "unique index of grants, and those of portfolios published before"

GRANTEE = "CASE WHEN c.platform = 'console' THEN 'own.' || c.issuer ELSE c.platform END"
LONG = "SELECT DISTINCT issuer FROM credential WHERE platform = 'console' AND length(issuer) > 44"

BACKFILL = f"""
INSERT INTO record_grant (id, person, grantee, email, state, asked_at, invited_at, decided_at, used_at)
SELECT {{id}}, c.person, {GRANTEE}, p.email, 'allowed',
       MIN(c.issued_at), MIN(c.issued_at), MIN(c.issued_at), MAX(c.issued_at)
FROM credential c
JOIN profile s ON s.person = c.person AND s.published
JOIN person p ON p.id = c.person
WHERE c.issued_at IS NOT NULL
GROUP BY c.person, {GRANTEE}, p.email
"""  # noqa: S608 - no part of it comes from outside


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="verify", description=DESCRIPTION)

    async def run() -> None:
        await run_sql("CREATE UNIQUE INDEX record_grant_person_grantee ON record_grant (person, grantee)")
        await run_sql(BACKFILL.format(id="lower(hex(randomblob(16)))"), only="sqlite")
        await run_sql(BACKFILL.format(id="md5(random()::text || c.person)"), only="postgres")
        engine = engine_finder()
        assert engine is not None, "a migration runs on one"
        for row in await engine.run_ddl(LONG):  # neither engine can hash alike
            whole = f"own.{row['issuer']}"
            cut = f"{whole[:39]}.{hashlib.sha256(row['issuer'].encode()).hexdigest()[:8]}"
            # A short name is lower-case letters, digits and hyphens.
            await run_sql(f"UPDATE record_grant SET grantee = '{cut}' WHERE grantee = '{whole}'")  # noqa: S608

    manager.add_raw(run)
    return manager
