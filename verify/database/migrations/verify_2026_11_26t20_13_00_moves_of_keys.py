"""A key moves from state to state only as verify/issuers/key_states.py says, whoever writes the row; one at most waits."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from verify.database.migrating import run_sql

ID = "2026-11-26T20:13:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "allowed moves of keys"

MOVES = (
    "pending>active", "pending>retired", "pending>compromised", "pending>destroyed",
    "active>retiring", "active>compromised", "active>destroyed",
    "retiring>retired", "retiring>compromised", "retiring>destroyed",
    "retired>compromised", "retired>destroyed",
    "compromised>destroyed", "destroyed>compromised",
)  # fmt: skip
FORBIDDEN = (
    "(OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ("
    + ", ".join(f"'{move}'" for move in MOVES)
    + ")) OR (NEW.state = 'active' AND NEW.compromised_since IS NOT NULL)"
)
SQLITE = f"""
CREATE TRIGGER issuer_key_move BEFORE UPDATE ON issuer_key WHEN {FORBIDDEN}
BEGIN SELECT RAISE(ABORT, 'issuer_key: this move is not allowed'); END
"""
POSTGRES = (
    f"""
CREATE FUNCTION issuer_key_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {FORBIDDEN} THEN RAISE EXCEPTION 'issuer_key: this move is not allowed' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$
""",
    "CREATE TRIGGER issuer_key_move BEFORE UPDATE ON issuer_key FOR EACH ROW EXECUTE FUNCTION issuer_key_move()",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="verify", description=DESCRIPTION)

    async def run() -> None:
        await run_sql("CREATE UNIQUE INDEX issuer_key_pending ON issuer_key (issuer, purpose) WHERE state = 'pending'")
        await run_sql(SQLITE, only="sqlite")
        for statement in POSTGRES:
            await run_sql(statement, only="postgres")

    manager.add_raw(run)
    return manager
