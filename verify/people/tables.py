"""People with a record or a role here, what they show, and their sign-ins. An address is compared and mailed to."""

from piccolo.columns import Boolean, ForeignKey, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from verify.trail.tables import ALL


class Person(Table):
    """An intern, a member of an issuer, or both. ``email`` is the normal form (trimmed, lower case).

    ``name`` is as the first platform gave it, or what the person calls herself. Not in the audit trail, because a
    person can have it erased.
    """

    UNTRACKED = ALL

    id = Varchar(36, primary_key=True, default=None)
    email = Varchar(254, unique=True)
    name = Varchar(200)
    created_at = Timestamptz(default=None, null=False)


class Profile(Table):
    """What a person shows under which name. Private until published; an unpublished one answers like an absent one."""

    UNTRACKED = ALL

    handle = Varchar(60, primary_key=True, default=None)
    person = ForeignKey(Person, unique=True, null=False, on_delete=OnDelete.restrict)
    headline = Varchar(200, null=True, default=None)
    published = Boolean(default=False)
    created_at = Timestamptz(default=None, null=False)


class Session(Table):
    """A sign-in that lasts. ``id`` is the SHA-256 (hex) of the secret in the cookie; the secret itself is kept nowhere.

    ``strong_at`` is when the person last proved who she is, ``staff`` whether she may use her roles.
    """

    UNTRACKED = ALL

    id = Varchar(64, primary_key=True, default=None)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.cascade, index=True)
    method = Varchar(10)
    staff = Boolean(default=False)
    csrf = Varchar(48)
    opened_at = Timestamptz(default=None, null=False)
    seen_at = Timestamptz(default=None, null=False)
    strong_at = Timestamptz(default=None, null=False)
