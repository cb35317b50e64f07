"""``python -m verify key …``: what the operator does with keys. Every act stands in the audit trail."""

from __future__ import annotations

import argparse
import base64
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from refolio.credential import timestamps
from refolio.errors import DocumentRefused
from verify import platform_command
from verify.http.access import OPERATOR
from verify.http.refusals import Refused
from verify.issuers.closing import close
from verify.issuers.compromising import declare_compromised
from verify.issuers.key_emergencies import kek_compromised
from verify.issuers.key_listing import keys_of
from verify.issuers.key_states import CREDENTIALS, STATUS
from verify.issuers.publishing import holds_key
from verify.issuers.rewrapping import rewrap
from verify.issuers.rotating import PUBLISHED_BEFORE_USE, retire, rotate
from verify.outside.key_custody import KeyUnreadable
from verify.platforms import webhook_secrets
from verify.runtime import KEK_BYTES, Runtime
from verify.settings import SettingRefused

Act = Callable[[Runtime, argparse.Namespace], Awaitable[None]]
Kinds: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_to(kinds: Kinds, with_database: Callable[[Act], Callable[[argparse.Namespace], int]]) -> None:
    """Add every kind of the ``key`` command."""
    kind = kinds.add_parser("encryption", help="print a new key-encryption key for REFOLIO_KEK")
    kind.set_defaults(run=_encryption_key)
    kind = kinds.add_parser("rewrap", help="move all stored keys under the current REFOLIO_KEK")
    kind.set_defaults(run=with_database(_rewrap))
    platform_command.add_keys(kinds, with_database)

    kind = kinds.add_parser("list", help="show the keys of an issuer")
    kind.add_argument("issuer")
    kind.set_defaults(run=with_database(_list))
    kind = kinds.add_parser("rotate", help="publish a new key for an issuer; it signs from a day later on")
    kind.add_argument("issuer")
    kind.add_argument("--purpose", choices=(CREDENTIALS, STATUS), default=CREDENTIALS)
    hours = PUBLISHED_BEFORE_USE // timedelta(hours=1)
    kind.add_argument("--hours", type=_hours, default=hours, help=f"published before use, {hours} by default")
    kind.add_argument("--now", dest="hours", action="store_const", const=0, help="sign with it at once")
    kind.set_defaults(run=with_database(_rotate))
    kind = kinds.add_parser("retire", help="give up a key that waits, or one that still finishes what was begun")
    kind.add_argument("issuer")
    kind.add_argument("key")
    kind.set_defaults(run=with_database(_retire))
    kind = kinds.add_parser("compromised", help="say that a key was in other hands; cannot be taken back")
    kind.add_argument("issuer")
    kind.add_argument("key")
    kind.add_argument("--since", type=_moment, required=True, metavar="TIME", help="like 2026-09-18T00:00:00Z")
    kind.set_defaults(run=with_database(_compromised))
    kind = kinds.add_parser("compromised-kek", help="the key-encryption key was in other hands: list all it opened")
    kind.add_argument("--since", type=_moment, required=True, metavar="TIME", help="like 2026-09-18T00:00:00Z")
    kind.add_argument("--declare", action="store_true", help="declare them all compromised, and make new ones")
    kind.set_defaults(run=with_database(_compromised_kek))
    kind = kinds.add_parser("close", help="destroy the keys of an issuer that ends; what it signed stays valid")
    kind.add_argument("issuer")
    kind.set_defaults(run=with_database(_close))


def _hours(text: str) -> int:
    if not text.isdecimal() or int(text) > 24 * 365:
        raise argparse.ArgumentTypeError("give a whole number of hours")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        return timestamps.parse(text)
    except DocumentRefused as error:
        raise argparse.ArgumentTypeError(f"{error.says} Write it like 2026-09-18T00:00:00Z") from None


def _encryption_key(options: argparse.Namespace) -> int:
    print(base64.b64encode(Runtime.fresh_bytes(KEK_BYTES)).decode())
    return 0


async def _rewrap(runtime: Runtime, options: argparse.Namespace) -> None:
    def progress(done: int, total: int) -> None:
        print(f"{done} of {total}", flush=True)

    result = await rewrap(runtime, progress, await webhook_secrets.places())
    print(f"{result.moved} keys moved under the key {runtime.kek.kek_id}, {result.current} were there already.")
    if result.unreadable:
        raise KeyUnreadable(f"These do not open, so keep every key-encryption key: {', '.join(result.unreadable)}")
    print("REFOLIO_KEK_PREVIOUS is not needed any more, once every process has the new REFOLIO_KEK.")


async def _list(runtime: Runtime, options: argparse.Namespace) -> None:
    keys = await keys_of(options.issuer)
    if keys is None:
        raise Refused("not-found", f"There is no issuer {options.issuer!r}.")
    for key in keys:
        since = f", compromised since {timestamps.format(key.compromised_since)}" if key.compromised_since else ""
        due = f", signs from {timestamps.format(key.due_at)}" if key.due_at and key.state == "pending" else ""
        print(f"{key.id}  {key.purpose:<11} {key.state}{due}{since}, made {timestamps.format(key.created_at)}")


async def _rotate(runtime: Runtime, options: argparse.Namespace) -> None:
    after = timedelta(hours=options.hours)
    key_id = await rotate(runtime, OPERATOR, options.issuer, options.purpose, after=after)
    when = f"from {timestamps.format(runtime.now() + after)} on" if after else "from now on"
    print(f"{options.issuer}: {key_id} is published and signs {options.purpose} {when}.")


async def _retire(runtime: Runtime, options: argparse.Namespace) -> None:
    await retire(runtime, OPERATOR, options.issuer, options.key)
    print(f"{options.issuer}: {options.key} is retired; what it signed stays valid.")


async def _compromised(runtime: Runtime, options: argparse.Namespace) -> None:
    successor = await declare_compromised(runtime, OPERATOR, options.issuer, options.key, options.since)
    print(f"{options.issuer}: {options.key} is not to be trusted since {timestamps.format(options.since)}.")
    if successor:
        print(f"{options.issuer}: {successor} signs from now on.")
    elif await holds_key(options.issuer):
        print("It holds its own key: it brings the next one and signs its lists with that (refolio lists sign).")


async def _compromised_kek(runtime: Runtime, options: argparse.Namespace) -> None:
    if not runtime.previous_keks:
        raise SettingRefused(
            "Set a new REFOLIO_KEK first, made with: python -m verify key encryption. Give the compromised one as "
            "REFOLIO_KEK_PREVIOUS, so that it still opens what it wrapped."
        )
    affected = await kek_compromised(runtime, options.since, declare=options.declare)
    done = " declared compromised, new ones sign from now on" if options.declare else ""
    for issuer, keys in affected.declared.items():
        print(f"{issuer}: {len(keys)} keys{done}.")
    for issuer in affected.by_name:
        print(f"{issuer}: its key is its name (did:key) and cannot be changed; register it anew.")
    print(f"{len(affected.declared) + len(affected.by_name)} issuers affected.")
    if options.declare:
        print("The audit trail has a new key; hold its older entries against a witness.")
        print("Now run: python -m verify key rewrap")
    else:
        print("Nothing was changed. Add --declare to declare all of these keys compromised and make new ones.")


async def _close(runtime: Runtime, options: argparse.Namespace) -> None:
    count = await close(runtime, OPERATOR, options.issuer)
    print(f"{options.issuer}: closed, {count} keys destroyed. What they signed stays valid.")
