"""What a verification found: eight numbered checks, each with an outcome, a stable code and a sentence.

The numbers, names and order are the same in code, docs, page, command line and browser (docs/issuance-cycle.md):
0 parse · 1 shape · 2 proofs · 3 key · 4 signature · 5 validity · 6 status · 7 issuer.
"Could not check" is never "failed" and never "passed".
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NoReturn

import msgspec

from refolio.credential import marking, outcomes


class Outcome(StrEnum):
    """What one check, or the whole report, came to."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    NOT_REACHED = "not-reached"


LONGEST_SENTENCE = 700

CHECK_NAMES = ("parse", "shape", "proofs", "key", "signature", "validity", "status", "issuer")

CHECK_TITLES = (
    "The file can be read",
    "Everything in it is covered by the signature",
    "It is signed in a way we accept",
    "The key belongs to the issuer",
    "Nothing was changed after signing",
    "The dates are in order",
    "It has not been withdrawn",
    "The issuer is known",
)


class Check(msgspec.Struct, frozen=True):
    """One numbered check: ``code`` for programs (stable), ``says`` one sentence for people.

    A sentence may quote a stranger's document, so it is cut and its invisible characters are blanked (SEC-061).
    ``is_external`` is true where the signature is that of a JWT around the document, not a proof inside it.
    """

    number: int
    code: str
    result: Outcome
    says: str
    is_external: bool = False

    def __post_init__(self) -> None:
        if len(self.says) > LONGEST_SENTENCE or not self.says.isprintable():
            says = self.says if len(self.says) <= LONGEST_SENTENCE else self.says[: LONGEST_SENTENCE - 1] + "…"
            shown = "".join(c if c.isprintable() or c in "\u200c\u200d" else " " for c in says)
            msgspec.structs.force_setattr(self, "says", shown)

    @property
    def name(self) -> str:
        """Short name, as in ``refolio verify`` output."""
        return CHECK_NAMES[self.number]

    @property
    def title(self) -> str:
        """What was asked, in everyday words."""
        return CHECK_TITLES[self.number]

    @property
    def probe(self) -> str:
        """The probe of the 1EdTech validator that asks the same."""
        return outcomes.probe_of(self.number, self.code, is_external=self.is_external)

    @property
    def problem(self) -> str | None:
        """The W3C's problem type (a URL) for a check that did not pass; None for one that did or was not made."""
        if self.result in (Outcome.PASSED, Outcome.NOT_REACHED):
            return None
        return outcomes.problem_of(self.number, self.code)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "A check has three outcomes; compare check.result with an Outcome instead of using it as true or false."
        )


class Part(msgspec.Struct, frozen=True):
    """A credential inside the document: where it stands (JSON Pointer, RFC 6901), and what was found about it alone.

    ``subject_id`` is whom or what it is about, if it says so: of an endorsement, the thing endorsed.
    """

    path: str
    report: VerificationReport
    subject_id: str | None = None


class VerificationReport(msgspec.Struct, frozen=True):
    """All eight checks in order, and the verdict they add up to.

    ``verdict`` counts checks 0 to 6; who the issuer is (check 7) is a separate answer and only counts when the policy
    asks for a known issuer, or when it is a test issuer and the policy lets none pass; then ``issuer_counts`` is true.
    ``parts`` are the credentials inside it, each with a verdict of its own: a presentation says nothing itself and
    stands and falls with them; of a credential they are somebody else's words (an endorsement), and theirs alone.
    """

    checks: tuple[Check, ...]
    credential_id: str | None = None
    issuer_id: str | None = None
    issuer_counts: bool = False
    kind: Literal["credential", "presentation"] = "credential"
    parts: tuple[Part, ...] = ()

    @property
    def verdict(self) -> Outcome:
        """``failed`` if any counted check failed, else ``inconclusive`` if any could not be made, else ``passed``."""
        results = [check.result for check in self._counted]
        if self.kind == "presentation":
            results += [part.report.verdict for part in self.parts]
        for outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.NOT_REACHED):
            if outcome in results:
                return Outcome.FAILED if outcome is Outcome.FAILED else Outcome.INCONCLUSIVE
        return Outcome.PASSED

    @property
    def _counted(self) -> tuple[Check, ...]:
        return self.checks if self.issuer_counts else self.checks[:7]

    @property
    def decisive(self) -> Check:
        """The check that decided the verdict: the first of the worst outcome, or the last counted one."""
        parts = [part.report for part in self.parts] if self.kind == "presentation" else []
        for outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE):
            for check in self._counted:
                if check.result is outcome:
                    return check
            for report in parts:
                if report.verdict is outcome:
                    return report.decisive
        return self.checks[6]

    @property
    def withdrawn(self) -> bool:
        """True when the signature holds and a status list says that the issuer withdrew the credential."""
        return self.checks[4].result is Outcome.PASSED and self.checks[6].code == "withdrawn"

    @property
    def superseded(self) -> bool:
        """True when the signature holds and the verifier knows of a newer edition by the same issuer."""
        return self.checks[4].result is Outcome.PASSED and self.checks[6].code == "superseded"

    @property
    def is_test(self) -> bool:
        """True when the signature holds and what is signed calls itself a test."""
        return self.checks[4].result is Outcome.PASSED and self.checks[7].code == "test-issuer"

    @property
    def says(self) -> str:
        """The verdict in a sentence or two. "Genuine" takes a known issuer: anybody can sign in an invented name."""
        genuine = "Genuine" if self.checks[7].result is Outcome.PASSED else "Unchanged"
        match self.verdict:
            case Outcome.PASSED if self.is_test:
                return f"Unchanged and current. {marking.SAYS}"
            case _ if self.is_test and self.decisive.number > 5:
                return marking.SAYS if self.decisive.number == 7 else f"{marking.SAYS} {self.decisive.says}"
            case Outcome.PASSED if self.kind == "presentation":
                return f"Presented unchanged, and every credential in it ({len(self.parts)}) passed."
            case Outcome.PASSED if self.checks[2].code == "self-asserted":
                return "The holder says so of itself; nobody else does."
            case Outcome.PASSED if genuine == "Unchanged":
                return "Unchanged and current. Its issuer is not known here."
            case Outcome.PASSED:
                return "Genuine and current."
            case Outcome.FAILED if self.withdrawn:
                return f"{genuine}, but withdrawn. {self.checks[6].says}"
            case Outcome.FAILED if self.superseded:
                return f"{genuine}, but superseded. {self.checks[6].says}"
            case Outcome.FAILED if self.decisive.code == "signature":
                return "Changed after signing. Do not rely on it."
            case Outcome.FAILED:
                return f"Not valid. {self.decisive.says}"
            case _ if self.decisive.code == "key-not-confirmed":
                return f"Unchanged, but nobody knows by whom. {self.decisive.says}"
            case _:
                return f"Could not check. {self.decisive.says}"

    def members(self) -> dict[str, object]:
        """The report as JSON members, the same from SDK, command line and service."""
        return {
            "verdict": self.verdict.value,
            "says": self.says,
            "kind": self.kind,
            "credential": self.credential_id,
            "issuer": self.issuer_id,
            "checks": [
                {
                    "number": check.number,
                    "name": check.name,
                    "code": check.code,
                    "result": check.result.value,
                    "says": check.says,
                    "probe": check.probe,
                    "problem": check.problem,
                }
                for check in self.checks
            ],
            "parts": [{"path": part.path, "subject": part.subject_id, **part.report.members()} for part in self.parts],
        }

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "A report has three verdicts; compare report.verdict with an Outcome instead of using it as true or false."
        )
