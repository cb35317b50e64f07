"""What plugins have still to announce."""

from piccolo.columns import Integer, Timestamptz, Varchar
from piccolo.table import Table


class Announcement(Table):
    """A credential that a plugin is to announce, from before it is issued until that is done; then the row is gone.

    Written first, so that a crash between issuing and announcing loses nothing: ``idempotency_key`` of ``platform``
    leads to the credential, or to none when nothing was issued. ``due_at`` is when it may be tried next; whoever takes
    it moves that on. After three days it stays as ``dead`` for a month, until the same record is sent again. It changes
    without an act: untracked.
    """

    UNTRACKED = frozenset({"*"})

    id = Varchar(64, primary_key=True, default=None)
    plugin = Varchar(48)
    platform = Varchar(48)
    idempotency_key = Varchar(255)
    state = Varchar(8)  # waiting, dead
    attempts = Integer(default=0)
    fault = Varchar(200, null=True, default=None)
    created_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=False, index=True)
