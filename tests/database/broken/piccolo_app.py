"""An app whose second migration fails, only for the tests of verify.database."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig

APP_CONFIG = AppConfig(app_name="broken", migrations_folder_path=Path(__file__).parent / "migrations")
