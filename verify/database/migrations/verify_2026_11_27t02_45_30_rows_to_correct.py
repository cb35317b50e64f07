from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Text
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-27T02:45:30:000000"
VERSION = "1.38.0"
DESCRIPTION = "rows of an import that are to be corrected"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="verify", description=DESCRIPTION)

    manager.add_column(
        table_class_name="ImportJob",
        tablename="import_job",
        column_name="broken",
        db_column_name="broken",
        column_class_name="Text",
        column_class=Text,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    return manager
