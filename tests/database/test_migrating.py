from __future__ import annotations

import re
import sys
from pathlib import Path

import piccolo.conf.apps
import pytest

from tests.database.conftest import NOTES, Start
from tests.database.notes.tables import Counter, Note, Slot
from tests.postgres import Schema
from verify.database import Engine, UniqueViolation, migrate_forwards
from verify.database.piccolo_app import APP_CONFIG

PATIENCE = 60.0  # seconds


@pytest.fixture(scope="session")
def schema() -> Schema | None:
    """Nothing: the databases of these tests start empty."""
    return None


async def tables(engine: Engine) -> set[str]:
    if engine.engine_type == "sqlite":
        found = await engine.run_ddl("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    else:
        found = await engine.run_ddl("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    return {row["name"] for row in found}


async def test_an_empty_database_gets_all_tables_and_indexes(engine: Engine) -> None:
    await migrate_forwards(engine, app=NOTES)
    assert await tables(engine) == {"migration", "counter", "note", "slot"}
    await Note.insert(Note(author="maya", body="one"))
    await Counter.insert(Counter(name="list"))
    await Slot.insert(Slot(list_name="list", position=1, note=1))
    with pytest.raises(UniqueViolation, match="list_name, position"):
        await Slot.insert(Slot(list_name="list", position=1))


async def test_again_it_changes_nothing(engine: Engine) -> None:
    for _ in range(3):
        await migrate_forwards(engine, app=NOTES)
        await Counter.insert(Counter(name="kept")).on_conflict(target=Counter.name, action="DO NOTHING")
    assert await Counter.count() == 1
    assert len(await engine.run_ddl("SELECT name FROM migration")) == 2


async def test_a_failing_migration_leaves_the_database_as_it_was(engine: Engine) -> None:
    before = await tables(engine)
    for _ in range(2):
        with pytest.raises(Exception, match="no_such_table"):
            await migrate_forwards(engine, app="tests.database.broken.piccolo_app")
        assert await tables(engine) == before
    await migrate_forwards(engine, app=NOTES)
    assert "note" in await tables(engine)


async def test_it_prints_only_when_asked(engine: Engine, capfd: pytest.CaptureFixture[str]) -> None:
    await migrate_forwards(engine, app=NOTES)
    assert capfd.readouterr() == ("", "")
    await migrate_forwards(engine, app=NOTES, show=True)
    assert "2 migrations already complete" in capfd.readouterr().out


async def test_it_leaves_no_trace_in_the_process(engine: Engine) -> None:
    path, finder = list(sys.path), piccolo.conf.apps.Finder.get_piccolo_conf_module
    await migrate_forwards(engine, app=NOTES)
    with pytest.raises(Exception, match="no_such_table"):
        await migrate_forwards(engine, app="tests.database.broken.piccolo_app")
    assert sys.path == path
    assert piccolo.conf.apps.Finder.get_piccolo_conf_module is finder


async def test_without_a_pool_it_works_too(engine: Engine) -> None:
    await engine.close()
    await migrate_forwards(engine, app=NOTES)
    assert await Note.count() == 0


async def test_three_processes_that_start_together_migrate_once(
    engine: Engine, database_url: str, start: Start
) -> None:
    await engine.close()
    children = [start("migrate", database_url) for _ in range(3)]
    for child in children:
        output, errors = child.communicate(timeout=PATIENCE)
        assert (child.returncode, output, errors) == (0, "", "")
    assert len(await engine.run_ddl("SELECT name FROM migration")) == 2


def test_no_two_migrations_have_one_id() -> None:
    """Piccolo would run one of them and take the other for done."""
    folder = APP_CONFIG.resolved_migrations_folder_path
    ids = re.findall(r'^ID = "(.+)"', "\n".join(file.read_text() for file in Path(folder).glob("verify_*.py")), re.M)
    assert len(ids) > 10
    assert len(set(ids)) == len(ids)
