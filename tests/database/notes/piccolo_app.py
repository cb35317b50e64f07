"""A tiny Piccolo app, only for the tests of verify.database."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig

from tests.database.notes.tables import Counter, Note, Slot

APP_CONFIG = AppConfig(
    app_name="notes",
    migrations_folder_path=Path(__file__).parent / "migrations",
    table_classes=[Counter, Note, Slot],
)
