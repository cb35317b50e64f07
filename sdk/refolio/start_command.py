"""``refolio emulator``, ``init``, ``completion``: a service on this machine, a folder to try it from, a handy shell."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from refolio.api_keys import EMULATOR_SECRET, compose_key
from refolio.client.requests import DEFAULT_URL, is_loopback, require_api_key, require_base_url, require_short_name
from refolio.configuration import NAME, Configuration, write_configuration
from refolio.errors import RequestRefused
from refolio.sample import COMPLETION
from refolio.terminal import plain, say

SAMPLE = "completion.json"
ISSUER = "example-company"  # of the emulator


def add_commands(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], whole: Callable[[], argparse.ArgumentParser]
) -> None:
    """``emulator``, ``init``, and ``completion`` of the ``whole`` command."""
    emulator = commands.add_parser("emulator", help="run the whole service on this machine, offline, to try things out")
    emulator.add_argument("--port", type=int, default=8000)
    emulator.set_defaults(run=_emulator)

    init = commands.add_parser("init", help=f"write {NAME} and a sample completion into this folder")
    init.add_argument("--url", default=DEFAULT_URL, help=f"its address, by default an emulator: {DEFAULT_URL}")
    init.add_argument("--api-key", default="", help="your test key; an emulator's is known")
    init.add_argument("--issuer", default="", metavar="SLUG", help="short name of the organisation that signs")
    init.set_defaults(run=_init)

    completion = commands.add_parser("completion", help="print what makes a shell complete this command")
    completion.add_argument("shell", choices=["bash", "zsh", "tcsh"])
    completion.set_defaults(run=lambda options: _completion(whole(), options.shell))


def _emulator(options: argparse.Namespace) -> int:
    if importlib.util.find_spec("verify") is None or importlib.util.find_spec("verify.emulator") is None:
        raise RequestRefused(
            "The emulator is the service itself, which is not installed here. In a checkout: pip install ./sdk . "
        )
    # In our place, so that whoever stops us stops it. -P: a verify.py that lies in this folder is not meant.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "verify", "emulator", "--port", str(options.port)])  # noqa: S606


def _completion(whole: argparse.ArgumentParser, shell: str) -> int:
    import shtab

    say(shtab.complete(whole, shell))
    return 0


def _init(options: argparse.Namespace) -> int:
    url = require_base_url(options.url)
    api_key = options.api_key
    if not api_key:
        if not is_loopback(urlsplit(url).hostname or ""):
            raise RequestRefused(f"An API key of {url} is needed: --api-key rf_test_… Get one in its console.")
        api_key = compose_key("test", EMULATOR_SECRET)
    configuration = Configuration(url, require_api_key(api_key))
    completion = {**COMPLETION, "issuer": require_short_name(options.issuer or ISSUER)}
    sample = json.dumps(completion, indent=2, ensure_ascii=False) + "\n"
    _write(Path(NAME), lambda file: write_configuration(file, configuration))
    _write(Path(SAMPLE), lambda file: file.write_text(sample, encoding="utf-8"))
    say(f"Next: refolio issue {SAMPLE}")
    return 0


def _write(file: Path, write: Callable[[Path], object]) -> None:
    if file.exists():
        say(plain(f"{file} is here already; it was left as it is."))
    else:
        write(file)
        say(plain(f"Wrote {file}."))
