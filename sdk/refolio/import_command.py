"""``refolio import``: issue the rows of a spreadsheet, several at a time, with a line about each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from refolio.errors import AuthenticationFailed, Unavailable
from refolio.terminal import plain, say

if TYPE_CHECKING:
    from refolio.client.batch import Progress
    from refolio.client.client import Client
    from refolio.csv_import import Row

EVERY = 100  # outcomes between two words about how far it is


def issue_rows(client: Client, rows: Sequence[Row], options: argparse.Namespace) -> int:
    """Issue for each row; 0 when all were issued, 1 when some were refused. Raises Unavailable when it stopped."""
    outcomes = client.credentials.issue_many(
        [row.completion for row in rows],
        workers=options.workers,
        progress=_tell,
        journal=options.journal,
        patience=options.patience,
    )
    status = 0
    try:
        for outcome in outcomes:
            line = rows[outcome.number - 1].line
            record = outcome.completion.record
            if outcome.issued:
                state = "issued" if outcome.issued.state == "current" else "was issued before and is withdrawn"
                say(plain(f"  line {line}: {record} {state}, {outcome.issued.links.verify}"))
            elif outcome.state == "refused":
                say(plain(f"  line {line}: {record} refused. {outcome.error}"))
                status = 1
            else:
                say(plain(f"  line {line}: {record} no answer."))
    except AuthenticationFailed:
        say("Stopped: no row can be issued with this API key.")
        return 1
    except (Unavailable, KeyboardInterrupt):
        say("Stopped. Run the same command again: nothing is issued twice.")
        raise
    return status


def _tell(progress: Progress) -> None:
    if progress.done % EVERY == 0:
        sys.stderr.write(f"  {progress.done:,} of {progress.total:,}\n")
