from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import Text

ID = "2026-11-23T10:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "A good one"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="broken", description=DESCRIPTION)
    manager.add_table("Half", tablename="half")
    manager.add_column(table_class_name="Half", tablename="half", column_name="body", column_class=Text, params={})
    return manager
