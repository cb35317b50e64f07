"""The operator's command line: ``python -m verify serve``, ``demo``, ``issuer``, ``member``, ``platform``, ``key`` …"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import uvicorn

from verify import (
    demo,
    domain_command,
    emulator,
    held_command,
    key_command,
    mail_command,
    platform_command,
    plugin_command,
    suite_command,
    vouch_command,
)
from verify.app import create_app, opened
from verify.audit.reporting import Report, note, read_witness, report
from verify.credentials import restoring
from verify.database import engine_from_url
from verify.http.access import Role
from verify.http.refusals import Refused
from verify.http.request_ids import log_config
from verify.issuers import appointing, members
from verify.issuers.registering import register
from verify.outside.key_custody import KeyUnreadable
from verify.people import accounts, profiles
from verify.platforms.keys_left import tell_of_keys_left
from verify.runtime import KeyServiceDown, Runtime
from verify.settings import SettingRefused, Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 refused, 2 usage."""
    options = _parser().parse_args(arguments)
    os.umask(0o077)  # the database holds addresses; nobody else on this machine is to read it
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold every key that was in use (SEC-210)
    try:
        return int(options.run(options))
    # OSError: a folder that cannot be written, a database that does not answer
    except (SettingRefused, Refused, KeyUnreadable, KeyServiceDown, OSError) as error:
        print(f"refolio: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m verify", description="Refolio: issue, show and verify credentials."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    command = commands.add_parser("serve", help="run the service")
    command.add_argument("--port", type=_port, help="instead of PORT from the environment")
    command.set_defaults(run=_serve)

    command = commands.add_parser("demo", help="run the service with the cast of the demo played in through the SDK")
    command.add_argument("--port", type=_port, default=8000)
    command.set_defaults(run=lambda options: demo.play(options.port))

    command = commands.add_parser("emulator", help="the whole service in memory, for a partner who tries it out")
    command.add_argument("--port", type=_port, default=8000)
    command.set_defaults(run=lambda options: emulator.play(options.port))

    command = commands.add_parser("suite", help="run the endpoints of the conformance suites, on this machine only")
    command.add_argument("--port", type=_port, default=8443)
    command.add_argument("--config", type=Path, metavar="FILE", help="write localConfig.cjs there, not to the screen")
    command.set_defaults(run=lambda options: suite_command.play(options.port, options.config))

    command = commands.add_parser(
        "status", help="the status lists, and whether the database was restored from a backup"
    )
    command.set_defaults(run=_with_database(_status))

    command = commands.add_parser("issuer", help="register an organisation that signs")
    command.add_argument("slug")
    command.add_argument("name")
    command.add_argument("--url")
    command.add_argument("--description")
    command.add_argument("--vouched-by", metavar="NAME", help="the platform that brought it")
    command.set_defaults(run=_with_database(_issuer))
    held_command.add(commands, _with_database)
    vouch_command.add(commands, _with_database)
    mail_command.add(commands, _with_database)

    platform_command.add(commands, _with_database)
    command = commands.add_parser("member", help="say who acts for an issuer, above all who is its first admin")
    acts = command.add_subparsers(required=True, metavar="ACT")
    for name, run in (("add", _add_member), ("remove", _remove_member), ("list", _list_members)):
        act = acts.add_parser(name)
        act.add_argument("issuer")
        if name != "list":
            act.add_argument("email")
        if name == "add":
            act.add_argument("role", choices=list(Role))
        act.set_defaults(run=_with_database(run))
    command = commands.add_parser("domain", help="prove that a web domain is an issuer's, and look whether it still is")
    domain_command.add_to(command.add_subparsers(required=True, metavar="ACT"), _with_database)

    command = commands.add_parser("key", help="make, rotate, retire and re-wrap keys")
    key_command.add_to(command.add_subparsers(required=True, metavar="KIND"), _with_database)

    command = commands.add_parser("plugins", help="what plugins there are, and whether one holds its contract")
    plugin_command.add_to(command.add_subparsers(required=True, metavar="ACT"))

    command = commands.add_parser("audit", help="hold the database against the audit trail and name what does not fit")
    command.add_argument(
        "--witness",
        type=Path,
        metavar="FILE",
        help="kept elsewhere: the ends of chains noted in it must still be there; new ones are noted when all is well",
    )
    command.set_defaults(run=_audit)

    command = commands.add_parser("person", help="sign somebody out, close or open an account")
    acts = command.add_subparsers(required=True, metavar="ACT")
    for name, (act_on, says) in PEOPLE.items():
        act = acts.add_parser(name, help=says)
        act.add_argument("email")
        act.set_defaults(run=_with_database(_person(act_on, says)))

    command = commands.add_parser("portfolio", help="publish or hide a portfolio at its owner's wish")
    acts = command.add_subparsers(required=True, metavar="ACT")
    act = acts.add_parser("publish")
    act.add_argument("email")
    act.add_argument("handle")
    act.add_argument("--headline")
    act.set_defaults(run=_with_database(_publish))
    act = acts.add_parser("hide")
    act.add_argument("handle")
    act.set_defaults(run=_with_database(_hide))
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError("give a number from 1 to 65535")
    return int(text)


def _serve(options: argparse.Namespace) -> int:
    settings = Settings.from_environ()
    runtime = _runtime(settings)
    asyncio.run(_with(runtime, _nothing, options))  # what stops the start is said before there is a server
    port = options.port or settings.port
    # http/callers.py reads the headers of proxies, of those that a setting names.
    uvicorn.run(
        create_app(runtime),
        host=settings.bind,
        port=port,
        server_header=False,
        proxy_headers=False,
        log_config=log_config(),
    )
    return 0


Act = Callable[[Runtime, argparse.Namespace], Awaitable[None]]


def _runtime(settings: Settings) -> Runtime:
    """The Runtime of the environment; a missing key file is made only where nobody chose another place for it."""
    return Runtime.from_settings(settings, create_key=settings.kek_file == settings.data / "kek")


async def _with(runtime: Runtime, act: Act, options: argparse.Namespace) -> None:
    try:
        engine = engine_from_url(runtime.settings.database_url)
    except ValueError as error:
        raise SettingRefused(f"DATABASE_URL cannot be used. {error}") from None
    async with opened(runtime, engine):
        await act(runtime, options)


async def _nothing(runtime: Runtime, options: argparse.Namespace) -> None:
    """To open the database and close it again."""


def _with_database(act: Act) -> Callable[[argparse.Namespace], int]:
    """A command that needs the database: opened, migrated, closed."""

    def command(options: argparse.Namespace) -> int:
        asyncio.run(_with(_runtime(Settings.from_environ()), act, options))
        return 0

    return command


def _audit(options: argparse.Namespace) -> int:
    """0 when everything fits, 1 when something does not."""
    reports: list[Report] = []

    async def act(runtime: Runtime, options: argparse.Namespace) -> None:
        reports.append(await report(runtime, witnessed))

    witnessed = read_witness(options.witness)
    asyncio.run(_with(_runtime(Settings.from_environ()), act, options))
    (found,) = reports
    if options.witness and found.is_clean:
        note(options.witness, found.ends)
    print(found.says)
    return 0 if found.is_clean else 1


async def _issuer(runtime: Runtime, options: argparse.Namespace) -> None:
    made = await register(
        runtime,
        options.slug,
        options.name,
        url=options.url,
        description=options.description,
        vouched_by=options.vouched_by,
    )
    says = "registered, with a new signing key" if made else "was registered before; nothing changed"
    print(f"{options.slug}: {says}.")


async def _status(runtime: Runtime, options: argparse.Namespace) -> None:
    print(await restoring.status_in_words())


async def _add_member(runtime: Runtime, options: argparse.Namespace) -> None:
    await appointing.appoint(runtime, options.issuer, options.email, Role(options.role))
    print(f"{options.email}: {options.role} of {options.issuer}, signs in at {runtime.settings.public_url}/sign-in.")


async def _remove_member(runtime: Runtime, options: argparse.Namespace) -> None:
    await appointing.dismiss(runtime, options.issuer, options.email, tell_of_keys_left)
    print(f"{options.email}: no member of {options.issuer} any more, and signed out everywhere.")


async def _list_members(runtime: Runtime, options: argparse.Namespace) -> None:
    for member in await members.team(options.issuer):
        print(f"{member.address}  {member.role.value}  since {member.since:%Y-%m-%d}")


PEOPLE = {
    "sign-out": (accounts.sign_out_by_operator, "signed out everywhere"),
    "disable": (accounts.disable, "closed; all sign-ins have ended"),
    "enable": (accounts.enable, "open again"),
}


def _person(act_on: Callable[[Runtime, str], Awaitable[None]], says: str) -> Act:
    async def act(runtime: Runtime, options: argparse.Namespace) -> None:
        await act_on(runtime, options.email)
        print(f"{options.email}: {says}.")

    return act


async def _publish(runtime: Runtime, options: argparse.Namespace) -> None:
    await profiles.publish(runtime, options.email, options.handle, options.headline)
    print(f"{runtime.settings.public_url}/p/{options.handle}")


async def _hide(runtime: Runtime, options: argparse.Namespace) -> None:
    await profiles.hide(runtime, options.handle)
    print(f"{options.handle}: hidden.")


if __name__ == "__main__":
    sys.exit(main())
