"""What the ``refolio`` command prints, safe from strangers' documents and closed pipes."""

from __future__ import annotations

import os
import sys
import time

from refolio.credential.report import Outcome, VerificationReport
from refolio.errors import RefolioError

COLOURS = {Outcome.PASSED: "32", Outcome.FAILED: "31", Outcome.INCONCLUSIVE: "33", Outcome.NOT_REACHED: "2"}


def open_streams() -> None:
    """Make the standard streams safe to use: one that was closed leads nowhere, and no letter is too strange."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - open to the end
        elif mode == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def say(text: str) -> None:
    """Print one line. A reader that has seen enough, such as head, changes neither what is done nor the status."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        hush()


class Waiting:
    """Waits before a request is sent again, and says so the first time."""

    def __init__(self) -> None:
        self._told = False

    def __call__(self, seconds: float) -> None:
        if not self._told:
            self._told = True
            print("refolio: the service is not ready; trying again", file=sys.stderr, flush=True)
        time.sleep(seconds)


def hush() -> None:
    """Print nothing any more: nobody reads it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_report(report: VerificationReport) -> None:
    say(coloured(plain(report.says), report.verdict))
    say("")
    for check in report.checks:
        result = coloured(f"{check.result.value:<12}", check.result)
        say(f"  {check.number} {check.name:<9}  {result}  {plain(check.says)}")
    say("")
    signer = "holder" if report.kind == "presentation" else "issuer"
    for label, value in ((report.kind, report.credential_id), (signer, report.issuer_id)):
        if value:
            say(f"  {label:<12}  {plain(value)}")
    for part in report.parts:
        about = f", about {part.subject_id}" if part.subject_id else ""
        say("")
        say(plain(f"  inside, at {part.path or 'the end'}{about}:"))
        say(f"    {coloured(plain(part.report.says), part.report.verdict)}")
        if part.report.issuer_id:
            say(f"    {'issuer':<10}  {plain(part.report.issuer_id)}")
    if report.kind == "presentation":
        return
    if report.verdict is Outcome.PASSED and report.checks[7].result is not Outcome.PASSED:
        say("\nAnybody can sign in any name. To pass only an issuer that you know: --issuer DID")


def coloured(text: str, outcome: Outcome) -> str:
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{COLOURS[outcome]}m{text}\x1b[0m"


def plain(text: str) -> str:
    """Without anything a terminal would obey: what is printed can come from a stranger's file."""
    return "".join(character if character.isprintable() else "�" for character in " ".join(text.splitlines()))


def whole(error: RefolioError) -> str:
    """What went wrong, what to do about it, and the request that whoever runs the service can look for."""
    says, fix, request_id = str(error), getattr(error, "fix", ""), getattr(error, "request_id", None)
    return " ".join(filter(None, [says, fix if fix not in says else "", request_id and f"(Request {request_id})"]))
