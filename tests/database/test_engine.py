from __future__ import annotations

from pathlib import Path

import pytest

from verify.database import engine_from_url
from verify.database.sqlite import PooledSQLiteEngine


def test_sqlite_paths_are_relative_with_three_slashes_and_absolute_with_four(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for url, path in {
        "sqlite:///var/refolio.db": tmp_path / "var/refolio.db",
        "sqlite:////srv/refolio.db": Path("/srv/refolio.db"),
        "sqlite:///with%20space.db": tmp_path / "with space.db",
    }.items():
        engine = engine_from_url(url)
        assert isinstance(engine, PooledSQLiteEngine)
        assert engine.path == str(path)


def test_making_an_engine_touches_nothing(tmp_path: Path) -> None:
    assert engine_from_url(f"sqlite:///{tmp_path}/var/refolio.db").engine_type == "sqlite"
    assert engine_from_url("postgresql://refolio@nowhere.invalid/refolio").engine_type == "postgres"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "refolio.db",
        "/var/hunter2.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://host/x.db",
        "sqlite:///x.db?mode=ro",
        "mysql://maya:hunter2@host/x",
    ],
)
def test_other_urls_are_refused_without_repeating_them(url: str) -> None:
    with pytest.raises(ValueError, match=r"sqlite:///var/refolio\.db") as refusal:
        engine_from_url(url)
    assert "hunter2" not in str(refusal.value)


async def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    engine = PooledSQLiteEngine(tmp_path / "var/lib/refolio.db")
    await engine.open()
    await engine.run_ddl("CREATE TABLE note (body TEXT)")
    await engine.close()
    assert [path.name for path in (tmp_path / "var/lib").iterdir()] == ["refolio.db"]
