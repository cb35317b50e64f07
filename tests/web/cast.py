"""The contexts of pages as the service builds them: Maya's credential, and one with hostile text in every field."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime

from refolio.credential.facts import Deliverable, Facts, Role, SkillFact
from refolio.credential.report import Check, Outcome, VerificationReport
from refolio.errors import Fault
from tests.web.referees import question, shown_reference
from verify.credentials.tallying import Tally
from verify.http.refusals import KINDS
from verify.issuers.domains import Domain
from verify.issuers.proofs import Wanted
from verify.issuers.publishing import IssuerProfile, KeyAge
from verify.verification.introducing import Introduction

CODE = "7Q4K-9XBD-2MTR-6WFH"
ORIGIN = "http://localhost:8000"

FACTS = Facts(
    credential_id="urn:uuid:0f9c1a52-4f4f-4a7e-9d5e-0d5f7b5b9a11",
    title="Why do customers return shirts?",
    intern="Maya Okafor",
    issuer=Role("Acme Textiles", "did:web:localhost%3A8000:issuers:acme-textiles"),
    host=Role("Brightwater Mills"),
    platform=Role("Northfield Careers Service"),
    description="A survey of customers who had sent shirts back.",
    role="Market research intern",
    started=date(2026, 8, 24),
    ended=date(2026, 9, 11),
    signed_on=date(2026, 9, 14),
    hours="60",
    hours_basis="logged",
    hours_required="60",
    mode="on-site",
    engagement="project",
    compensation="stipend",
    field="Marketing",
    term="Summer 2026",
    story="I learned to ask first.",
    skills=(
        SkillFact("Presenting", seen=False),
        SkillFact("Survey design", seen=True, level="proficient", framework="ESCO"),
        SkillFact("Market research", seen=True),
    ),
    tasks=("Design a questionnaire", "Report the reasons"),
    deliverables=(Deliverable("Five reasons", "Report", "https://files.example/returns.pdf"),),
    feedback="Maya asked the question nobody had asked.",
    feedback_by="Sam Rivera",
    credit=None,
)

# Each breaks out of some place: text, attribute in either quote, title, comment, style, URL, template, text direction.
PAYLOADS = (
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(2)>",
    "</title></style><svg onload=alert(3)>",
    '" autofocus onfocus="alert(4)',
    "javascript:alert(5)",
    "https://evil.example/\"onmouseover='alert(6)'",
    "--><iframe src=//evil.example></iframe>",
    "{{ 7 * 7 }}{% raw %}",
    "]]><base href=//evil.example>",
    "\u202egnp.exe\u2028<style>*{display:none}</style>",
)


def hostile(payload: str) -> Facts:
    """Facts with the payload in every text a stranger can write."""
    role = Role(payload, payload, payload)
    texts = {member.name: payload for member in fields(Facts) if member.type in {"str", "str | None"}}
    return replace(
        FACTS,
        **texts,  # type: ignore[arg-type]
        issuer=role,
        host=role,
        platform=role,
        skills=(SkillFact(payload, True, payload, payload, payload), SkillFact(payload, False)),
        tasks=(payload,),
        deliverables=(Deliverable(payload, payload, payload, payload),),
    )


def report(*results: Outcome, says: str = "This was looked at.") -> VerificationReport:
    """A report of eight checks: the given outcomes first, then passed."""
    outcomes = (*results, *[Outcome.PASSED] * (8 - len(results)))
    return VerificationReport(tuple(Check(n, "ok", outcome, says) for n, outcome in enumerate(outcomes)))


PASSED = report()
CHANGED = report(
    *[Outcome.PASSED] * 4, Outcome.FAILED, *[Outcome.NOT_REACHED] * 3, says="The signature does not match."
)
NO_STATUS = report(*[Outcome.PASSED] * 6, Outcome.INCONCLUSIVE, says="The status list did not answer.")
STRANGER = report(*[Outcome.PASSED] * 7, Outcome.INCONCLUSIVE, says="Nobody here knows the issuer.")


def reference(text: str = "I would work with her again.", **changes: object) -> tuple[str, dict[str, object]]:
    """The page of a reference."""
    this = {
        "report": PASSED,
        "statement": shown_reference(text)["statement"],
        "issuer": introduction(text).issuer,
        **changes,
    }
    paths = {"link": "/references/9", "verify_command": f"refolio verify {ORIGIN}/references/9", "code": CODE}
    return "reference.html", {"this": this, "checked_at": datetime(2026, 11, 23, 14, 5, tzinfo=UTC), **paths}


def references(text: str, facts: Facts) -> list[tuple[str, dict[str, object]]]:
    """Every page with what a referee writes, or is called."""
    shown = [shown_reference(text)]
    return [
        ("verdict.html", verdict(facts=facts, references=shown)),
        ("portfolio.html", portfolio(entry(facts, references=shown))),
        reference(text),
        question("asked", facts, text, [Fault("text", text, text)]),
        question("signed", facts, text),
    ]


def verdict(**changes: object) -> dict[str, object]:
    """Context of verdict.html: genuine and current unless changed."""
    return {
        "report": PASSED,
        "facts": FACTS,
        "sentence": "Genuine and current",
        "tone": "good",
        "withdrawal": None,
        "references": [shown_reference()],
        "correction": None,
        "note": None,
        "who": {
            "name": "Acme Textiles",
            "domain": "acme.example",
            "how": "Key published on acme.example, confirmed on 23 Nov 2026.",
            "warning": None,
            "path": "/issuers/acme-textiles",
            "holds_key": False,
        },
        "alike": {},
        "code": CODE,
        "short_link": f"localhost:8000/v/{CODE}",
        "link": f"{ORIGIN}/v/{CODE}",
        "credential_path": "/credentials/0f9c1a52-4f4f-4a7e-9d5e-0d5f7b5b9a11",
        "signed_path": f"/v/{CODE}/signed.json",
        "qr_path": f"/v/{CODE}/qr.svg",
        "qr_png_path": f"/v/{CODE}/qr.png",
        "portfolio_path": "/p/maya",
        "checked_at": datetime(2026, 11, 23, 14, 5, tzinfo=UTC),
        "verify_command": f"refolio verify {ORIGIN}/credentials/0f9c1a52",
        **changes,
    }


def entry(facts: Facts | None = FACTS, **changes: object) -> dict[str, object]:
    """One entry of a portfolio: current unless changed."""
    return {
        "facts": facts,
        "state": "current",
        "state_says": "Genuine and current",
        "code": CODE,
        "path": f"/v/{CODE}",
        "qr_path": f"/v/{CODE}/qr.svg",
        "withdrawal": None,
        "issuer_path": "/issuers/acme-textiles",
        "references": [shown_reference()],
        **changes,
    }


def portfolio(*entries: dict[str, object], **changes: object) -> dict[str, object]:
    """Context of portfolio.html."""
    return {
        "earlier": 0,
        "person": {"name": "Maya Okafor", "headline": "Asks the question behind the question.", "handle": "maya"},
        "summary": {
            "organisations": 2,
            "fields": ["Marketing"],
            "skills": [("Survey design", 4), ("Presenting", 1)],
            "hours": "312",
            "credentials": 5,
        },
        "entries": list(entries),
        "page": {"url": f"{ORIGIN}/p/maya", "title": "Maya Okafor – signed work", "description": "Signed work."},
        **changes,
    }


WITHDRAWN = {
    "on": date(2026, 11, 23),
    "words": "Something in it was wrong",
    "reason": "The hours were recorded twice.",
    "reply": None,
    "successor_path": None,
}
REPLY = {"text": "I recorded them once.\nMy supervisor has the sheet.", "on": datetime(2026, 11, 24, tzinfo=UTC)}
REPLIED = {
    **WITHDRAWN,
    "reply": REPLY,
    "successor_path": "/v/0000-1111-2222-3333",
}


def introduction(text: str = "Acme Textiles", *, proven: bool = True) -> Introduction:
    """What issuer.html is about, with ``text`` wherever a stranger can write some."""
    day = datetime(2026, 11, 1, tzinfo=UTC)
    wanted = Wanted("acme.example", "did:web:localhost%3A8000:issuers:acme-textiles", frozenset(), "c")
    holds = Domain("1", text, f"{text}.", "dns", day, day, day, day, None, None, None, wanted)
    ended = replace(holds, id="2", ended_at=day, why_ended="failed")
    return Introduction(
        issuer=IssuerProfile("acme-textiles", wanted.did, text, text, text, text, text, text, day, day),
        domains=[holds, replace(holds, id="3", failing_since=day), ended] if proven else [],
        keys=KeyAge(day, 2),
        tally=Tally(12, 1, 2.5),
        pledge="We never charge interns.",
        site_warning=text,
        did_path="/issuers/acme-textiles/did.json",
        on=date(2026, 11, 23),
    )


PROBLEM = {
    "title": "There is nothing at this address",
    "detail": "No credential has this code.",
    "status": 404,
    "typed": "",
}

# Every page in every state it has, by name.
FAULTS = [Fault("code", "The code is not right.", "Type the six digits of the newest mail.")]

PAGES: dict[str, tuple[str, dict[str, object]]] = {
    "home": ("home.html", {"links": [("Documentation", "/docs")]}),
    "problem-404": ("problem.html", PROBLEM),
    "problem-422": ("problem.html", {**PROBLEM, "status": 422}),
    "problem-kind": ("problem_kind.html", {"code": "not-found", "kind": KINDS["not-found"]}),
    "problem-429": ("problem.html", {**PROBLEM, "status": 429}),
    "problem-503": ("problem.html", {**PROBLEM, "status": 503}),
    "sign-in-code": ("sign-in-code.html", {"path": "/sign-in/code", "here": True, "button": False, "faults": []}),
    "sign-in-link": ("sign-in-code.html", {"path": "/sign-in/link/x", "here": True, "button": True, "faults": []}),
    "sign-in-elsewhere": ("sign-in-code.html", {"path": "/x", "here": False, "button": False, "faults": FAULTS}),
    "sign-in-over": ("sign-in-over.html", {"detail": "This link was used already, or it is too old."}),
    "sign-out": ("sign-out.html", {"csrf": "x"}),
    "account-undo": ("account-undo.html", {"secret": "x", "address": "m…@home.example", "change": "added"}),
    "verdict-good": ("verdict.html", verdict()),
    "verdict-withdrawn": (
        "verdict.html",
        verdict(
            sentence="Genuine, withdrawn by the issuer on 23 November 2026", tone="withdrawn", withdrawal=WITHDRAWN
        ),
    ),
    "verdict-corrected": (
        "verdict.html",
        verdict(correction={"on": date(2026, 11, 23), "edition": 2, "by_earlier_code": True}),
    ),
    "verdict-replied": (
        "verdict.html",
        verdict(sentence="Genuine, withdrawn by the issuer on 23 November 2026", tone="withdrawn", withdrawal=REPLIED),
    ),
    "verdict-bad": (
        "verdict.html",
        verdict(sentence="Changed after signing – do not rely on it", tone="bad", facts=None, report=CHANGED),
    ),
    "verdict-unsure": (
        "verdict.html",
        verdict(sentence="Could not check: no answer from the status list", tone="unsure", report=NO_STATUS),
    ),
    "issuer": ("issuer.html", {"this": introduction()}),
    "issuer-unproven": ("issuer.html", {"this": introduction(proven=False)}),
    "reference": reference(),
    "reference-bad": reference(report=CHANGED, statement=None),
    **{
        f"reference-{state}": question(state, FACTS)
        for state in ("asked", "signing", "signed", "withdrawn", "declined", "over")
    },
    "reference-refused": question("asked", FACTS, faults=[Fault("text", "It is very short.", "Write more."), *FAULTS]),
    "portfolio": ("portfolio.html", portfolio(*[entry() for _ in range(12)])),
    "portfolio-states": (
        "portfolio.html",
        portfolio(
            entry(),
            entry(state="withdrawn", withdrawal=REPLIED),
            entry(state="unchecked", state_says="Could not be checked just now."),
            entry(None, state="broken", state_says="Changed."),
        ),
    ),
    "portfolio-empty": (
        "portfolio.html",
        portfolio(summary={"organisations": 0, "fields": [], "skills": [], "hours": "0", "credentials": 0}),
    ),
}
