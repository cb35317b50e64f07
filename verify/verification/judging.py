"""From a stored credential to what the verdict page says: one sentence, one tone, who, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from refolio.credential.facts import Facts
from refolio.credential.marking import SAYS
from refolio.credential.report import Outcome, VerificationReport
from verify.credentials import links
from verify.credentials.codes import grouped
from verify.credentials.examining import Examined, examine_stored
from verify.credentials.explaining import Withdrawal, withdrawal_of
from verify.credentials.finding import Stored
from verify.issuers import key_documents
from verify.issuers.comparing import address_warnings
from verify.outside.fetching import Fetcher
from verify.references.showing import Shown, shown_about
from verify.runtime import Runtime
from verify.web.filters import day


@dataclass(frozen=True, slots=True)
class Who:
    """The issuer as we know it; ``how`` says how, ``warning`` whom it may be taken for. ``path`` leads to its page.

    Names come from our register and not from the document, and a domain only from a proof (SEC-060).
    """

    name: str
    domain: str | None
    how: str
    warning: str | None = None
    path: str | None = None
    holds_key: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """That it is not the first edition; ``by_earlier_code`` when the reader came by the code of an earlier one."""

    on: date
    edition: int
    by_earlier_code: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything the verdict page shows. ``facts`` is None unless the signature holds.

    ``alike`` tells of addresses of what was handed in that look like another's (url → a sentence).
    """

    report: VerificationReport
    facts: Facts | None
    sentence: str
    tone: str
    withdrawal: Withdrawal | None
    references: list[Shown]
    correction: Correction | None
    note: str | None
    who: Who
    alike: Mapping[str, str]
    code: str
    short_link: str
    link: str
    credential_path: str
    signed_path: str
    qr_path: str
    qr_png_path: str
    checked_at: datetime
    verify_command: str


async def judge(runtime: Runtime, stored: Stored, fetcher: Fetcher, asked_code: str | None = None) -> Verdict:
    """Examine a stored credential now and put the result into words; ``asked_code`` is the one the reader had."""
    await key_documents.refresh_of(runtime, fetcher, stored.issuer)
    examined = await examine_stored(runtime, stored)
    link = links.verdict(runtime, stored.code)
    path = links.path_of(runtime, link)
    sentence, tone = _sentence(examined)
    return Verdict(
        report=examined.report,
        facts=examined.facts,
        sentence=sentence,
        tone=tone,
        withdrawal=await withdrawal_of(runtime, examined),
        references=await _references(runtime, examined),
        correction=_correction(stored, asked_code),
        note=_note(examined),
        who=_who(examined),
        alike=await address_warnings(piece.url for piece in examined.facts.deliverables) if examined.facts else {},
        code=grouped(stored.code),
        short_link=link.partition("://")[2],
        link=link,
        credential_path=f"/credentials/{stored.id}",
        signed_path=f"{path}/signed.json",
        qr_path=f"{path}/qr.svg",
        qr_png_path=f"{path}/qr.png",
        checked_at=runtime.now(),
        verify_command=f"refolio verify {links.credential(runtime, stored.id)}",
    )


async def _references(runtime: Runtime, examined: Examined) -> list[Shown]:
    """What people say of a credential that is genuine and current."""
    if examined.report.verdict is not Outcome.PASSED:
        return []
    return (await shown_about(runtime, [examined.stored])).get(examined.stored.id, [])


def _sentence(examined: Examined) -> tuple[str, str]:
    """The verdict in words, and the tone that picks shape and colour."""
    report = examined.report
    if examined.facts is not None and (report.is_test or (examined.issuer and examined.issuer.is_test)):
        return SAYS, "test"
    if report.verdict is Outcome.PASSED:
        return "Genuine and current", "good"
    if report.verdict is Outcome.INCONCLUSIVE:
        return f"Could not check: {report.decisive.says}", "unsure"
    if report.withdrawn:
        on = examined.stored.withdrawn_at
        return "Genuine, withdrawn by the issuer" + (f" on {day(on)}" if on else ""), "withdrawn"
    key_taken_back = report.decisive.number == 3 and examined.issuer is not None and examined.issuer.holds_key
    if examined.facts is None and not key_taken_back:
        return "Changed after signing – do not rely on it", "bad"
    return f"Not valid: {report.decisive.says}", "bad"


def _note(examined: Examined) -> str | None:
    """What a reader should know of a good credential all the same."""
    key = examined.report.checks[3]
    return key.says if key.code == "key-revoked-later" else None


def _correction(stored: Stored, asked_code: str | None) -> Correction | None:
    if stored.corrected_at is None:
        return None
    return Correction(stored.corrected_at.date(), stored.edition, asked_code not in (None, stored.code))


def _who(examined: Examined) -> Who:
    issuer = examined.issuer
    if issuer is None:
        return Who("Unknown issuer", None, "Nobody we know vouches for this issuer.")
    path = f"/issuers/{issuer.slug}"
    return Who(issuer.name, issuer.domain, issuer.how, issuer.warning, path, issuer.holds_key)
