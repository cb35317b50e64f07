"""``python -m verify platform …`` and ``key api…``: partners, their mandates and their API keys."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeAlias

from refolio.credential import timestamps
from verify.http.access import Mode, Scope
from verify.http.refusals import Refused
from verify.platforms import admitting, keying, mandating
from verify.runtime import Runtime

Act = Callable[[Runtime, argparse.Namespace], Awaitable[None]]
Parsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
WithDatabase: TypeAlias = Callable[[Act], Callable[[argparse.Namespace], int]]


def add(commands: Parsers, with_database: WithDatabase) -> None:
    """Add the ``platform`` command."""
    command = commands.add_parser("platform", help="let a partner in, and mandate it for issuers")
    command.add_argument("slug")
    command.add_argument("name")
    command.add_argument("--url")
    command.add_argument("--issuer", action="append", default=[], metavar="SLUG", help="an issuer it may deliver for")
    command.add_argument(
        "--end", action="append", default=[], metavar="SLUG", help="an issuer it may deliver for no more"
    )
    command.add_argument("--organisation", metavar="SLUG", help="the issuer whose admins look after its keys")
    command.set_defaults(run=with_database(_platform))


def add_keys(kinds: Parsers, with_database: WithDatabase) -> None:
    """Add the kinds of the ``key`` command that are about API keys."""
    kind = kinds.add_parser("api", help="make an API key for a platform; it is shown once")
    kind.add_argument("platform")
    kind.add_argument("--mode", choices=list(Mode), default=Mode.LIVE)
    kind.add_argument("--name", help="what you call it")
    kind.add_argument(
        "--scope", action="append", choices=list(Scope), help="what it is good for; by default everything"
    )
    kind.add_argument("--issuer", action="append", metavar="SLUG", help="whom it delivers for; by default all mandates")
    kind.add_argument("--address", action="append", metavar="CIDR", help="where it is used from; by default anywhere")
    kind.add_argument("--days", type=int, help="how long it lives; by default for ever")
    kind.set_defaults(run=with_database(_make))
    kind = kinds.add_parser("api-list", help="show the API keys of a platform")
    kind.add_argument("platform")
    kind.set_defaults(run=with_database(_list))
    kind = kinds.add_parser("api-roll", help="make an API key in place of another, which goes on for a while")
    kind.add_argument("platform")
    kind.add_argument("key", help="its first characters, as api-list shows them")
    kind.add_argument("--hours", type=int, default=24, help="for which the old one goes on, 24 by default")
    kind.set_defaults(run=with_database(_roll))
    kind = kinds.add_parser("api-revoke", help="end an API key at once")
    kind.add_argument("platform")
    kind.add_argument("key", help="its first characters, as api-list shows them")
    kind.set_defaults(run=with_database(_revoke))


async def _platform(runtime: Runtime, options: argparse.Namespace) -> None:
    made = await admitting.admit(runtime, options.slug, options.name, url=options.url)
    for issuer in options.issuer:
        await mandating.mandate(runtime, options.slug, issuer)
    for issuer in options.end:
        await mandating.end_mandate(runtime, options.slug, issuer)
    if options.organisation:
        await admitting.belong_to(runtime, options.slug, options.organisation)
    issuers = ", ".join(options.issuer) or "nobody new"
    print(f"{options.slug}: {'admitted' if made else 'was admitted before'}; may deliver for {issuers}.")


async def _make(runtime: Runtime, options: argparse.Namespace) -> None:
    wanted = keying.Wanted(
        mode=Mode(options.mode),
        name=options.name,
        scopes=options.scope,
        issuers=options.issuer,
        addresses=options.address,
        life=None if options.days is None else timedelta(days=options.days),
    )
    print(await _said(keying.new_api_key(runtime, options.platform, wanted)))


async def _list(runtime: Runtime, options: argparse.Namespace) -> None:
    await admitting.require_platform(options.platform)
    for row in await keying.rows_of(options.platform):
        ends = row["revoked_at"] or row["expires_at"]
        words = [
            f"{row['hint']}…",
            "good" if keying.is_good(row, runtime.now()) else "revoked" if row["revoked_at"] else "expired",
            row["name"] or "-",
            f"scopes {row['scopes'] or 'all'}",
            f"issuers {row['issuers'] or 'all'}",
            f"from {row['addresses'] or 'anywhere'}",
            f"until {timestamps.format(ends) if ends else 'revoked'}",
            f"last used {row['last_used_on'] or 'never'}",
        ]
        print("  ".join(words))


async def _roll(runtime: Runtime, options: argparse.Namespace) -> None:
    key = await _named(options)
    print(await _said(keying.roll(runtime, options.platform, key, timedelta(hours=options.hours))))


async def _revoke(runtime: Runtime, options: argparse.Namespace) -> None:
    await keying.revoke(runtime, options.platform, await _named(options))
    print(f"{options.platform}: the key {options.key} is revoked.")


async def _named(options: argparse.Namespace) -> str:
    """The key that begins with what was typed, whatever was typed after the characters that are kept."""
    await admitting.require_platform(options.platform)
    typed = options.key.rstrip("….")
    found = [row["sha256"] for row in await keying.rows_of(options.platform) if typed.startswith(row["hint"])]
    if len(found) != 1:
        raise Refused("not-found", f"{len(found) or 'No'} keys of {options.platform} begin like that. See api-list.")
    return str(found[0])


async def _said(made: Awaitable[str]) -> str:
    """What a refusal finds wrong with fields is said in its message, which is all that a terminal shows."""
    try:
        return await made
    except Refused as error:
        says = " ".join([error.detail, *map(str, error.faults)])
        raise Refused(error.kind, says, error.faults) from None
