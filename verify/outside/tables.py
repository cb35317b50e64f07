"""Mail on its way out."""

from piccolo.columns import Integer, Text, Timestamptz, Varchar
from piccolo.table import Table


class OutgoingMail(Table):
    """A mail from the transaction that caused it until it is sent; then the row is gone, because it holds secrets.

    ``due_at`` is when it may be tried next. Whoever takes it moves that on, so that nobody else does, and so that it
    comes back when the taker dies. What is given up stays as ``dead`` for a month, with the reason in ``fault``, and
    can be sent again until ``useless_at``. All of it changes without an act, so none is in the audit trail.
    """

    UNTRACKED = frozenset({"*"})

    id = Varchar(36, primary_key=True, default=None)
    address = Varchar(254)
    subject = Varchar(200)
    body = Text()
    state = Varchar(8)  # waiting, dead
    attempts = Integer(default=0)
    fault = Varchar(200, null=True, default=None)
    created_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=False, index=True)
    useless_at = Timestamptz(default=None, null=False)
