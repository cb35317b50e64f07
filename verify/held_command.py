"""``python -m verify held``: register an issuer that holds its own key, or its next key."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from verify.issuers import holding
from verify.outside.fetching import Fetcher
from verify.runtime import Runtime

Act = Callable[[Runtime, argparse.Namespace], Awaitable[None]]


def add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    with_database: Callable[[Act], Callable[[argparse.Namespace], int]],
) -> None:
    """Add the command to those of the operator."""
    command = commands.add_parser("held", help="register an issuer that holds its own key, or its next key")
    acts = command.add_subparsers(required=True, metavar="ACT")
    act = acts.add_parser("challenge", help="print what the holder of the key has to answer (refolio key prove)")
    act.add_argument("slug")
    act.add_argument("key", help="the public key, z6Mk…")
    act.add_argument("--did", help="a did:web on the company's own domain, which lists the key")
    act.set_defaults(run=with_database(_challenge))
    act = acts.add_parser("register", help="register the issuer with the key that answered")
    act.add_argument("answer", type=Path, metavar="ANSWER.json")
    act.add_argument("name")
    act.add_argument("--url")
    act.add_argument("--description")
    act.add_argument("--vouched-by", metavar="NAME", help="the platform that brought it")
    act.set_defaults(run=with_database(_register))
    act = acts.add_parser("key", help="let the key that answered sign from now on, and retire the one before")
    act.add_argument("answer", type=Path, metavar="ANSWER.json")
    act.set_defaults(run=with_database(_key))


async def _challenge(runtime: Runtime, options: argparse.Namespace) -> None:
    asked = await holding.challenge(runtime, options.slug, options.key, did=options.did)
    print(msgspec.json.format(msgspec.json.encode(asked)).decode())


async def _register(runtime: Runtime, options: argparse.Namespace) -> None:
    slug = await holding.register_held(
        runtime,
        Fetcher(runtime.network, runtime.now),
        options.answer.read_bytes(),
        options.name,
        url=options.url,
        description=options.description,
        vouched_by=options.vouched_by,
    )
    print(f"{slug}: registered; it signs with its own key.")


async def _key(runtime: Runtime, options: argparse.Namespace) -> None:
    fetcher = Fetcher(runtime.network, runtime.now)
    slug = await holding.change_held_key(runtime, fetcher, options.answer.read_bytes())
    print(f"{slug}: signs with the new key from now on.")
