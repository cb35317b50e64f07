from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.database.notes.piccolo_app import APP_CONFIG
from tests.postgres import Schema
from verify.database import Engine, bind, engine_from_url, migrate_forwards

NOTES = "tests.database.notes.piccolo_app"
ROOT = Path(__file__).parents[2]

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="session")
def schema() -> Schema:
    async def migrate(url: str) -> None:
        await migrate_forwards(engine_from_url(url), app=NOTES)

    return migrate


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[Engine]:
    """An open engine on a fresh database with the tables of ``notes``; once on SQLite, once on PostgreSQL."""
    engine = engine_from_url(database_url)
    bind(engine, APP_CONFIG.table_classes)
    await engine.open()
    yield engine
    await engine.close()


@pytest.fixture
def start() -> Iterator[Start]:
    """Start ``tests/database/child.py`` with a command, a URL and arguments; what outlives the test is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.database.child", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()
