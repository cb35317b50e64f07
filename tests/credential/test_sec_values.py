"""Identifiers and values that libraries read in several ways, put before examine() in a signed badge (area 1.2)."""

from __future__ import annotations

from typing import Any

import pytest

from refolio.credential.report import Outcome
from tests.credential.acme import ACME, JCS, RDFC, Document, as_bytes, examined, outcome, signed, tampered
from tests.credential.refusals import objects
from tests.credential.test_sec_json_ld import BOTH, GENUINE, is_in_proof, with_members

RELATIVE = ["x", "/x", "//acme.example/x", "#x", "?x", "", "../x", "acme.example", "_:b0", "https://a b", "urn:<x>"]


@BOTH
@pytest.mark.parametrize("text", RELATIVE)
def test_sec_023_identifiers_that_are_relative_or_none_are_refused(text: str, suite: str) -> None:
    """A library would resolve them against an address of its own and call the badge unchanged."""
    for path in ((), ("issuer",), ("credentialSubject", "achievement"), ("evidence", 0), ("credentialStatus",)):

        def change(content: Document, path: tuple[Any, ...] = path) -> None:
            at: Any = content
            for step in path:
                at = at[step]
            at["id"] = text

        report = examined(tampered(GENUINE[suite], change))
        assert outcome(report)[:2] == ("failed", 1), path


def test_sec_024_null_says_nothing_and_is_refused_at_every_member() -> None:
    tried = 0
    for path, members in objects(GENUINE[RDFC]):
        for name in members if not is_in_proof(path) else ():
            report = with_members(RDFC, path, **{name: None})
            assert outcome(report)[:2] in {("failed", 1), ("failed", 2)}, (path, name)
            tried += 1
    assert tried > 100


@BOTH
@pytest.mark.parametrize("literal", ["1.0", "40.5", "1e21", "4e1", "-0", "0.1", "9007199254740992"])
def test_sec_026_numbers_that_libraries_write_differently_are_refused(literal: str, suite: str) -> None:
    document = signed(lambda content: content["credentialSubject"].update(creditsEarned=40), suites=[suite])
    raw = as_bytes(document)
    assert outcome(examined(raw)) == ("passed", 6, "current")
    assert outcome(examined(raw.replace(b'"creditsEarned": 40', b'"creditsEarned": ' + literal.encode())))[:2] == (
        "failed",
        0,
    )
    typed = {"@value": literal, "@type": "http://www.w3.org/2001/XMLSchema#double"}
    assert examined(tampered(document, lambda d: d["credentialSubject"].update(creditsEarned=typed))).verdict is (
        Outcome.FAILED
    )


def test_sec_024_the_doors_agree_on_what_acme_signed() -> None:
    """Of one badge signed with either suite, or both, the same is told."""
    reports = [examined(document) for document in (*GENUINE.values(), ACME.sign(_unsigned(), [JCS, RDFC]))]
    assert {(report.verdict, report.says, report.credential_id) for report in reports} == {
        (Outcome.PASSED, reports[0].says, reports[0].credential_id)
    }


def _unsigned() -> Document:
    return {name: value for name, value in GENUINE[RDFC].items() if name != "proof"}
