"""``refolio import --plugin`` and ``refolio new-plugin``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from refolio.terminal import plain, say

if TYPE_CHECKING:
    from refolio.client.client import Client

DONE, FAILED = 0, 1
AT_ONCE = 25  # rows in one request, so that a busy service answers in good time


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``new-plugin``."""
    new = commands.add_parser("new-plugin", help="write a working, tested plugin to begin with")
    new.add_argument("name", metavar="NAME", help="lower-case letters, digits and hyphens: campus-exports")
    new.add_argument("--folder", type=Path, help="where it goes; by default a new folder of that name")
    new.set_defaults(run=_new)


def _new(options: argparse.Namespace) -> int:
    from refolio.testing.new_plugin import write

    folder = write(options.name, options.folder or Path(options.name))
    say(plain(f"{folder} holds a plugin that works. In it:"))
    say("  pip install -e '.[test]'     then")
    say("  pytest                       tries every rule of the contract on it")
    say("Next: put records of your own system into samples.json, and change plugin.py until pytest passes again.")
    return DONE


def import_records(client: Client, file: Path, plugin: str, *, dry_run: bool) -> int:
    """Send the rows of a CSV export to a plugin of the service, and say what became of each."""
    from refolio.csv_import import read_records

    found = read_records(file)
    read_as = f", cells separated by {found.separator}" if found.separator else ""
    say(plain(f"{file.name}{read_as}: {len(found.rows)} rows for the plugin {plugin}."))
    for fault in found.faults:
        say(plain(f"  {fault}"))
    issued = 0
    with client:
        for start in range(0, len(found.rows), AT_ONCE):
            rows = found.rows[start : start + AT_ONCE]
            delivered = client.plugins.deliver(plugin, [row.record for row in rows], dry_run=dry_run)
            for row, one in zip(rows, delivered, strict=True):
                issued += one.problem is None
                if one.credential:
                    state = "issued" if one.credential.state == "current" else "was issued before and is withdrawn"
                    done = f"{one.credential.record} {state}, {one.credential.links.verify}"
                else:
                    done = one.says or "good"
                say(plain(f"  line {row.line}: {done}"))
    refused = len(found.rows) - issued + len({fault.line for fault in found.faults})
    say(f"{issued} {'would be ' if dry_run else ''}issued, {refused} not.")
    return FAILED if refused else DONE
