"""Maya's micro-internship as a Completion, with everything in it that can be said; and any other sound completion."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from refolio.credential.document import Issuance, IssuerProfile, StatusEntry
from refolio.credential.frameworks import FRAMEWORKS
from refolio.credential.model import (
    Compensation,
    Completion,
    Engagement,
    Framework,
    HoursBasis,
    Level,
    Mode,
    Observed,
    completion_from,
)
from refolio.credential.rules import RESERVED_GENRES, RESERVED_TAGS

TODAY = date(2026, 11, 23)
ORIGIN = "https://portfolio.example"
ACME_DID = "did:web:portfolio.example:issuers:acme"
CREDENTIAL_URL = f"{ORIGIN}/credentials/0b9d3c52-6f0e-4c0b-9a55-2f1d7a1e8c41"
LIST_URL = f"{ORIGIN}/status/1"

Members = dict[str, Any]


def members(**changes: Any) -> Members:
    """The JSON members of a completion that says everything; ``changes`` replace members, None takes one out."""
    full = {
        "record": "NF-2026-0142",
        "issuer": "acme-textiles",
        "intern": {"name": "Maya Okafor", "email": "maya@northfield.example"},
        "role": "Market research micro-intern",
        "project": {
            "title": "Market scan of recycled textiles",
            "description": "Map twelve competitors.\nRecommend two markets to enter.",
            "tasks": ["Interview five buyers", "Map twelve competitors"],
            "field": "Marketing",
            "code": "ACME-2026-014",
        },
        "started": "2026-08-24",
        "ended": "2026-09-11",
        "hours": {"total": "37.50", "basis": "logged", "required": 40},
        "mode": "remote",
        "engagement": "project",
        "compensation": "stipend",
        "skills": [
            {
                "name": "market research",
                "observed": "seen",
                "level": "exceeds",
                "alignment": {
                    "framework": "ESCO",
                    "url": "http://data.europa.eu/esco/skill/0d2d1c5e-0000-4000-8000-000000000001",
                    "name": "perform market research",
                },
            },
            {"name": "spreadsheets", "observed": "self-reported"},
        ],
        "feedback": {"text": "Careful and quick.", "author": "Sam Rivera", "author_role": "Head of Product"},
        "deliverables": [
            {
                "title": "Market scan",
                "url": "https://files.example/scan.pdf",
                "description": "22 pages",
                "kind": "Report",
            },
            {"title": "Talk to the product team"},
        ],
        "academic_credit": {"system": "ECTS", "amount": "2.0", "given_by": "Northfield University"},
        "host": {"name": "Brightline Labs", "url": "https://brightline.example"},
        "term": "Summer 2026",
        "story": "Maya wrote the scan and presented it.",
    }
    return {name: value for name, value in (full | changes).items() if value is not None}


def completion(**changes: Any) -> Completion:
    return completion_from(members(**changes))


def issuance(**changes: Any) -> Issuance:
    given: dict[str, Any] = {
        "credential_url": CREDENTIAL_URL,
        "origin": ORIGIN,
        "issuer": IssuerProfile(ACME_DID, "Acme Textiles", "https://acme.example", "Recycled textiles."),
        "valid_from": datetime(2026, 9, 18, 12, 30, 15, 999, tzinfo=UTC),
        "salt": "c2FsdC1leGFtcGxlLTE2Yg",
        "status": StatusEntry(LIST_URL, 94567, f"{CREDENTIAL_URL}/status"),
        "platform": "Northfield Careers",
    }
    return Issuance(**given | changes)


# --- any sound completion ----------------------------------------------------------------------------------------

# Every letter, digit, mark, sign and space there is, without what rules refuses; line feeds in long texts only.
_VISIBLE = st.characters(
    exclude_categories=("C", "Zl", "Zp"),
    exclude_characters="\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0" + "".join(map(chr, range(0xFFF0, 0x10000))),
)


def _filled(text: str) -> bool:
    return bool(text.strip())


_TELLING = [
    "Zoë Ångström",
    "名前",
    "\U0001f389 \U0001d54f",
    "<b>&amp;</b>",
    'a "b" \\',
    "- c",
    " d ",
    "By e",
    "C++",
    "@value",
    "0",
]
_LINES = st.sampled_from(_TELLING) | st.text(_VISIBLE, min_size=1, max_size=12).filter(_filled)
_TEXTS = st.lists(_LINES, min_size=1, max_size=3).map("\n".join)
_WORDS = _LINES.filter(lambda text: text.casefold().strip() not in RESERVED_TAGS | RESERVED_GENRES)
_FRAMEWORKS = st.sampled_from(Framework)
_PATHS = st.text(st.characters(codec="ascii", categories=("L", "N")) | st.sampled_from("/-._~%?=&()"), max_size=20)


@st.composite
def _alignments(draw: st.DrawFn) -> Members:
    framework = draw(_FRAMEWORKS)
    optional = draw(st.fixed_dictionaries({}, optional={"name": _LINES, "code": _LINES}))
    return {"framework": framework.value, "url": FRAMEWORKS[framework].example, **optional}


@st.composite
def _skills(draw: st.DrawFn, *, may_be_seen: bool) -> list[Members]:
    names = draw(st.lists(_WORDS, min_size=1, max_size=4, unique_by=lambda name: name.casefold().strip()))
    skills: list[Members] = []
    for name in names:
        observed = draw(st.sampled_from(Observed)) if may_be_seen else Observed.SELF_REPORTED
        skill: Members = {"name": name, "observed": observed.value}
        if observed is Observed.SEEN and (level := draw(st.none() | st.sampled_from(Level))):
            skill["level"] = level.value
        if alignment := draw(st.none() | _alignments()):
            skill["alignment"] = alignment
        skills.append(skill)
    return skills


@st.composite
def sound_completions(draw: st.DrawFn) -> Completion:
    """Any completion without a fault on TODAY."""
    engagement = draw(st.sampled_from(Engagement))
    paid = {Compensation.HOURLY_PAY, Compensation.FIXED_FEE} if engagement is Engagement.VOLUNTEERING else set()
    compensation = draw(st.sampled_from([kind for kind in Compensation if kind not in paid]))
    started = draw(st.dates(date(2000, 1, 1), TODAY))
    ended = draw(st.dates(started, min(TODAY, started + timedelta(days=365))))
    quarters = draw(st.integers(1, min(39_999, ((ended - started).days + 1) * 12 * 4)))
    credit = draw(st.none() | st.just({"system": "ECTS", "amount": draw(st.integers(1, 60)), "given_by": draw(_LINES)}))
    if compensation is Compensation.ACADEMIC_CREDIT:
        credit = credit or {"system": "US credit hours", "amount": "1.5", "given_by": draw(_LINES)}
    urls = iter(
        f"https://files.example/{n}/{path}" for n, path in enumerate(draw(st.lists(_PATHS, min_size=4, max_size=4)))
    )
    deliverables = draw(
        st.lists(st.fixed_dictionaries({"title": _LINES}, optional={"description": _LINES, "kind": _WORDS}), max_size=3)
    )
    feedback = st.fixed_dictionaries({"text": _TEXTS}, optional={"author": _LINES, "author_role": _LINES})
    required = st.fixed_dictionaries({}, optional={"required": st.integers(1, 400)})
    optional = st.fixed_dictionaries({}, optional={"term": _LINES, "story": _TEXTS, "feedback": feedback})
    given = members(
        intern={"name": draw(_LINES), "email": "maya@northfield.example"},
        role=draw(_LINES),
        project={
            "title": draw(_LINES),
            "description": draw(_TEXTS),
            "tasks": draw(st.lists(_LINES, min_size=1, max_size=3)),
            "field": draw(_LINES),
            **draw(st.fixed_dictionaries({}, optional={"code": _LINES, "language": st.sampled_from(["de", "pt-BR"])})),
        },
        started=started,
        ended=ended,
        hours={"total": f"{quarters / 4:.2f}", "basis": draw(st.sampled_from(HoursBasis)).value, **draw(required)},
        mode=draw(st.sampled_from(Mode)).value,
        engagement=engagement.value,
        compensation=compensation.value,
        skills=draw(_skills(may_be_seen=engagement is not Engagement.SIMULATION)),
        deliverables=[item | ({"url": next(urls)} if draw(st.booleans()) else {}) for item in deliverables],
        academic_credit=credit,
        host=draw(st.none() | st.just({"name": draw(_LINES)} | ({"url": next(urls)} if draw(st.booleans()) else {}))),
        term=None,
        story=None,
        feedback=None,
    )
    return completion_from(given | draw(optional))
