"""``refolio key`` and ``refolio lists``: for those who hold the key of an issuer themselves."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from refolio.errors import DocumentRefused
from refolio.terminal import plain, say

if TYPE_CHECKING:
    from refolio.client.client import Client


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``key`` and ``lists``; the latter has no ``run`` yet, because it needs a client."""
    key = commands.add_parser("key", help="make a key of your own, or prove to a service that you have it")
    acts = key.add_subparsers(required=True, metavar="ACT")
    new = acts.add_parser("new", help="make a key; FILE then holds its secret, readable by you alone")
    new.add_argument("file", type=Path, metavar="FILE")
    new.add_argument("--issuer", metavar="DID", help="whose key it is, if that is known already")
    new.set_defaults(run=_new)
    answer = acts.add_parser("prove", help="answer a service's challenge; prints what to send back")
    answer.add_argument("file", type=Path, metavar="FILE", help="the key; it takes the DID that the service gives")
    answer.add_argument("challenge", type=Path, metavar="CHALLENGE.json")
    answer.set_defaults(run=_prove)


def sign_lists(client: Client, options: argparse.Namespace) -> int:
    """Sign every list that is due."""
    from refolio.client import held

    count = client.status_lists.sign_due(options.issuer, held.read_key_file(options.key))
    say(f"{count} status list{'' if count == 1 else 's'} signed.")
    return 0


def _new(options: argparse.Namespace) -> int:
    from refolio.client import held

    content = held.new_key_file(secrets.token_bytes(32), options.issuer)
    _write(options.file, content)
    say(f"public key  {held.read_key_file(options.file).signer.public.multibase}")
    say(plain(f"secret in   {options.file}. Whoever has this file signs in the issuer's name."))
    return 0


def _prove(options: argparse.Namespace) -> int:
    from refolio.client import held
    from refolio.credential import timestamps
    from refolio.credential.issuing import HeldKey
    from refolio.credential.possession import prove

    try:
        asked = json.loads(options.challenge.read_bytes())
        issuer, challenge, domain = (str(asked[name]) for name in ("issuer", "challenge", "domain"))
    except (ValueError, KeyError, TypeError, RecursionError):
        says = f"{options.challenge} is not a challenge."
        raise DocumentRefused("challenge", "", says, "Ask the operator of the service for one.") from None
    key = HeldKey(issuer, held.read_key_file(options.file).signer)
    members = json.loads(options.file.read_bytes())
    if members["issuer"] != issuer:
        draft = options.file.with_name(options.file.name + ".new")
        _write(draft, json.dumps({**members, "issuer": issuer}, indent=2).encode() + b"\n")
        draft.replace(options.file)  # whole or not at all: there is no second copy of a key
    answer = prove(key, challenge=challenge, domain=domain, created=timestamps.format(datetime.now(UTC)))
    print(f"refolio: answering {plain(domain)} for {plain(issuer)}", file=sys.stderr)
    say(answer.decode())
    return 0


def _write(file: Path, content: bytes) -> None:
    """Readable by its owner alone from the first moment. An existing file is never written over."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
