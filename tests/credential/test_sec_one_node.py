"""SEC-024, SEC-062, SEC-076: statements of a credential moved to another place of the file where its id stands.

In RDF everything said under one id is said of one thing, wherever in the file it stands, so a proof over RDF does not
see the move. A verifier that reads the dates and the status at the top of the JSON no longer finds them there. A holder
whose badge also carries a proof over the JSON takes that one out first.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from refolio.credential.document import compose
from refolio.credential.facts import read_facts
from refolio.credential.report import Outcome
from refolio.credential.walk import require_defined
from refolio.errors import DocumentRefused
from tests.credential.acme import ACME, INDEX, SAM, Document, examined, outcome, signed, unsigned
from tests.credential.completions import LIST_URL, completion, issuance

WITHDRAWN = {LIST_URL: ACME.status_list(INDEX)}
Place = tuple[str | int, ...]
SELF_REPORTED = {"name": "spreadsheets", "observed": "self-reported"}


def endorsed(content: Document) -> Place:
    """Sam's endorsement of this very credential, as Open Badges 3.0 §5.6 has it."""
    content["endorsement"] = [
        {
            "@context": content["@context"],
            "id": "urn:uuid:5",
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "name": "A word about Maya",
            "issuer": {"id": SAM.did, "type": ["Profile"], "name": "Sam Rivera"},
            "validFrom": "2026-09-18T00:00:00Z",
            "credentialSubject": {
                "id": content["id"],
                "type": ["EndorsementSubject"],
                "endorsementComment": "Superb.",
            },
        }
    ]
    return ("endorsement", 0, "credentialSubject")


def evident(content: Document) -> Place:
    """Evidence that is found where the credential is."""
    content["evidence"].append({"id": content["id"], "type": ["Evidence"], "narrative": "See there."})
    return ("evidence", len(content["evidence"]) - 1)


def renewable(content: Document) -> Place:
    """A refresh service that is the credential's own address."""
    content["refreshService"] = {"id": content["id"], "type": "https://acme.example/#Refresh"}
    return ("refreshService",)


def under_terms(content: Document) -> Place:
    """Terms of use that are found where the credential is."""
    content["termsOfUse"] = {"id": content["id"], "type": "https://acme.example/#Terms"}
    return ("termsOfUse",)


def moved(document: Document, place: Place, *names: str) -> Document:
    """The members taken from the top of the file and put into the object that has the credential's id there."""
    evil = copy.deepcopy(document)
    at: Any = evil
    for step in place:
        at = at[step]
    types = at["type"] if isinstance(at["type"], list) else [at["type"]]
    at["type"] = [*types, "VerifiableCredential"]  # which the credential is, so the statement is nothing new
    for name in names:
        at[name] = evil.pop(name)
    return evil


@pytest.mark.parametrize("prepare", [endorsed, evident, renewable, under_terms])
@pytest.mark.parametrize("names", [("credentialStatus",), ("validUntil",), ("credentialStatus", "validUntil")])
def test_sec_076_a_status_or_an_end_moved_elsewhere_in_the_file_is_not_forgotten(
    names: tuple[str, ...], prepare: Any
) -> None:
    end = "2026-10-01T00:00:00Z" if "validUntil" in names else "2036-10-01T00:00:00Z"
    content = unsigned(lambda document: document.update(validUntil=end))
    place = prepare(content)
    document = ACME.sign(content)
    genuine = examined(document, WITHDRAWN)
    assert genuine.verdict is Outcome.FAILED, "withdrawn, or expired"
    assert genuine.checks[4].result is Outcome.PASSED
    evil = moved({**document, "proof": document["proof"][:1]}, place, *names)
    report = examined(evil, WITHDRAWN if "credentialStatus" in names else None)
    assert report.verdict is not Outcome.PASSED, outcome(report)


def test_sec_024_what_names_the_credential_elsewhere_stays_allowed() -> None:
    """An endorsement of the credential, or evidence at its address, is no attack as long as it says nothing more."""
    for prepare in (endorsed, evident, renewable, under_terms):
        content = unsigned()
        prepare(content)
        assert outcome(examined(ACME.sign(content)))[0] == "passed", prepare.__name__
    assert outcome(examined(signed())) == ("passed", 6, "current")


def test_sec_024_a_simulation_does_not_lose_its_label_by_a_move() -> None:
    """The same with the achievement, where Sam endorses that: what is told of the work must not depend on the place."""
    content: Document = compose(completion(engagement="simulation", skills=[SELF_REPORTED]), issuance())
    endorsed(content)
    achievement = content["credentialSubject"]["achievement"]
    content["endorsement"][0]["credentialSubject"]["id"] = achievement["id"]
    document = ACME.sign(content)
    assert examined(document).verdict is Outcome.PASSED
    evil = {**copy.deepcopy(document), "proof": document["proof"][:1]}
    endorsement = evil["endorsement"][0]["credentialSubject"]
    endorsement["type"].append("Achievement")
    for name in ("tag", "resultDescription"):
        endorsement[name] = evil["credentialSubject"]["achievement"].pop(name)
    assert examined(evil).verdict is not Outcome.PASSED or read_facts(evil) == read_facts(document)


def test_sec_024_two_objects_that_only_python_takes_for_equal_are_two() -> None:
    """For Python 1 and true are equal, in JSON and in RDF they are not: so a holder could exchange them."""
    entry = dict(unsigned()["credentialStatus"])

    def with_entries(first: Any, second: Any) -> Document:
        return unsigned(lambda content: content.update(credentialStatus=[entry | first], evidence=[entry | second]))

    for one, other in ((1, True), (True, 1)):
        with pytest.raises(DocumentRefused) as refused:
            require_defined(with_entries({"statusSize": one}, {"statusSize": other}))
        assert refused.value.code == "said-in-two-places"
    require_defined(with_entries({"statusSize": 1}, {"statusSize": 1}))
