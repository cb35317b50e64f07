"""Piccolo's view of the service: one app, whose tables live in the features and whose migrations live here.

``piccolo migrations new verify --auto`` writes a migration from the difference between the tables and the migrations;
how to write one by hand stands in ``migrating.py``.
"""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

# A new tables.py is added here. By name, so that this package imports no feature.
TABLE_MODULES = [
    "verify.outside.tables",
    "verify.trail.tables",
    "verify.people.tables",
    "verify.issuers.tables",
    "verify.platforms.tables",
    "verify.credentials.tables",
    "verify.records.tables",
    "verify.references.tables",
]

APP_CONFIG = AppConfig(
    app_name="verify",
    migrations_folder_path=Path(__file__).parent / "migrations",
    table_classes=table_finder(TABLE_MODULES, exclude_imported=True),
)
