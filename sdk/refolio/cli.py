"""The ``refolio`` command: verify a credential, issue one, import a spreadsheet.

Exit status: 0 passed or done · 1 failed or refused · 2 wrong usage · 3 could not be found out, or no answer.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from refolio import held_command, import_command, plugin_command, start_command, webhook_command
from refolio.configuration import ConfigurationRefused, read_configuration
from refolio.credential.policy import Policy
from refolio.credential.report import Outcome
from refolio.errors import DocumentRefused, RefolioError, RequestRefused, Unavailable
from refolio.terminal import Waiting, hush, open_streams, plain, print_report, say, whole

if TYPE_CHECKING:
    from refolio.client.client import Client
    from refolio.credential.verification import Found
    from refolio.csv_import import Import

PASSED, FAILED, USAGE, UNKNOWN = 0, 1, 2, 3
EXIT_STATUS = {Outcome.PASSED: PASSED, Outcome.FAILED: FAILED, Outcome.INCONCLUSIVE: UNKNOWN}
_ACCEPT = "application/vc, application/vc+jwt;q=0.9, application/json;q=0.8, */*;q=0.1"
TRIES_HERE = 6  # over some fifteen seconds: an emulator may be just starting
MAX_INPUT = 1024 * 1024  # more than the reader takes, so that it says "too large" and not "cut off"


class _UsageError(Exception):
    """The command was called in a way that cannot work; the message says how it can."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; whatever goes wrong is one sentence on standard error."""
    open_streams()
    try:
        options = _parser().parse_args(arguments)
        status: int = options.run(options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # by whoever read the help
        hush()
        return PASSED
    except _UsageError as error:
        return _complain(str(error), USAGE)
    except Unavailable as error:
        return _complain(whole(error), UNKNOWN)
    except RefolioError as error:
        return _complain(whole(error), FAILED)
    except OSError as error:
        return _complain(f"{error.filename or 'input or output'}: {error.strerror or error}.", USAGE)
    return status


def _complain(says: str, status: int) -> int:
    print(f"refolio: {plain(says)}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="refolio", description="Issue and verify micro-internship credentials.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    start_command.add_commands(commands, lambda: parser)
    verify = commands.add_parser("verify", help="is this credential genuine and current?")
    verify.add_argument("document", metavar="FILE|URL|-", help="a file, a web address, or - for standard input")
    verify.add_argument("--json", action="store_true", help="print the report as JSON")
    verify.add_argument("--now", type=_moment, metavar="TIME", help="check as of this time: 2026-11-23T10:00:00Z")
    verify.add_argument(
        "--documents",
        type=Path,
        metavar="MAP.json",
        help="take key documents and status lists from files, fetch nothing",
    )
    verify.add_argument(
        "--issuer", action="append", default=[], metavar="DID", help="pass only what this issuer signed (repeatable)"
    )
    verify.add_argument("--allow-test", action="store_true", help="also pass test credentials, which count for nothing")
    verify.add_argument(
        "--allow-private", action="store_true", help="also ask addresses of this machine and of private networks"
    )
    verify.set_defaults(run=_verify)

    issue = commands.add_parser("issue", help="issue the credential for one completion")
    issue.add_argument("file", type=Path, metavar="FILE.json", help="the completion")
    issue.add_argument("--save", type=Path, metavar="FILE.json", help="keep the signed credential there")
    issue.add_argument("--json", action="store_true", help="print what the service answered as JSON")
    issue.add_argument("--key", type=Path, metavar="FILE", help="sign with your own key, for an issuer that holds it")
    _add_service(issue)
    issue.set_defaults(run=_issue)

    import_ = commands.add_parser("import", help="issue the credentials of a spreadsheet")
    import_.add_argument("file", type=Path, metavar="FILE.csv", help="a CSV export, UTF-8")
    import_.add_argument("--workers", type=int, default=4, metavar="N", help="how many at a time (4)")
    import_.add_argument("--journal", metavar="FILE", help="what was issued, so that a killed import goes on quickly")
    import_.add_argument(
        "--patience", type=float, default=60.0, metavar="SECONDS", help="stop after so long without an answer (60)"
    )
    import_.add_argument("--dry-run", action="store_true", help="only report what is in the file; issue nothing")
    import_.add_argument("--plugin", metavar="NAME", help="have the rows read by this plugin of the service")
    _add_service(import_)
    import_.set_defaults(run=_import)

    lists = commands.add_parser("lists", help="sign the status lists of an issuer that holds its own key")
    acts = lists.add_subparsers(required=True, metavar="ACT")
    sign = acts.add_parser("sign", help="sign all that are due: after each withdrawal, and once a day")
    sign.add_argument("issuer", metavar="ISSUER", help="its short name")
    sign.add_argument("--key", type=Path, required=True, metavar="FILE")
    _add_service(sign)
    sign.set_defaults(run=_lists)
    held_command.add_commands(commands)
    plugin_command.add_commands(commands)
    webhook_command.add_commands(commands, _add_service, _connected)

    jose = commands.add_parser("jose", help="issue or verify a VC-JWT, from file to file")
    jose.add_argument("function", choices=["issue", "verify"])
    jose.add_argument("-i", "--input", type=Path, required=True, metavar="FILE", help="JSON to issue, JWT to verify")
    jose.add_argument("-k", "--key", type=Path, required=True, metavar="FILE.json", help="a verification method")
    jose.add_argument("-f", "--feature", choices=["credential_jose", "presentation_jose"], required=True)
    jose.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.json", help="the result, written here")
    jose.set_defaults(run=_jose)
    return parser


def _jose(options: argparse.Namespace) -> int:
    from refolio import jose_command

    return jose_command.run(options)


def _add_service(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--api-key",
        help="your key; better in REFOLIO_API_KEY or refolio.toml, where nobody else on the machine sees it",
    )
    command.add_argument("--url", help="address of the service (REFOLIO_URL, refolio.toml), by default this machine")


def _moment(text: str) -> datetime:
    from refolio.credential import timestamps

    try:
        return timestamps.parse(text)
    except RefolioError:
        raise argparse.ArgumentTypeError("write it with its zone, like 2026-11-23T10:00:00Z") from None


# ------------------------------------------------------------------------------------------------------------- verify


def _verify(options: argparse.Namespace) -> int:
    from refolio.client.verifying import examine
    from refolio.credential.baking import is_image

    raw = _document(options.document)
    if not isinstance(raw, bytes):
        return _not_had(f"{options.document} could not be fetched: {raw.says}", options.json)
    if raw.lstrip()[:1] == b"<" and not is_image(raw):
        says = f"{options.document} is a web page, not a credential. Download the signed file from it and verify that."
        return _not_had(says, options.json)
    try:
        private = options.allow_private or _is_here(options.document)
        policy = replace(_policy(options.issuer), allow_test=options.allow_test)
        report = examine(raw, now=options.now, documents=options.documents, policy=policy, allow_private=private)
    except DocumentRefused as error:  # of the documents map; a refused credential is in the report
        raise _UsageError(f"{error.says} {error.fix}") from None
    if options.json:
        say(json.dumps(report.members(), indent=2))
    else:
        print_report(report)
    return EXIT_STATUS[report.verdict]


def _is_here(source: str) -> bool:
    """Is the document itself asked for from this machine? Then it may refer to it; a file from anywhere may not."""
    from refolio.client.requests import is_loopback

    return source.startswith(("http://", "https://")) and is_loopback(urlsplit(source).hostname or "")


def _policy(issuers: Sequence[str]) -> Policy:
    """Any issuer, or only the ones that were named."""
    known = dict.fromkeys(issuers, "It is the issuer that you asked for.")
    return Policy(known_issuers=known, require_known_issuer=bool(known))


def _document(source: str) -> Found:
    if source == "-":
        return sys.stdin.buffer.read(MAX_INPUT)
    if source.startswith(("https://", "http://")):
        from refolio.client.fetching import fetch

        return fetch(source, allow_private=True, accept=_ACCEPT)
    with Path(source).open("rb") as file:
        return file.read(MAX_INPUT)


def _not_had(says: str, as_json: bool) -> int:
    """The credential itself is not at hand: nothing was checked, in the form of a report."""
    if as_json:
        members = {"verdict": "inconclusive", "says": f"Could not check. {says}", "kind": "credential"}
        nothing: dict[str, object] = {"credential": None, "issuer": None, "checks": [], "parts": []}
        say(json.dumps({**members, **nothing}, indent=2))
    else:
        say(plain(f"Could not check. {says}"))
    return UNKNOWN


# ---------------------------------------------------------------------------------------------------- issue, import


def _client(options: argparse.Namespace) -> Client:
    from refolio.client.client import Client
    from refolio.client.requests import MOST_ATTEMPTS

    try:
        known = read_configuration(url=options.url, api_key=options.api_key)
        if not known.api_key:
            raise _UsageError("An API key is needed. Write refolio.toml by refolio init, or set REFOLIO_API_KEY.")
        attempts = TRIES_HERE if _is_here(known.url) else MOST_ATTEMPTS
        return Client(known.api_key, known.url, attempts=attempts, sleep=Waiting())
    except (RequestRefused, ConfigurationRefused) as error:
        raise _UsageError(str(error)) from None


def _connected(act: Callable[[Client, argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        with _client(options) as client:
            return act(client, options)

    return run


def _issue(options: argparse.Namespace) -> int:
    from refolio.client.held import read_key_file
    from refolio.credential.model import completion_from
    from refolio.credential.reading import read
    from refolio.credential.rules import require_sound

    completion = completion_from(read(options.file.read_bytes()))
    require_sound(completion, datetime.now(UTC).date())
    key = read_key_file(options.key) if options.key else None
    with _client(options) as client:
        issued = client.credentials.issue_held(completion, key) if key else client.credentials.issue(completion)
        if options.json:
            import msgspec

            say(msgspec.json.format(msgspec.json.encode(issued)).decode())
        else:
            say(plain(f"Issued {issued.record}: {issued.links.verify}"))
            say(plain(f"  credential  {issued.id}"))
            say(plain(f"  code        {issued.code}"))
        if options.save:  # afterwards: if it cannot be written, what was issued has been said
            options.save.write_bytes(client.credentials.document(issued))
    return PASSED


def _lists(options: argparse.Namespace) -> int:
    with _client(options) as client:
        return held_command.sign_lists(client, options)


def _import(options: argparse.Namespace) -> int:
    from refolio.csv_import import read_completions

    if options.plugin:
        return plugin_command.import_records(_client(options), options.file, options.plugin, dry_run=options.dry_run)
    found = read_completions(options.file)
    _print_import(found, options.file)
    status = FAILED if found.faults else PASSED
    if options.dry_run or not found.rows:
        return status
    say("")
    with _client(options) as client:
        return max(status, import_command.issue_rows(client, found.rows, options))


def _print_import(found: Import, file: Path) -> None:
    bad = len({fault.line for fault in found.faults})
    read_as = f", cells separated by {found.separator}" if found.separator else ""
    say(plain(f"{file.name}{read_as}: {len(found.rows)} good, {bad} with faults."))
    if found.unused:
        say(plain(f"Not used: {', '.join(found.unused)}."))
    for fault in found.faults:
        say(plain(f"  {fault}"))


if __name__ == "__main__":
    sys.exit(main())
