"""The report: three outcomes that nobody can mistake for two, one sentence, and the same JSON everywhere."""

from __future__ import annotations

import json
from itertools import product

import pytest

from refolio.credential.report import CHECK_NAMES, CHECK_TITLES, LONGEST_SENTENCE, Check, Outcome, VerificationReport

P, F, I, N = Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.NOT_REACHED  # noqa: E741


def report(*results: Outcome, issuer_counts: bool = False, codes: dict[int, str] | None = None) -> VerificationReport:
    """A report with these outcomes, passed for those not given."""
    outcomes = [*results, *[P] * (8 - len(results))]
    checks = (
        Check(number, (codes or {}).get(number, f"code-{number}"), result, f"Sentence {number}.")
        for number, result in enumerate(outcomes)
    )
    return VerificationReport(tuple(checks), "urn:uuid:1", "did:web:acme.example", issuer_counts)


def test_the_checks_have_the_numbers_names_and_order_of_the_design() -> None:
    assert CHECK_NAMES == ("parse", "shape", "proofs", "key", "signature", "validity", "status", "issuer")
    assert len(CHECK_TITLES) == 8
    assert report().checks[3].name == "key"
    assert report().checks[3].title == "The key belongs to the issuer"


def test_the_verdict_is_the_worst_of_checks_0_to_6() -> None:
    """Over all combinations: passed only when all seven passed, failed as soon as one failed, else left open."""
    for results in product((P, F, I, N), repeat=4):
        verdict = report(P, P, P, *results).verdict
        assert verdict is (F if F in results else P if set(results) == {P} else I)


@pytest.mark.parametrize("issuer", [P, I, N, F])
def test_who_the_issuer_is_counts_only_when_asked_for(issuer: Outcome) -> None:
    assert report(*[P] * 7, issuer).verdict is P
    assert report(*[P] * 7, issuer, issuer_counts=True).verdict is {P: P, I: I, N: I, F: F}[issuer]


def test_the_decisive_check_is_the_first_of_the_worst() -> None:
    assert report(P, P, P, I, I, F, F).decisive.number == 5
    assert report(P, P, P, I, I, P, I).decisive.number == 3
    assert report().decisive.number == 6
    assert report(*[P] * 7, I).decisive.number == 6
    assert report(*[P] * 7, I, issuer_counts=True).decisive.number == 7


@pytest.mark.parametrize(
    ("results", "codes", "says"),
    [
        ([], {}, "Genuine and current."),
        ([P, P, P, P, P, P, F], {6: "withdrawn"}, "Genuine, but withdrawn. Sentence 6."),
        ([P, P, P, P, P, F, F], {6: "withdrawn"}, "Genuine, but withdrawn. Sentence 6."),
        ([*[P] * 7, I], {}, "Unchanged and current. Its issuer is not known here."),  # anybody can invent a name
        ([P, P, P, P, P, P, F, I], {6: "withdrawn"}, "Unchanged, but withdrawn. Sentence 6."),
        ([P, P, P, P, P, P, F], {6: "suspended"}, "Not valid. Sentence 6."),
        ([P, P, P, I, I, P, F], {6: "withdrawn"}, "Not valid. Sentence 6."),  # nothing unproven is called genuine
        ([P, P, P, P, F, N, N, N], {4: "signature"}, "Changed after signing. Do not rely on it."),
        ([P, P, P, P, F, N, N, N], {4: "proof-malformed"}, "Not valid. Sentence 4."),
        ([F, N, N, N, N, N, N, N], {}, "Not valid. Sentence 0."),
        ([P, P, P, I, I], {}, "Could not check. Sentence 3."),
    ],
)
def test_the_verdict_in_one_sentence(results: list[Outcome], codes: dict[int, str], says: str) -> None:
    assert report(*results, codes=codes).says == says


def test_neither_a_report_nor_a_check_is_true_or_false() -> None:
    for one in (report(), report(F), report().checks[0]):
        with pytest.raises(TypeError, match="three"):
            bool(one)
        with pytest.raises(TypeError, match="three"):
            assert not one


def test_the_members_are_plain_json() -> None:
    members = json.loads(json.dumps(report(P, F, N, N, N, N, N, N).members()))
    assert list(members) == ["verdict", "says", "kind", "credential", "issuer", "checks", "parts"]
    assert (members["verdict"], members["issuer"]) == ("failed", "did:web:acme.example")
    assert members["checks"][1] == {
        "number": 1,
        "name": "shape",
        "code": "code-1",
        "result": "failed",
        "says": "Sentence 1.",
        "probe": "JsonLDValidationProbe",
        "problem": "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
    }


def test_sec_061_a_sentence_is_one_line_of_visible_text_and_not_endless() -> None:
    check = Check(3, "stranger", F, "It is\nsigned\u202e by \u200bsomebody\x00 می\u200cخواهم.")
    assert check.says == "It is signed  by  somebody  می\u200cخواهم."
    assert len(Check(3, "stranger", F, "x" * 10**6).says) == LONGEST_SENTENCE
