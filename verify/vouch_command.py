"""``python -m verify vouch``: readers see that a platform vouches for an issuer, or until when it did."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable

from verify.http.access import OPERATOR
from verify.http.refusals import Refused
from verify.platforms import vouching
from verify.runtime import Runtime

Act = Callable[[Runtime, argparse.Namespace], Awaitable[None]]


def add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    with_database: Callable[[Act], Callable[[argparse.Namespace], int]],
) -> None:
    """Add the command to those of the operator."""
    command = commands.add_parser("vouch", help="say that a platform vouches for an issuer, or does so no longer")
    command.add_argument("issuer")
    command.add_argument("platform", nargs="?", help="left out with --end: whoever vouches")
    command.add_argument("--end", action="store_true", help="readers then see until when it did")
    command.set_defaults(run=with_database(_vouch))


async def _vouch(runtime: Runtime, options: argparse.Namespace) -> None:
    if options.end:
        await vouching.take_back(runtime, OPERATOR, options.issuer, options.platform)
        print(f"{options.issuer}: nobody vouches for it any more.")
    elif options.platform:
        await vouching.vouch(runtime, OPERATOR, options.issuer, options.platform)
        print(f"{options.issuer}: {options.platform} vouches for it.")
    else:
        raise Refused("bad-request", "Name the platform that vouches.")
