"""What a Completion must satisfy as a whole: contradictions are refused before anything is signed.

Each fault names the field, says why in a sentence a careers officer understands, and gives the fix.
Limits that are programme policy (how long, how many hours a week) are notes elsewhere, not refusals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from refolio.credential.frameworks import FRAMEWORKS
from refolio.credential.model import Alignment, Compensation, Completion, Engagement, Mode, Observed
from refolio.errors import CompletionRefused, Fault

HOURS_A_DAY = 12
LONGEST_DAYS = 366
TOMORROW_SOMEWHERE = timedelta(days=1)  # east of us the last day may have begun already
EARLIEST = date(2000, 1, 1)

# Words whose meaning is fixed by us; a skill or deliverable of that name would be read back as something else.
RESERVED_TAGS = frozenset([*Mode, *Engagement, *Compensation, "micro-internship"])
RESERVED_GENRES = frozenset(["feedback", "delivery"])

_HOURS = re.compile(r"[0-9]{1,4}(\.(25|5|50|75|0|00))?")
_AMOUNT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
# After the host, the characters of an IRI in N-Quads: the address becomes the id of something that is signed.
_WEB = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}(?::[0-9]{1,5})?(?:[/?#][!#-;=?-\[\]_a-z~]*)?",
    re.IGNORECASE | re.ASCII,
)

# Control characters canonicalise differently from library to library; the direction
# overrides and invisible characters make a name read as another one (SEC-007, SEC-061).
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e00ff]"
)
_JOINERS = str.maketrans("", "", "\u200c\u200d")  # needed inside Persian or Hindi words and emoji, nothing alone


def require_sound(completion: Completion, today: date) -> None:
    """Raise CompletionRefused with every fault found; return silently when there is none."""
    if found := faults(completion, today):
        raise CompletionRefused(found)


def faults(completion: Completion, today: date) -> list[Fault]:
    """Every reason why this completion cannot be signed, in field order; ``today`` is a date in UTC."""
    return [
        *_text_faults(completion),
        *_date_faults(completion, today),
        *_hours_faults(completion),
        *_kind_faults(completion),
        *_skill_faults(completion),
        *_address_faults(completion),
    ]


def normal_email(address: str) -> str:
    """The form of an address that is hashed and compared: trimmed and lower case."""
    return address.strip().lower()


def normal_number(value: int | str) -> str:
    """Decimal text without needless zeros: ``"37.50"`` and ``37.5`` are the same hours."""
    return f"{Decimal(value).normalize():f}"


def _texts(completion: Completion) -> Iterator[tuple[str, str]]:
    """Every text that will be signed or shown, with its field name."""
    project, feedback = completion.project, completion.feedback
    yield "record", completion.record
    yield "intern.name", completion.intern.name
    yield "role", completion.role
    yield "project.title", project.title
    yield "project.description", project.description
    yield "project.field", project.field
    yield from ((f"project.tasks[{n}]", task) for n, task in enumerate(project.tasks))
    if project.code:
        yield "project.code", project.code
    for n, skill in enumerate(completion.skills):
        yield f"skills[{n}].name", skill.name
        if skill.alignment:
            yield f"skills[{n}].alignment.name", skill.alignment.name or skill.name
            yield f"skills[{n}].alignment.code", skill.alignment.code or "-"
    if feedback:
        yield "feedback.text", feedback.text
        yield "feedback.author", feedback.author or "-"
        yield "feedback.author_role", feedback.author_role or "-"
    for n, item in enumerate(completion.deliverables):
        yield f"deliverables[{n}].title", item.title
        yield f"deliverables[{n}].description", item.description or "-"
        yield f"deliverables[{n}].kind", item.kind
    if completion.academic_credit:
        yield "academic_credit.system", completion.academic_credit.system
        yield "academic_credit.given_by", completion.academic_credit.given_by
    if completion.host:
        yield "host.name", completion.host.name
    yield "term", completion.term or "-"
    yield "story", completion.story or "-"


_LONG_TEXTS = {"project.description", "feedback.text", "story"}


def _text_faults(completion: Completion) -> Iterator[Fault]:
    for field, text in _texts(completion):
        if fault := text_fault(field, text, lines=field in _LONG_TEXTS):
            yield fault


def text_fault(field: str, text: str, *, lines: bool = False) -> Fault | None:
    """Why a text that will be signed or shown cannot be taken; ``lines`` says whether line breaks are allowed."""
    if not text.translate(_JOINERS).strip():
        return Fault(field, "This is blank.", "Fill it in.")
    if _UNPRINTABLE.search(text):
        return Fault(
            field, "This holds a tab or another control character.", "Replace it by a space and send it again."
        )
    if _INVISIBLE.search(text):
        return Fault(
            field, "This holds invisible, broken or direction-changing characters.", "Type it again without them."
        )
    if "\n" in text and not lines:
        return Fault(field, "This must be a single line.", "Remove the line break.")
    return None


def _date_faults(completion: Completion, today: date) -> Iterator[Fault]:
    started, ended = completion.started, completion.ended
    if ended < started:
        yield Fault(
            "ended",
            f"The end ({ended}) is before the start ({started}).",
            "Swap the two dates, or correct the one that is wrong.",
        )
        return
    if started < EARLIEST:
        yield Fault("started", f"{started} is too long ago to be right.", "Check the year.")
    if ended - today > TOMORROW_SOMEWHERE:
        yield Fault("ended", f"The end ({ended}) is in the future.", "Issue the credential when the work is finished.")
    if (ended - started).days >= LONGEST_DAYS:
        yield Fault("ended", f"From {started} to {ended} is more than a year.", "Check the years of both dates.")


def _hours_faults(completion: Completion) -> Iterator[Fault]:
    total = str(completion.hours.total)
    if total.startswith("-"):
        yield Fault(
            "hours.total", f"{total} hours is less than nothing.", "Give the hours worked as a positive number."
        )
    elif not _HOURS.fullmatch(total):
        yield Fault("hours.total", f"“{total}” is not a number of hours.", "Write 42 or 37.5: quarter hours, no unit.")
    elif Decimal(total) == 0:
        yield Fault("hours.total", "No hours were worked.", "Give the hours worked.")
    elif completion.started <= completion.ended:
        days = (completion.ended - completion.started).days + 1
        if Decimal(total) > days * HOURS_A_DAY:
            span = "1 day" if days == 1 else f"{days} days"
            yield Fault(
                "hours.total",
                f"{normal_number(total)} hours do not fit into {span} ({completion.started} to {completion.ended}); "
                f"at most {HOURS_A_DAY} hours a day are accepted.",
                "Correct the hours or the dates.",
            )
    required = completion.hours.required
    if required is not None and (not _HOURS.fullmatch(str(required)) or Decimal(str(required)) == 0):
        yield Fault("hours.required", f"“{required}” is not a number of hours.", "Write 40 or 37.5, or leave it out.")


def _kind_faults(completion: Completion) -> Iterator[Fault]:
    credit = completion.academic_credit
    if credit and (not _AMOUNT.fullmatch(str(credit.amount)) or Decimal(str(credit.amount)) == 0):
        yield Fault("academic_credit.amount", f"“{credit.amount}” is not an amount of credit.", "Write 2 or 2.5.")
    if completion.compensation is Compensation.ACADEMIC_CREDIT and credit is None:
        yield Fault(
            "academic_credit",
            "The compensation is academic credit, but no credit is stated.",
            "Add academic_credit with system, amount and given_by, or choose another compensation.",
        )
    if completion.engagement is Engagement.VOLUNTEERING and completion.compensation in (
        Compensation.HOURLY_PAY,
        Compensation.FIXED_FEE,
    ):
        yield Fault(
            "compensation",
            f"Volunteering is not paid by {completion.compensation.value}.",
            "Choose another engagement, or unpaid, expenses-only or stipend.",
        )
    if completion.engagement is Engagement.SIMULATION and any(s.observed is Observed.SEEN for s in completion.skills):
        yield Fault(
            "skills",
            "A simulation has no supervisor who could have seen a skill.",
            "Mark its skills self-reported, or choose another engagement.",
        )
    for n, item in enumerate(completion.deliverables):
        if item.kind.casefold().strip() in RESERVED_GENRES:
            reason = f"“{item.kind}” is not a kind of deliverable."
            yield Fault(f"deliverables[{n}].kind", reason, "Use another word, such as Report.")


def _skill_faults(completion: Completion) -> Iterator[Fault]:
    names: set[str] = set()
    for n, skill in enumerate(completion.skills):
        field = f"skills[{n}]"
        folded = skill.name.casefold().strip()
        if folded in names:
            yield Fault(f"{field}.name", f"The skill “{skill.name}” is listed twice.", "List it once.")
        names.add(folded)
        if folded in RESERVED_TAGS:
            yield Fault(
                f"{field}.name",
                f"“{skill.name}” is a word for the kind of work, not a skill.",
                "Use mode, engagement or compensation for it, or a longer name such as “project planning”.",
            )
        if skill.level and skill.observed is Observed.SELF_REPORTED:
            yield Fault(f"{field}.level", "Only a skill seen by the supervisor can have a level.", "Remove the level.")
        if skill.alignment:
            yield from _alignment_faults(f"{field}.alignment", skill.alignment)


def _alignment_faults(field: str, alignment: Alignment) -> Iterator[Fault]:
    form = FRAMEWORKS[alignment.framework]
    if not form.url.fullmatch(alignment.url):
        yield Fault(
            f"{field}.url",
            f"This is not the form of a link in {alignment.framework.value}.",
            f"Use a link like {form.example}.",
        )


def _address_faults(completion: Completion) -> Iterator[Fault]:
    email = completion.intern.email
    local = email.partition("@")[0]
    if not _EMAIL.fullmatch(email) or ".." in email or local.startswith(".") or local.endswith(".") or len(local) > 64:
        yield Fault("intern.email", f"“{email}” is not an e-mail address.", "Write one address like maya@example.org.")
    links = [(f"deliverables[{n}].url", item.url) for n, item in enumerate(completion.deliverables)]
    links.append(("host.url", completion.host.url if completion.host else None))
    seen: set[str] = set()
    for field, url in links:
        if url is not None and not _WEB.fullmatch(url):
            yield Fault(field, "This is not a web address.", "Write it in full, beginning with https://.")
        elif url in seen:  # one address is one thing: signed twice, its two names could be swapped
            yield Fault(field, "This address already stands for something else here.", "Give each its own address.")
        seen.add(url or field)
