"""People with a record here. An address is only ever compared and mailed to, never shown."""

from piccolo.columns import Boolean, ForeignKey, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table


class Person(Table):
    """An intern. ``email`` is the normal form (trimmed, lower case); ``name`` as the first platform gave it."""

    id = Varchar(36, primary_key=True, default=None)
    email = Varchar(254, unique=True)
    name = Varchar(200)
    created_at = Timestamptz(default=None, null=False)


class Profile(Table):
    """What a person shows under which name. Private until published; an unpublished one answers like an absent one."""

    handle = Varchar(60, primary_key=True, default=None)
    person = ForeignKey(Person, unique=True, null=False, on_delete=OnDelete.restrict)
    headline = Varchar(200, null=True, default=None)
    published = Boolean(default=False)
    created_at = Timestamptz(default=None, null=False)
