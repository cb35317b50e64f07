"""References of the fake service: a partner's test plays the referee."""

from __future__ import annotations

import httpx
import pytest

import refolio
from refolio.testing import FAKE_API_KEY, FakeService
from tests.completions import another
from tests.world import NOW

SAM = {"name": "Sam Rivera", "email": "sam@acme.example", "role": "Head of Product"}


@pytest.fixture
def service() -> FakeService:
    return FakeService(lambda: NOW)


@pytest.fixture
def client(service: FakeService) -> refolio.Client:
    http = httpx.Client(transport=service, base_url=service.url)
    return refolio.Client(FAKE_API_KEY, http=http, sleep=lambda seconds: None)


def test_asked_once_answered_by_the_test_and_shown(service: FakeService, client: refolio.Client) -> None:
    issued = client.credentials.issue(refolio.completion_from(another()))
    asked = client.references.ask(issued, **SAM)
    assert (asked.state, asked.domain, asked.credential) == ("asked", "acme.example", issued.id)
    assert client.references.ask(issued, **SAM, idempotency_key="again") == asked
    service.answer(asked.id, "written")
    assert client.references.get(asked).answered_at == NOW
    service.answer(asked.id, "shown")
    assert client.references.get(asked).url == f"{service.url}/references/{asked.id}"
    assert [one.id for one in client.references.list(state="shown")] == [asked.id]
    assert list(client.references.list(credential=issued, state="declined")) == []
    service.answer(asked.id, "withdrawn")
    assert client.references.get(asked).state == "withdrawn"
    with pytest.raises(ValueError, match="does not become shown"):
        service.answer(asked.id, "shown")


def test_it_refuses_what_the_service_refuses(service: FakeService, client: refolio.Client) -> None:
    issued = client.credentials.issue(refolio.completion_from(another()))
    asked = client.references.ask(issued, **SAM, idempotency_key="k")
    with pytest.raises(refolio.Conflict, match="another body"):
        client.references.ask(issued, **{**SAM, "role": "Lead"}, idempotency_key="k")
    with pytest.raises(refolio.NotFound):
        client.references.ask("00000000-0000-4000-8000-000000000000", **SAM)
    with pytest.raises(refolio.RequestRefused, match="role"):
        client.references.ask(issued, **{**SAM, "role": " "})
    assert client.references.cancel(asked).state == "cancelled"
    assert client.references.ask(issued, **SAM, idempotency_key="anew").state == "asked"
    other = client.references.ask(issued, **{**SAM, "email": "lee@acme.example"})
    service.answer(other.id, "declined")
    with pytest.raises(refolio.Conflict):
        client.references.cancel(other)


async def test_the_asynchronous_client_asks_alike(service: FakeService) -> None:
    async with httpx.AsyncClient(transport=service, base_url=service.url) as http:
        client = refolio.AsyncClient(FAKE_API_KEY, http=http)
        issued = await client.credentials.issue(refolio.completion_from(another()))
        asked = await client.references.ask(issued, **SAM)
        assert [one async for one in client.references.list()] == [asked]
        assert await client.references.get(asked.id) == asked
        assert (await client.references.cancel(asked)).state == "cancelled"
