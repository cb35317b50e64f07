"""A reference as an Open Badges endorsement: what it says, what others' rules say of it, what changing it breaks."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft201909Validator

from refolio.credential.endorsing import Reference, Relation, Signing, Statement, compose, read_statement
from refolio.credential.status_list import StatusEntry
from refolio.errors import DocumentRefused
from tests.credential.acme import ACME, Document, examined, outcome, published, tampered
from tests.credential.completions import CREDENTIAL_URL, LIST_URL, issuance

URL = "https://portfolio.example/references/91c2a7d4-0d7f-4b53-9c6e-6b1f0e2a5d10"
TEXT = "Maya compared twelve suppliers.\nI would gladly work with her again."


def unsigned(relation: Relation = Relation.SUPERVISED, text: str = TEXT) -> Document:
    of_acme = issuance()
    reference = Reference(CREDENTIAL_URL, "Sam Rivera", "Head of Product", relation, "acme.example", text)
    return compose(reference, Signing(URL, of_acme.issuer, of_acme.valid_from, StatusEntry(LIST_URL, 77)))


def test_it_says_who_says_it_and_nothing_of_the_mailbox_but_its_domain() -> None:
    document = unsigned()
    assert read_statement(document) == Statement(
        title="Reference by Sam Rivera, Head of Product",
        about="Sam Rivera supervised this work. Answered from an e-mail address at acme.example.",
        text=TEXT,
        credential_url=CREDENTIAL_URL,
        signed_on=date(2026, 9, 18),
    )
    assert document["issuer"]["name"] == "Acme Textiles"
    assert "worked with the intern" in unsigned(Relation.WORKED_WITH)["description"]


def test_it_is_as_the_schema_of_open_badges_has_it(standards: Path) -> None:
    path = standards / "schemas/ob-v3p0/ob_v3p0_endorsementcredential_schema.json"
    schema = Draft201909Validator(json.loads(path.read_text("utf-8")))
    assert [error.message for error in schema.iter_errors(ACME.sign(unsigned()))] == []


@pytest.mark.parametrize("text", [TEXT, "名前 مایا 👩\u200d🔬", "C++ & co: 100 %, “fine” – x" * 60])
def test_it_passes_every_check_and_no_word_of_it_can_be_changed(text: str) -> None:
    signed = ACME.sign(unsigned(text=text))
    assert examined(signed).verdict.value == "passed"
    for change in (
        lambda one: one["credentialSubject"].update(endorsementComment=text + "!"),
        lambda one: one["credentialSubject"].update(id=f"{CREDENTIAL_URL}0"),
        lambda one: one.update(name="Reference by Mallory"),
        lambda one: one.update(description="Mallory supervised this work."),
        lambda one: one.pop("credentialStatus"),
    ):
        assert outcome(examined(tampered(signed, change))) == ("failed", 4, "signature")


def test_it_can_be_withdrawn_by_itself() -> None:
    report = examined(ACME.sign(unsigned()), published(77))
    assert outcome(report)[:2] == ("failed", 6)
    assert report.checks[6].says == "The issuer withdrew it."


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.update(type=["VerifiableCredential", "OpenBadgeCredential"]),
        lambda one: one.pop("name"),
        lambda one: one.update(credentialSubject=[]),
        lambda one: one["credentialSubject"].update(endorsementComment=["x"]),
        lambda one: one.update(validFrom="yesterday"),
    ],
)
def test_nothing_else_reads_as_one(change: object) -> None:
    with pytest.raises(DocumentRefused):
        read_statement(tampered(unsigned(), change))  # type: ignore[arg-type]
