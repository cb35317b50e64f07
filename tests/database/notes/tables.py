from __future__ import annotations

from piccolo.columns import ForeignKey, Integer, Serial, Text, Varchar
from piccolo.table import Table


class Counter(Table):
    """Hands out numbers, each once."""

    name = Varchar(length=40, unique=True)
    next_value = Integer(default=0)


class Note(Table):
    id: Serial
    author = Varchar(length=40)
    body = Text()


class Slot(Table):
    """A place in a list; a raw migration makes (list_name, position) unique."""

    list_name = Varchar(length=40)
    position = Integer()
    note = ForeignKey(Note, null=True)
