"""The pinned contexts: exactly which, meaning exactly what, and nothing else."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from refolio.credential import contexts, terms
from refolio.credential.contexts import MAX_CONTEXTS, active_context
from refolio.credential.walk import walk
from refolio.errors import DocumentRefused
from tests.credential.badges import OB, VC, badge

REPOSITORY = Path(__file__).parents[2]
V1 = "https://www.w3.org/2018/credentials/v1"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"
UNDEFINED_TERMS = "https://www.w3.org/ns/credentials/undefined-terms/v2"


def code(*urls: str) -> str:
    with pytest.raises(DocumentRefused) as refused:
        active_context(urls)
    return refused.value.code


def test_term_tables_are_what_the_script_makes_of_the_pinned_contexts(standards: Path, tmp_path: Path) -> None:
    made = tmp_path / "terms.json"
    script = REPOSITORY / "sdk/tools/compile_contexts.py"
    subprocess.run([sys.executable, script, standards, "--output", made], check=True, capture_output=True)
    committed = REPOSITORY / "sdk/refolio/credential/data/terms.json"
    assert made.read_bytes() == committed.read_bytes(), "run sdk/tools/compile_contexts.py again and look at the diff"


def test_sec_020_every_context_is_pinned_by_the_sha256_of_its_bytes(standards: Path) -> None:
    index = json.loads((standards / "contexts/index.json").read_text("utf-8"))
    for url, digests in terms.pinned().items():
        assert list(digests) == [
            hashlib.sha256((standards / revision["file"]).read_bytes()).hexdigest() for revision in index[url]
        ]
    assert len(terms.pinned()[OB]) == 2, "Open Badges 3.0.3 changed in place; both revisions are known"


def test_the_newest_revision_of_open_badges_counts() -> None:
    assert "endorsementJwt" in active_context((VC, OB)).terms


def test_sec_020_a_context_that_includes_an_unpinned_one_is_not_pinned_either() -> None:
    assert code(VC, "https://www.w3.org/2018/credentials/examples/v1") == "unknown-context"


def test_sec_020_no_socket_is_opened_whatever_the_document_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_socket(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", no_socket)
    monkeypatch.setattr(socket, "getaddrinfo", no_socket)
    terms._load.cache_clear()
    active_context.cache_clear()
    assert walk(badge())
    with pytest.raises(DocumentRefused):
        walk(badge(**{"@context": [VC, OB, "https://evil.example/context"]}))


@pytest.mark.parametrize(
    "url",
    [
        "http://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/ns/credentials/v2/",
        "https://www.w3.org/ns/credentials/v2#",
        "https://www.w3.org/ns/credentials/v2?",
        "https://www.w3.org/ns/x/../credentials/v2",
        "https://www.w3.org/ns/./credentials/v2",
        "https://www.w3.org:443/ns/credentials/v2",
        "https://user@www.w3.org/ns/credentials/v2",
        "https://WWW.w3.org/ns/credentials/v2",
        "https://www.w3.org/ns/credentials/V2",
        "https://www.w3.org/ns/credentials%2Fv2",
        " https://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/ns/credentials/v2\n",
        "//www.w3.org/ns/credentials/v2",
        "v2",
        "",
    ],
)
def test_sec_018_a_context_url_counts_letter_for_letter_only(url: str) -> None:
    assert code(url) == "unknown-context"
    assert code(VC, url) == "unknown-context"


def test_sec_018_the_credentials_context_comes_first() -> None:
    assert code(OB, VC) == "context-order"
    assert code(VC, V1) == "context-order"
    assert code(VC, OB, VC) == "context-order"


def test_sec_017_the_context_that_makes_every_word_defined_is_known_but_refused() -> None:
    assert terms.newest_table(UNDEFINED_TERMS).vocab == "https://www.w3.org/ns/credentials/undefined-term#"
    assert code(VC, OB, UNDEFINED_TERMS) == "undefined-terms"


def test_an_empty_or_endless_list_is_refused() -> None:
    assert code() == "unknown-context"
    assert code(*[DATA_INTEGRITY] * (MAX_CONTEXTS + 1)) == "too-many-contexts"


def test_a_refusal_says_which_context_and_what_to_do() -> None:
    with pytest.raises(DocumentRefused) as refused:
        walk(badge(**{"@context": [VC, OB, "https://evil.example/context"]}))
    assert refused.value.path == "/@context/2"
    assert "https://evil.example/context" in refused.value.says
    assert refused.value.fix


# --- scoping and protection, as JSON-LD 1.1 has them ---------------------------------------------------------------


def test_a_type_scoped_context_ends_at_the_node_and_a_property_scoped_one_goes_on() -> None:
    top = active_context((VC, OB))
    assert "achievement" not in top.terms
    subject = top.for_types(["AchievementSubject"])
    assert "achievement" in subject.terms
    assert subject.previous is top
    proof = top.for_types(["DataIntegrityProof"])
    purpose = proof.for_property(proof.terms["proofPurpose"])
    assert purpose.expand_vocabulary("assertionMethod") == "https://w3id.org/security#assertionMethod"
    assert proof.expand_vocabulary("assertionMethod") is None


def test_two_types_bring_both_their_contexts_in_any_order() -> None:
    top = active_context((VC, OB))
    both = top.for_types(["Profile", "Achievement"])
    assert {"parentOrg", "criteria"} <= both.terms.keys()
    assert both is top.for_types(["Achievement", "Profile", "Profile"])


def test_a_protected_term_keeps_its_meaning() -> None:
    # Citizenship gives “image” another IRI than Open Badges 3.0.3 protects.
    assert code(VC, OB, "https://w3id.org/citizenship/v4rc1") == "protected-term"


def test_a_protected_term_may_be_defined_again_alike() -> None:
    assert active_context((VC, DATA_INTEGRITY, DATA_INTEGRITY))
    assert active_context((VC, OB, OB)).terms == active_context((VC, OB)).terms


def test_only_a_property_scoped_context_may_redefine_a_protected_term() -> None:
    top = active_context((VC,))
    presentation = top.for_types(["VerifiablePresentation"])
    credential = presentation.terms["verifiableCredential"]
    assert presentation.for_property(credential).terms == {}, "VC 2.0 resets the context inside verifiableCredential"


def test_a_prefix_left_open_by_its_context_means_what_another_context_says() -> None:
    clr, open_badges = (
        "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
        "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
    )

    def partial(*urls: str) -> str | None:
        return active_context(urls).for_types(["ClrCredential"]).terms["partial"].type

    assert partial(V1, clr) == "xsd:boolean"
    assert partial(V1, clr, open_badges) == "https://www.w3.org/2001/XMLSchema#boolean"


# --- tables and memories ---------------------------------------------------------------------------------------------


def test_nothing_can_be_changed_after_loading() -> None:
    table: Any = terms.newest_table(VC)
    with pytest.raises(TypeError):
        terms.pinned()[VC] = ()  # type: ignore[index]
    with pytest.raises(TypeError):
        table.terms["name"] = table.terms["description"]
    with pytest.raises(AttributeError):
        table.terms["name"].iri = "https://evil.example/"


@pytest.mark.parametrize(
    "raw",
    [
        {"id": "https://e.example/a", "container": "@language"},
        {"id": "https://e.example/a", "language": "en"},
        {"id": "@graph"},
        {"id": "@id"},
        "relative",
        {"id": "xsd:a#", "prefix": True},
        {"id": "https://e.example/a", "context": {"protected": False, "terms": {"term": "https://e.example/b"}}},
    ],
)
def test_a_table_that_the_walk_would_misread_does_not_load(raw: Any) -> None:
    with pytest.raises(ValueError, match="would not honour"):
        terms._term("term", raw, False)


def test_sec_021_what_strangers_make_us_remember_is_bounded() -> None:
    for memory in (active_context, contexts._typed, contexts._extended):
        limit = memory.cache_info().maxsize
        assert limit is not None
        assert limit <= 1024
