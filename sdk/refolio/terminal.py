"""What the ``refolio`` command prints, safe from strangers' documents and closed pipes."""

from __future__ import annotations

import os
import sys

from refolio.credential.report import Outcome, VerificationReport

COLOURS = {Outcome.PASSED: "32", Outcome.FAILED: "31", Outcome.INCONCLUSIVE: "33", Outcome.NOT_REACHED: "2"}


def say(text: str) -> None:
    """Print one line. A reader that has seen enough, such as head, changes neither what is done nor the status."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
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
