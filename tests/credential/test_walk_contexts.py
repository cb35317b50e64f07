"""Which @context may stand where in a document."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from refolio.credential.canonical import rdfc
from refolio.credential.walk import walk
from refolio.errors import DocumentRefused
from tests.credential.badges import OB, VC, Document, badge, badges, endorsement, proof
from tests.credential.refusals import PLACES, changed, code, full_badge, refusal

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ([VC, OB, "https://evil.example/context"], "unknown-context"),
        ([VC, OB, "https://www.w3.org/ns/credentials/undefined-terms/v2"], "undefined-terms"),
        ([VC, OB, {"@vocab": "https://evil.example/"}], "embedded-context"),
        ([VC, OB, {"name": "https://evil.example/name"}], "embedded-context"),
        ([VC, OB, {}], "embedded-context"),
        ([VC, OB, None], "embedded-context"),
        ([[VC, OB]], "embedded-context"),
        ({"@vocab": "https://evil.example/"}, "embedded-context"),
        (None, "embedded-context"),
        ([], "unknown-context"),
        ([OB, VC], "context-order"),
        ([VC], "undefined-type"),
        ([OB], "undefined-type"),
    ],
)
def test_sec_017_sec_018_a_changed_context_list_is_refused(context: Any, expected: str) -> None:
    """A pinned context that only adds words changes no statement: whole lists are for the policy to compare."""
    assert code(badge(**{"@context": context})) == expected


def test_sec_017_an_appended_pinned_context_changes_no_statement() -> None:
    assert rdfc(badge(**{"@context": [VC, OB, DATA_INTEGRITY]})) == rdfc(badge())


def test_a_document_without_context_means_nothing() -> None:
    assert code({"type": "VerifiableCredential"}) == "missing-context"
    assert code({}) == "missing-context"


def test_one_context_may_stand_without_a_list() -> None:
    document = badges()["status list"]
    assert rdfc({**document, "@context": VC}) == rdfc(document)
    assert refusal({**document, "@context": "https://evil.example"}).path == "/@context"


@pytest.mark.parametrize("path", [place for place in PLACES if place not in ("", "/endorsement/0")])
def test_sec_019_a_context_inside_the_document_is_refused(path: str) -> None:
    for context in (
        [VC],
        [VC, DATA_INTEGRITY],
        "https://evil.example/context",
        {"name": "https://evil.example/"},
        None,
        [],
    ):
        refused = refusal(changed(path, **{"@context": context}))
        assert (refused.code, refused.path) == ("embedded-context", f"{path}/@context")


def test_sec_019_an_embedded_credential_has_pinned_contexts_of_its_own() -> None:
    assert walk(badge(endorsement=[endorsement()]))
    for context, expected in (
        ([VC, OB, {"endorsementComment": "https://evil.example/"}], "embedded-context"),
        ([VC, OB, "https://evil.example/context"], "unknown-context"),
        (["https://www.w3.org/2018/credentials/v1", OB], "protected-term"),
    ):
        refused = refusal(badge(endorsement=[endorsement(**{"@context": context})]))
        assert refused.code == expected
        assert refused.path.startswith("/endorsement/0/@context")


def test_sec_019_what_only_pretends_to_be_a_credential_has_none() -> None:
    assert code(badge(endorsement=[endorsement(type=["EndorsementCredential"])])) == "embedded-context"
    assert code(badge(evidence=[endorsement()])) == "embedded-context"


def test_sec_019_a_proof_may_repeat_the_contexts_of_its_credential_only() -> None:
    assert walk(badge(proof=proof(**{"@context": [VC, OB]})))
    assert walk(badge(endorsement=[endorsement(proof=proof(**{"@context": [VC, OB]}))]))
    assert code(badge(proof=proof(**{"@context": [VC]}))) == "embedded-context"
    assert code(badge(proof=proof(**{"@context": [VC, OB, DATA_INTEGRITY]}))) == "embedded-context"


def test_sec_021_an_evil_document_leaves_no_trace() -> None:
    before = rdfc(full_badge())
    for path in PLACES:
        for members in ({"@context": [VC, DATA_INTEGRITY]}, {"type": ["Profile", "Achievement"]}, {"evil": 1}):
            with suppress(DocumentRefused):
                walk(changed(path, **members))
    assert walk(badge(**{"@context": [VC, OB, EXAMPLES]}, evil="now defined by @vocab"))
    assert rdfc(full_badge()) == before
    assert code(badge(evil="no longer")) == "undefined-term"


def test_a_vocabulary_context_defines_words_but_no_keywords_and_no_odd_iris() -> None:
    def document(name: str) -> Document:
        return badge(**{"@context": [VC, OB, EXAMPLES]}, **{name: "x"})

    assert "<https://www.w3.org/ns/credentials/examples#alumniOf>" in rdfc(document("alumniOf")).decode()
    assert code(document("a b")) == "undefined-term"
    assert code(document("a:b")) == "undefined-term"
    assert code(document("<a>")) == "undefined-term"
    assert code(document("@vocab")) == "keyword"
