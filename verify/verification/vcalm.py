"""VCALM 0.9 (formerly VC API), verifying: what a request may hold, and a report in the words of that interface.

VCALM wants 200 even for a document that does not hold; the W3C suites, and programs that look at the status code alone,
want an error. So the answer to ``verified: false`` is 400 with the whole result, and 200 for those who ask for
it (``options.alwaysOk``, our own). The verdict itself, in three values, stands in ``report``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from refolio.credential.reading import JSON
from refolio.credential.report import Check, Outcome, VerificationReport
from refolio.credential.shape import status_entries, strings
from refolio.errors import Fault
from verify.http.refusals import Refused

BASE_CONTEXT = "https://www.w3.org/ns/credentials/v2"
PARSING_ERROR = "https://www.w3.org/TR/vc-data-model#PARSING_ERROR"
MALFORMED = "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"
TOKENS = ("application/vc+jwt,", "application/vp+jwt,", "application/jwt,")
CHECKS = ("proof", "credentialStatus", "status")
LONGEST_TEXT = 500  # of challenge and domain


class Kind(StrEnum):
    """What is to be verified; the value is the member of the request that holds it."""

    CREDENTIAL = "verifiableCredential"
    PRESENTATION = "verifiablePresentation"

    @property
    def type(self) -> str:
        """The type in its ``type``."""
        return self.value[0].upper() + self.value[1:]

    @property
    def returned(self) -> str:
        """The option that asks for it back."""
        return "returnCredential" if self is Kind.CREDENTIAL else "returnPresentation"


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """One request. ``raw`` is the document as the core reads it: JSON, or the JWT out of its envelope."""

    kind: Kind
    document: Mapping[str, JSON]
    raw: bytes
    challenge: str | None
    domain: str | None
    options: Mapping[str, JSON]

    @property
    def is_enveloped(self) -> bool:
        """Whether ``raw`` is a token out of an envelope."""
        return f"Enveloped{self.kind.type}" in strings(self.document.get("type"))

    def wants(self, option: str, *, default: bool = False) -> bool:
        """Whether an option is switched on."""
        return bool(self.options.get(option, default))


def read_request(members: Mapping[str, JSON], kind: Kind) -> VerifyRequest:
    """Take the request apart. Raises Refused (400) that names what is missing, unknown or of the wrong kind.

    The bytes of an embedded document are not at hand, so it is spelled anew from what the strict reader read, which
    refused everything that a second reader could read otherwise (duplicate names, fractions, half characters).
    """
    if unknown := sorted(set(members) - {kind.value, "options"}):
        raise _refused(unknown[0], "There is no member of this name.", f"Send {kind.value} and options.")
    document = members.get(kind.value)
    if not isinstance(document, dict):
        raise _refused(
            kind.value, "It must be an object.", f"Send the whole document; a JWT goes into an Enveloped{kind.type}."
        )
    options = members.get("options", {})
    if not isinstance(options, dict):
        raise _refused("options", "The options must be an object.", "Leave them out for the usual ones.")
    _require_options(options, kind)
    return VerifyRequest(
        kind=kind,
        document=document,
        raw=_raw(document, kind),
        challenge=_text(options.get("challenge")),
        domain=_text(options.get("domain")),
        options=options,
    )


def _require_options(options: Mapping[str, JSON], kind: Kind) -> None:
    switches = {"returnResults", "returnProblemDetails", kind.returned, "alwaysOk"}
    for name, value in options.items():
        place = f"options.{name}"
        if name in switches:
            if not isinstance(value, bool):
                raise _refused(place, "This option is true or false.", "Write it without quotes.")
        elif name in ("challenge", "domain"):
            if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT:
                raise _refused(place, "This is not a text of usable length.", f"Send 1 to {LONGEST_TEXT} characters.")
        elif name == "checks":
            if not isinstance(value, list) or not all(isinstance(check, str) and check in CHECKS for check in value):
                raise _refused(place, "The checks are a list of known names.", f"Use some of: {', '.join(CHECKS)}.")
        else:
            known = ", ".join(sorted({*switches, "challenge", "domain", "checks"}))
            raise _refused(place, "There is no option of this name.", f"Known are {known}.")


def _raw(document: Mapping[str, JSON], kind: Kind) -> bytes:
    """The document for the core; the token of an Enveloped… object (VC Data Model 2.0 §4.13.2 and §4.13.3)."""
    enveloped = f"Enveloped{kind.type}"
    types, data = strings(document.get("type")), document.get("id")
    if enveloped not in types:
        return msgspec.json.encode(document)
    contexts = strings(document.get("@context"))
    if types != (enveloped,) or contexts[:1] != (BASE_CONTEXT,) or set(document) - {"@context", "id", "type"}:
        raise _refused(kind.value, "The envelope is malformed.", f"It has @context, type {enveloped} and a data: id.")
    for media_type in TOKENS:
        if isinstance(data, str) and data.startswith(f"data:{media_type}"):
            return data.removeprefix(f"data:{media_type}").encode()
    raise _refused(f"{kind.value}.id", "The id holds no token that is read here.", "Write data:application/vc+jwt,eyJ…")


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) else None


def _refused(field: str, reason: str, fix: str) -> Refused:
    return Refused("bad-request", f"{field}: {reason} {fix}", [Fault(field, reason, fix)])


def answer(request: VerifyRequest, report: VerificationReport, could_not_check: str) -> tuple[int, bytes]:
    """The status code and the body. ``could_not_check`` is the problem type of a verdict that is neither yes nor no."""
    problems = _problems(report, could_not_check)
    is_asked_for = report.kind == request.kind.name.lower()
    if not is_asked_for and report.checks[0].result is Outcome.PASSED:
        problems.insert(0, _other_kind(request.kind))
    verified = is_asked_for and report.verdict is Outcome.PASSED
    members: dict[str, object] = {"verified": verified}
    if request.wants("returnProblemDetails", default=True):
        members["problemDetails"] = problems
    if request.wants("returnResults"):
        members["results"] = _results(request, report)
    if request.wants(request.kind.returned):
        members["credential" if request.kind is Kind.CREDENTIAL else request.kind.value] = request.document
    members["report"] = report.members()
    return (200 if verified or request.wants("alwaysOk") else 400), msgspec.json.encode(members)


def _other_kind(kind: Kind) -> dict[str, str]:
    says = f"This is not a {kind.type}. Send it where its kind is verified."
    return {
        "type": MALFORMED,
        "title": "It is of the kind asked for",
        "detail": says,
        "code": "wrong-type",
        "check": "shape",
    }


def _problems(report: VerificationReport, could_not_check: str) -> list[dict[str, str]]:
    """One problem for each check that did not pass, the worst first; those of embedded credentials after them.

    Of a credential the embedded ones are endorsements: what is wrong with them is worth knowing, and theirs alone.
    """
    problems = [
        _problem(check, could_not_check)
        for outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE)
        for check in report.checks
        if check.result is outcome and (check.number < 7 or report.issuer_counts)
    ]
    for part in report.parts:
        problems += [
            {**problem, "detail": f"{part.path}: {problem['detail']}"}
            for problem in _problems(part.report, could_not_check)
        ]
    return problems


def _problem(check: Check, could_not_check: str) -> dict[str, str]:
    type_ = could_not_check if check.result is Outcome.INCONCLUSIVE else check.problem or PARSING_ERROR
    members = {"type": type_, "title": check.title, "detail": check.says, "code": check.code, "check": check.name}
    if check.result is Outcome.INCONCLUSIVE and check.problem:
        members["related"] = check.problem
    return members


def _results(request: VerifyRequest, report: VerificationReport) -> dict[str, object]:
    if request.kind is Kind.CREDENTIAL:
        return _credential_results(request.document, report)
    presentation: dict[str, object] = {"proof": _proof_results(request.document, report)}
    for name, given in (("challenge", request.challenge), ("domain", request.domain)):
        if given is not None:
            presentation[name] = {"verified": _passed(report, 2) and _passed(report, 4), "input": given}
    credentials = [
        {
            "verified": part.report.verdict is Outcome.PASSED,
            "problemDetails": [_problem(c, "inconclusive") for c in part.report.checks if c.result is Outcome.FAILED],
            "report": part.report.members(),
        }
        for part in report.parts
    ]
    return {"presentation": presentation, "credentials": credentials}


def _credential_results(document: Mapping[str, JSON], report: VerificationReport) -> dict[str, object]:
    """VCALM's results, keyed by the members of the credential. They repeat what ``report`` says check by check."""
    results: dict[str, object] = {
        name: {"verified": _passed(report, 5), "input": document[name]}
        for name in ("validFrom", "validUntil")
        if name in document
    }
    results["credentialStatus"] = [
        {"verified": _passed(report, 6), "input": entry} for entry in status_entries(document)
    ]
    results["proof"] = _proof_results(document, report)
    return results


def _proof_results(document: Mapping[str, JSON], report: VerificationReport) -> list[dict[str, object]]:
    proof = document.get("proof", [])
    verified = all(_passed(report, number) for number in (2, 3, 4))
    return [{"verified": verified, "input": one} for one in (proof if isinstance(proof, list) else [proof])]


def _passed(report: VerificationReport, number: int) -> bool:
    return report.checks[number].result is Outcome.PASSED
