from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import ForeignKey, Integer, Text, Varchar
from piccolo.table import Table

ID = "2026-11-23T10:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The first tables"


class Note(Table, tablename="note"):
    pass


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="notes", description=DESCRIPTION)

    manager.add_table("Counter", tablename="counter")
    manager.add_column("Counter", "counter", "name", column_class=Varchar, params={"length": 40, "unique": True})
    manager.add_column("Counter", "counter", "next_value", column_class=Integer, params={"default": 0})

    manager.add_table("Note", tablename="note")
    manager.add_column("Note", "note", "author", column_class=Varchar, params={"length": 40})
    manager.add_column("Note", "note", "body", column_class=Text, params={})

    manager.add_table("Slot", tablename="slot")
    manager.add_column("Slot", "slot", "list_name", column_class=Varchar, params={"length": 40})
    manager.add_column("Slot", "slot", "position", column_class=Integer, params={})
    manager.add_column("Slot", "slot", "note", column_class=ForeignKey, params={"references": Note, "null": True})

    return manager
