"""refolio.verify and refolio.examine, as a partner calls them: offline on the samples, and over a real loopback."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import refolio
from refolio import NotVerified, Outcome, VerificationReport
from refolio.client.fetching import MOST_FETCHES, MOST_PER_HOST, gather
from refolio.credential import controllers, status_list
from refolio.credential.keys import PrivateKey, did_web
from refolio.credential.proof import eddsa_jcs_2022, eddsa_rdfc_2022
from refolio.credential.verification import Unfetched
from tests.client.loopback import Loopback, answer

NOW = datetime(2026, 10, 1, tzinfo=UTC)
KEY = PrivateKey.from_seed(bytes(range(32)))


@pytest.fixture(scope="session")
def sample(standards: Path) -> bytes:
    return (standards / "samples" / "micro-internship.eddsa-rdfc-2022.json").read_bytes()


@pytest.fixture(scope="session")
def documents(standards: Path) -> Path:
    return standards / "documents.json"


def outcomes(report: VerificationReport) -> list[str]:
    return [check.result.value for check in report.checks]


@pytest.mark.parametrize("form", [bytes, bytes.decode, json.loads])
def test_a_genuine_credential_as_bytes_text_or_members(sample: bytes, documents: Path, form: Any) -> None:
    verified = refolio.verify(form(sample), now=NOW, documents=documents)
    assert verified.report.verdict is Outcome.PASSED
    assert verified.facts.title == "Market scan of recycled textiles"


def test_documents_may_be_given_by_url(sample: bytes, documents: Path) -> None:
    files = json.loads(documents.read_bytes())["documents"]
    given = {url: (documents.parent / path).read_bytes() for url, path in files.items()}
    assert refolio.examine(sample, now=NOW, documents=given).verdict is Outcome.PASSED
    assert refolio.examine(sample, now=NOW, documents={}).verdict is Outcome.INCONCLUSIVE


def test_one_changed_character_is_found(sample: bytes, documents: Path) -> None:
    changed = sample.replace(b"40-hour", b"90-hour", 1)
    with pytest.raises(NotVerified, match="Changed after signing") as caught:
        refolio.verify(changed, now=NOW, documents=documents)
    assert outcomes(caught.value.report)[4] == "failed"


@pytest.mark.parametrize("document", [b"", b"\xff", "", "{}", "\ud800", "[", b"{" * 100_000, {}, {"a": float("nan")}])
def test_nonsense_fails_without_an_exception(document: Any) -> None:
    assert refolio.examine(document, documents={}).verdict is Outcome.FAILED


def test_a_time_without_zone_is_a_mistake_of_the_caller(sample: bytes) -> None:
    with pytest.raises(ValueError, match="aware"):
        refolio.examine(sample, now=datetime(2026, 10, 1), documents={})  # noqa: DTZ001


class LocalIssuer:
    """Acme on this machine: its DID document and status list are served by the loopback server."""

    def __init__(self, server: Loopback, standards: Path) -> None:
        self.server = server
        self.did = did_web(f"localhost:{server.port}", "issuers", "acme")
        self.method = f"{self.did}#{KEY.public.multibase}"
        self.list_url = f"{server.url}/status/1"
        self.document = json.loads((standards / "samples" / "micro-internship.unsigned.json").read_bytes())
        self.document["issuer"]["id"] = self.did
        self.document["credentialSubject"]["achievement"]["creator"]["id"] = self.did
        self.document["credentialStatus"] |= {"id": f"{self.list_url}#94567", "statusListCredential": self.list_url}
        server.pages["/issuers/acme/did.json"] = answer(200, self._did_document())
        self.publish(withdrawn=[])

    def publish(self, *, withdrawn: list[int]) -> None:
        listed = status_list.compose(
            list_id=self.list_url,
            issuer=self.did,
            valid_from="2026-09-20T00:00:00Z",
            valid_until="2036-09-20T00:00:00Z",
            bits=status_list.with_bits(status_list.MINIMUM_ENTRIES, withdrawn),
        )
        self.server.pages["/status/1"] = answer(200, self.secured(listed))

    def secured(self, document: dict[str, Any]) -> bytes:
        proofs = [
            suite.sign(document, KEY, verification_method=self.method, created="2026-09-20T00:00:01Z")
            for suite in (eddsa_rdfc_2022, eddsa_jcs_2022)
        ]
        return json.dumps({**document, "proof": proofs}).encode()

    def _did_document(self) -> dict[str, object]:
        method = {"id": self.method, "type": "Multikey", "controller": self.did}
        return {
            "@context": list(controllers.CONTEXTS),
            "id": self.did,
            "verificationMethod": [{**method, "publicKeyMultibase": KEY.public.multibase}],
            "assertionMethod": [self.method],
        }


@pytest.fixture
def acme(server: Loopback, standards: Path) -> LocalIssuer:
    return LocalIssuer(server, standards)


def test_a_credential_of_a_service_on_this_machine(acme: LocalIssuer) -> None:
    raw = acme.secured(acme.document)
    verified = refolio.verify(raw, now=NOW, allow_private=True)
    assert verified.report.issuer_id == acme.did
    assert [request.split(b" ")[1] for request in acme.server.received] == [b"/issuers/acme/did.json", b"/status/1"]


def test_a_withdrawn_credential_says_when_and_why(acme: LocalIssuer) -> None:
    reason_url = f"{acme.server.url}/withdrawals/1"
    acme.document["credentialStatus"]["statusReference"] = reason_url
    acme.server.pages["/withdrawals/1"] = answer(
        200, {"withdrawn_at": "2026-11-23T10:00:00Z", "reason": "Wrong person."}
    )
    acme.publish(withdrawn=[94567])
    with pytest.raises(NotVerified, match=r"withdrawn.* on 2026-11-23\. Reason given: Wrong person\."):
        refolio.verify(acme.secured(acme.document), now=NOW, allow_private=True)


def test_sec_093_a_server_does_not_ask_itself_for_a_stranger(acme: LocalIssuer) -> None:
    report = refolio.examine(acme.secured(acme.document), now=NOW)
    assert report.verdict is Outcome.INCONCLUSIVE
    assert "private network" in report.says
    assert acme.server.connections == 0


def test_could_not_check_is_neither_failed_nor_passed(acme: LocalIssuer) -> None:
    acme.server.pages["/status/1"] = answer(503)
    report = refolio.examine(acme.secured(acme.document), now=NOW, allow_private=True)
    assert report.verdict is Outcome.INCONCLUSIVE
    assert f"localhost:{acme.server.port} answered 503" in report.says


def test_sec_102_one_credential_makes_few_fetches(acme: LocalIssuer) -> None:
    entry = acme.document["credentialStatus"]
    acme.document["credentialStatus"] = [
        {**entry, "id": f"{acme.server.url}/{n}#1", "statusListCredential": f"{acme.server.url}/{n}"} for n in range(8)
    ]
    report = refolio.examine(acme.secured(acme.document), now=NOW, allow_private=True)
    assert report.verdict is Outcome.INCONCLUSIVE
    assert acme.server.connections == MOST_PER_HOST


def many_lists(acme: LocalIssuer) -> dict[str, Any]:
    """A credential with eight status lists, each at another host."""
    lists = [f"https://host-{n}.example/list" for n in range(8)]
    entry = acme.document["credentialStatus"]
    entries = [{**entry, "id": f"{url}#1", "statusListCredential": url} for url in lists]
    return acme.document | {"credentialStatus": entries}


def asked_for(raw: bytes, acme: LocalIssuer) -> list[str]:
    asked: list[str] = []

    def source(url: str) -> bytes | Unfetched:
        asked.append(url)
        return json.dumps(acme._did_document()).encode() if url.endswith("did.json") else Unfetched("no.")

    gather(raw, source)
    return asked


def test_sec_102_many_hosts_are_too_many(acme: LocalIssuer) -> None:
    assert len(asked_for(acme.secured(many_lists(acme)), acme)) == MOST_FETCHES < 1 + 8


def test_sec_070_an_unsigned_file_makes_us_ask_for_the_issuers_keys_and_nothing_else(acme: LocalIssuer) -> None:
    assert asked_for(json.dumps(many_lists(acme)).encode(), acme) == [f"{acme.server.url}/issuers/acme/did.json"]


def test_every_public_name_is_there() -> None:
    for name in refolio.__all__:
        assert getattr(refolio, name) is not None
    assert set(dir(refolio)) == set(refolio.__all__)
    with pytest.raises(AttributeError, match="no attribute 'isue'"):
        refolio.isue  # noqa: B018


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = "import refolio, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"httpx", "httpcore", "msgspec", "cryptography", "nacl", "pyoxigraph"} & set(done.stdout.split())


def test_the_package_is_imported_in_a_moment_and_alone() -> None:
    """Best of five, in processor time: other programs on the machine do not count."""
    program = (
        "import time; begin = time.process_time(); import refolio; bare = time.process_time() - begin;"
        "refolio.verify, refolio.Client; import sys;"
        "print(bare, *{name.partition('.')[0] for name in sys.modules})"
    )
    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
        for _ in range(5)
    ]
    assert min(float(run[0]) for run in runs) < 0.3
    assert not {"litestar", "piccolo", "jinja2", "uvicorn", "qrcode", "pyld", "pyoxigraph"} & set(runs[0])
