"""``python -m verify mail …``: what the operator does with mails that could not be sent."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from verify.http.refusals import Refused
from verify.outside import mail_retrying
from verify.runtime import Runtime
from verify.web.filters import plural

Act = Callable[[Runtime, argparse.Namespace], Awaitable[None]]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add(commands: Commands, with_database: Callable[[Act], Callable[[argparse.Namespace], int]]) -> None:
    """Add the ``mail`` command with every act of it."""
    command = commands.add_parser("mail", help="show the mails that were given up, and send them again")
    acts = command.add_subparsers(required=True, metavar="ACT")
    act = acts.add_parser("list", help="show the mails that were given up, and why")
    act.set_defaults(run=with_database(_list))
    act = acts.add_parser("retry", help="send them again, or the one with this id")
    act.add_argument("id", nargs="?")
    act.set_defaults(run=with_database(_retry))


async def _list(runtime: Runtime, options: argparse.Namespace) -> None:
    for mail in await mail_retrying.given_up(runtime):
        too_old = "" if mail.can_be_retried else " Too old to be sent again."
        tried = f"{plural(mail.attempts, 'attempt')}: {mail.fault}{too_old}"
        print(f"{mail.id}  {mail.created_at:%Y-%m-%d %H:%M}  {mail.address}  {mail.subject}  {tried}")
    counts = await mail_retrying.mail_counts()
    print(f"{counts['given_up']} given up, {counts['waiting']} waiting.")


async def _retry(runtime: Runtime, options: argparse.Namespace) -> None:
    number = await mail_retrying.retry(runtime, options.id)
    if options.id and not number:
        raise Refused("not-found", "No mail with this id was given up, or what it held has ended since.")
    print(f"{plural(number, 'mail')} will be sent by the running service.")
