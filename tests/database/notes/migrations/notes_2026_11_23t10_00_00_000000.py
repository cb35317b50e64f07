from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import ForeignKey, Integer, Text, Varchar
from piccolo.table import Table

ID = "2026-11-23T10:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The first tables"


class Note(Table, tablename="note"):
    pass


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="notes", description=DESCRIPTION)
    manager.add_table("Counter", tablename="counter")
    manager.add_table("Note", tablename="note")
    manager.add_table("Slot", tablename="slot")
    for table, name, column, params in [
        ("Counter", "name", Varchar, {"length": 40, "unique": True}),
        ("Counter", "next_value", Integer, {"default": 0}),
        ("Note", "author", Varchar, {"length": 40}),
        ("Note", "body", Text, {}),
        ("Slot", "list_name", Varchar, {"length": 40}),
        ("Slot", "position", Integer, {}),
        ("Slot", "note", ForeignKey, {"references": Note, "null": True}),
    ]:
        manager.add_column(
            table_class_name=table, tablename=table.lower(), column_name=name, column_class=column, params=params
        )
    return manager
