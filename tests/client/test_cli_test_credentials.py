"""refolio verify on a test credential: it never passes a script that does not ask for tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from refolio.credential.keys import did_web_url
from tests.client.conftest import Run
from tests.credential.acme import ACME_DID, LIST_URL, as_bytes, published
from tests.credential.test_marking import specimen

SAYS = "Test credential. It says nothing about anybody."


@pytest.fixture
def offline(tmp_path: Path) -> list[object]:
    """The arguments for a test credential of Acme's with all that it needs in files; the last one is the credential."""
    documents = {}
    for name, url in ((ACME_DID, did_web_url(ACME_DID)), (LIST_URL, LIST_URL)):
        documents[url] = f"{len(documents)}.json"
        (tmp_path / documents[url]).write_bytes(published()[name])  # type: ignore[arg-type]
    (tmp_path / "map.json").write_text(json.dumps({"documents": documents}))
    (tmp_path / "test.json").write_bytes(as_bytes(specimen()))
    return ["--now", "2026-11-23T12:00:00Z", "--documents", tmp_path / "map.json", tmp_path / "test.json"]


def test_sec_178_a_test_fails_with_a_word_of_its_own(run: Run, offline: list[object]) -> None:
    status, out, errors = run("verify", *offline)
    assert (status, errors, out.splitlines()[0]) == (1, "", SAYS)
    known = run("verify", "--issuer", ACME_DID, *offline)
    assert (known[0], known[1].splitlines()[0]) == (1, SAYS)
    report = json.loads(run("verify", "--json", *offline)[1])
    assert (report["verdict"], report["checks"][7]["code"]) == ("failed", "test-issuer")


def test_who_asks_for_tests_gets_the_verdict_with_the_word(run: Run, offline: list[object]) -> None:
    status, out, _ = run("verify", "--allow-test", *offline)
    assert (status, out.splitlines()[0]) == (0, f"Unchanged and current. {SAYS}")
    assert run("verify", "--allow-test", "--issuer", "did:web:other.example", *offline)[0] == 3
