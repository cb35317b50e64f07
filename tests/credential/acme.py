"""Acme as a whole issuer (key, DID document, credentials, status list), and an outsider who examines what it finds."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from refolio.credential import status_list
from refolio.credential.controllers import did_document
from refolio.credential.document import compose
from refolio.credential.keys import PrivateKey, did_key
from refolio.credential.policy import DEFAULT, Policy
from refolio.credential.proof import SUITES, eddsa_jcs_2022, eddsa_rdfc_2022
from refolio.credential.report import Outcome, VerificationReport
from refolio.credential.verification import Found, Unfetched, examine, missing
from tests.credential.completions import ACME_DID, CREDENTIAL_URL, LIST_URL, completion, issuance

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CREATED = "2026-09-18T12:30:15Z"
INDEX = 94567
EXPLANATION_URL = f"{CREDENTIAL_URL}/status"
RDFC, JCS = eddsa_rdfc_2022.CRYPTOSUITE, eddsa_jcs_2022.CRYPTOSUITE

Document = dict[str, Any]
Change = Callable[[Document], object]


@dataclass(frozen=True)
class Signer:
    """Somebody with a key: a DID and everything signed in its name."""

    did: str
    key: PrivateKey

    @property
    def method(self) -> str:
        return f"{self.did}#{self.key.public.multibase}"

    @property
    def did_document(self) -> Document:
        return did_document(self.did, [self.key.public])

    def proof(self, unsigned: Document, suite: str = RDFC, **options: Any) -> Document:
        options = {"verification_method": self.method, "created": CREATED} | options
        return SUITES[suite].sign(unsigned, self.key, **options)

    def sign(self, unsigned: Document, suites: Iterable[str] = (RDFC, JCS), **options: Any) -> Document:
        return {**unsigned, "proof": [self.proof(unsigned, suite, **options) for suite in suites]}

    def status_list(self, *indexes: int, sign: bool = True, change: Change | None = None, **members: Any) -> Document:
        given = {
            "list_id": LIST_URL,
            "issuer": self.did,
            "valid_from": "2026-11-23T00:00:00Z",
            "valid_until": "2026-12-03T00:00:00Z",
            "bits": status_list.with_bits(status_list.MINIMUM_ENTRIES, indexes),
        }
        unsigned = status_list.compose(**given | members)
        if change:
            change(unsigned)
        return self.sign(unsigned, [RDFC]) if sign else unsigned


ACME = Signer(ACME_DID, PrivateKey.from_seed(bytes([1]) * 32))  # published here, worthless
MALLORY = Signer("did:web:mallory.example", PrivateKey.from_seed(bytes([2]) * 32))
_SAM = PrivateKey.from_seed(bytes([3]) * 32)
SAM = Signer(did_key(_SAM.public), _SAM)


def unsigned(change: Change | None = None) -> Document:
    """Maya's credential as Acme composes it, with one change made to it before it is signed."""
    document = compose(completion(), issuance())
    if change:
        change(document)
    return document


def signed(change: Change | None = None, *, by: Signer = ACME, **options: Any) -> Document:
    """The same, signed by ``by`` with both cryptosuites unless ``suites`` says otherwise."""
    return by.sign(unsigned(change), **options)


def tampered(document: Document, change: Change) -> Document:
    """A copy with one change made after signing."""
    copied = copy.deepcopy(document)
    change(copied)
    return copied


def published(*indexes: int) -> dict[str, Found]:
    """What Acme publishes, with the bits at ``indexes`` set in its status list."""
    return {ACME_DID: as_bytes(ACME.did_document), LIST_URL: as_bytes(ACME.status_list(*indexes))}


def as_bytes(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def examined(
    document: Any, found: Mapping[str, Any] | None = None, *, policy: Policy = DEFAULT, now: datetime = NOW
) -> VerificationReport:
    """Examine a document (or raw bytes); ``found`` (documents, bytes or Unfetched) is laid over what Acme publishes."""
    raw = document if isinstance(document, bytes) else as_bytes(document)
    at_hand = published() | {
        name: given if isinstance(given, bytes | Unfetched) else as_bytes(given)
        for name, given in (found or {}).items()
    }
    return sound(examine(raw, at_hand, policy, now))


def fetched(raw: bytes, source: Mapping[str, Found]) -> tuple[dict[str, Found], list[tuple[str, ...]]]:
    """Fetch until nothing is missing, as a client does; also what was asked for, round by round."""
    found: dict[str, Found] = {}
    rounds: list[tuple[str, ...]] = []
    while names := missing(raw, found):
        rounds.append(names)
        found |= {name: source.get(name, Unfetched("nobody answers.")) for name in names}
    return found, rounds


def outcome(report: VerificationReport) -> tuple[str, int, str]:
    """Verdict, number and code of the check that decided it."""
    return report.verdict.value, report.decisive.number, report.decisive.code


def sound(report: VerificationReport) -> VerificationReport:
    """What holds for every report, whatever was examined."""
    assert [check.number for check in report.checks] == list(range(8))
    for check in report.checks:
        assert check.code
        assert check.says.endswith((".", "!", "…")), check.says
        assert check.says.replace("\u200c", "").replace("\u200d", "").isprintable()
        assert len(check.says) <= 700
    results = [check.result for check in report.checks]
    if Outcome.FAILED in results[:5]:
        assert set(results[results.index(Outcome.FAILED) + 1 :]) == {Outcome.NOT_REACHED}
    if report.verdict is Outcome.PASSED:
        assert set(results[:7]) == {Outcome.PASSED}
    json.dumps(report.members())
    return report
