"""The partner of these tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.platforms.receivers import Partner, partner, with_admin


@pytest.fixture
async def northfield(database_url: str, tmp_path: Path) -> AsyncIterator[Partner]:
    """Once on SQLite, once on PostgreSQL."""
    async with partner(database_url, tmp_path) as northfield:
        yield northfield


@pytest.fixture
async def northfield_on_sqlite(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Partner]:
    """For what no database has a say in."""
    async with partner(sqlite_url, tmp_path) as northfield:
        yield northfield


@pytest.fixture
async def northfield_with_admin(northfield: Partner) -> Partner:
    """Northfield is an organisation here too, and Nora its admin: she is told what goes wrong."""
    await with_admin(northfield)
    return northfield
