from __future__ import annotations

import sys
from pathlib import Path

import pytest
from piccolo.apps.migrations.commands.new import AutoMigrationManager
from piccolo.conf.apps import AppConfig

import verify
from tests.database.notes import piccolo_app as notes
from verify.database import piccolo_app as service


def test_every_module_of_tables_is_listed() -> None:
    """A table that is not listed would never be migrated, and be bound to no engine."""
    root = Path(verify.__file__).parent
    written = {".".join(path.with_suffix("").relative_to(root.parent).parts) for path in root.rglob("tables.py")}
    assert set(service.TABLE_MODULES) == written


@pytest.mark.parametrize("app", [service.APP_CONFIG, notes.APP_CONFIG], ids=["verify", "notes"])
async def test_tables_and_migrations_agree(app: AppConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """``piccolo migrations new … --auto`` would find nothing to do."""
    monkeypatch.setattr(sys, "path", list(sys.path))  # Piccolo puts the folder of the migrations in front of it
    found = await AutoMigrationManager().get_alter_statements(app)
    assert [statement for kind in found for statement in kind.statements] == []
