"""The fake service signs in earnest, with a key that everybody has; partners' tests need no server."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import httpx
import msgspec
import pytest

import refolio
from refolio.testing import FAKE_API_KEY, FakeService, fake_key
from tests.completions import another, plain
from tests.world import NOW

PROJECT: dict[str, Any] = plain()["project"]  # type: ignore[assignment]


@pytest.fixture
def service() -> FakeService:
    return FakeService(lambda: NOW)


@pytest.fixture
def client(service: FakeService) -> refolio.Client:
    http = httpx.Client(transport=service, base_url=service.url)
    return refolio.Client(FAKE_API_KEY, http=http, sleep=lambda seconds: None)


def test_what_it_issues_verifies_and_says_that_it_is_fake(service: FakeService, client: refolio.Client) -> None:
    completion = refolio.completion_from(plain())
    issued = client.credentials.issue(completion)
    document = client.credentials.document(issued)
    assert document == service.document(issued.uuid)
    refolio.verify(document, documents=service.documents(), now=NOW)
    assert "FAKE – Acme".encode() in document
    assert service.completions == [completion]


def test_a_withdrawal_counts(service: FakeService, client: refolio.Client) -> None:
    issued = client.credentials.issue(refolio.completion_from(plain()))
    assert client.credentials.withdraw(issued, "Wrong dates.").state == "withdrawn"
    with pytest.raises(refolio.NotVerified, match="withdrawn"):
        refolio.verify(service.document(issued.uuid), documents=service.documents(), now=NOW)


def test_a_retry_after_a_dropped_connection_issues_once(service: FakeService, client: refolio.Client) -> None:
    service.fail(0, 503, 500)
    first = client.credentials.issue(refolio.completion_from(plain()))
    assert client.credentials.issue(refolio.completion_from(plain())) == first
    assert len(service.completions) == 1


def test_refusals_name_the_field(client: refolio.Client) -> None:
    far = msgspec.structs.replace(refolio.completion_from(plain()), ended=date(2030, 1, 1))
    with pytest.raises(refolio.RequestRefused, match="ended"):
        client.credentials.issue(far)
    client.credentials.issue(refolio.completion_from(plain()), idempotency_key="k")
    with pytest.raises(refolio.Conflict):
        client.credentials.issue(refolio.completion_from(another()), idempotency_key="k")


def test_it_tells_of_its_key_and_lists_what_it_issued(client: refolio.Client) -> None:
    issued = client.credentials.issue(refolio.completion_from(plain()))
    later = client.credentials.issue(refolio.completion_from(another()))
    assert list(client.credentials.list()) == [later, issued]
    assert list(client.credentials.list(record=issued.record)) == [issued]
    assert list(client.credentials.list(since=NOW + timedelta(seconds=1))) == []
    assert (client.key().mode, client.key().issuers) == ("test", ("acme",))


def test_the_same_work_is_not_issued_twice_unless_it_is_meant(client: refolio.Client) -> None:
    client.credentials.issue(refolio.completion_from(plain()))
    twin = refolio.completion_from(plain(record="another id"))
    with pytest.raises(refolio.Conflict) as caught:
        client.credentials.issue(twin)
    assert caught.value.code == "duplicate-completion"
    assert client.credentials.issue(twin, allow_duplicate=True).record == "another id"


def test_a_batch_may_ask_from_many_threads(service: FakeService, client: refolio.Client) -> None:
    many = [refolio.completion_from(plain(record=str(n), project={**PROJECT, "title": f"T{n}"})) for n in range(40)]
    outcomes = list(client.credentials.issue_many(many, workers=16))
    documents = [json.loads(service.document(one.issued.uuid)) for one in outcomes if one.issued]
    assert len({document["credentialStatus"]["statusListIndex"] for document in documents}) == 40


async def test_the_asynchronous_client_may_use_it_too(service: FakeService) -> None:
    async with httpx.AsyncClient(transport=service, base_url=service.url) as http:
        issued = await refolio.AsyncClient(FAKE_API_KEY, http=http).credentials.issue(refolio.completion_from(plain()))
    assert issued.record == "NF-2026-001"


def test_a_live_key_is_turned_away(service: FakeService) -> None:
    client = refolio.Client("rf_live_something-secret", http=httpx.Client(transport=service, base_url=service.url))
    with pytest.raises(refolio.RequestRefused, match="no live one"):
        client.credentials.issue(refolio.completion_from(plain()))


def test_fake_keys_are_the_same_everywhere() -> None:
    assert fake_key("issuer").public.multibase == "z6Mk" + fake_key("issuer").public.multibase[4:]
    assert fake_key("issuer").public == fake_key("issuer").public
    assert fake_key("issuer").public != fake_key("another").public
