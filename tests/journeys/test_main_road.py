"""The main road, walked from outside through the SDK: issue → document → verdict → portfolio → withdraw → verdict."""

from __future__ import annotations

import re

import httpx
import pytest
from litestar.testing import TestClient

import refolio
from refolio import Outcome
from tests.showing import shows
from tests.web.reading import Reader
from tests.world import BROWSER, NORTHFIELD_KEY, PUBLIC_URL, World, a_runtime, maya
from verify.app import create_app
from verify.people.profiles import hide

MAYA = "maya@northfield.example"


def sentence(html: str) -> str:
    """The verdict in words."""
    return "".join(re.findall(r'<h1 id="verdict">(.*?)</h1>', html))


async def test_from_a_completion_to_a_verdict_and_back(world: World) -> None:
    # Northfield's careers service delivers what Acme says of Maya's work.
    credentials = world.northfield.credentials
    issued = await credentials.issue(refolio.completion_from(maya()))
    document = await credentials.document(issued)
    assert (await world.http.get(issued.links.credential)).content == document

    # Priya scans the code on Maya's CV.
    assert sentence(await world.page(issued.links.verify)) == "Genuine and current"

    # A verifier that does not believe our page fetches everything itself.
    report = await world.report(document)
    assert (report.verdict, report.says) == (Outcome.PASSED, "Unchanged and current. Its issuer is not known here.")

    # Maya publishes, and the portfolio leads to the verdict.
    await shows(world, MAYA, "maya", "Marketing student")
    portfolio = (await credentials.get(issued)).links.portfolio
    assert portfolio == f"{PUBLIC_URL}/p/maya"
    shown = await world.page(portfolio)
    assert "Market scan of recycled textiles" in Reader(shown).text
    assert f"/v/{issued.code}" in Reader(shown).attributes("href")
    assert "/p/maya" in Reader(await world.page(issued.links.verify)).attributes("href")

    # Acme finds a mistake.
    withdrawn = await credentials.withdraw(issued, "Wrong dates.")
    assert (withdrawn.uuid, withdrawn.state, withdrawn.reason) == (issued.uuid, "withdrawn", "Wrong dates.")
    assert sentence(await world.page(issued.links.verify)) == "Genuine, withdrawn by the issuer on 23 Nov 2026"
    assert (
        "Withdrawn by the issuer on 23 Nov 2026. Reason given: Wrong dates. Not counted."
        in Reader(await world.page(portfolio)).text
    )
    report = await world.report(document)
    assert (report.verdict, report.withdrawn) == (Outcome.FAILED, True)
    assert report.says.endswith("Reason given: Wrong dates.")
    assert (await world.http.get(f"{issued.links.credential}/status")).json()["reason"] == "Wrong dates."
    assert await credentials.document(issued) == document, "not one byte of the signed document has changed"

    # Maya hides her portfolio; the credential stays checkable.
    await hide(world.runtime, "maya")
    assert (await world.http.get(portfolio, headers=BROWSER)).status_code == 404
    assert sentence(await world.page(issued.links.verify)) == "Genuine, withdrawn by the issuer on 23 Nov 2026"


async def test_what_maya_forges_in_her_copy_is_found_by_everybody(world: World) -> None:
    issued = await world.northfield.credentials.issue(refolio.completion_from(maya()))
    document = await world.northfield.credentials.document(issued)
    for old, new in ((b'"42.5"', b'"425"'), (b"Maya Okafor", b"Oscar  Lind"), (b"exceeds", b"exceedz")):
        forged = document.replace(old, new)
        assert forged != document
        report = await world.report(forged)
        assert report.says == "Changed after signing. Do not rely on it."


async def test_mallory_gets_nothing(world: World) -> None:
    issued = await world.northfield.credentials.issue(refolio.completion_from(maya()))
    for attempt in (
        world.mallory.credentials.issue(refolio.completion_from(maya())),
        world.mallory.credentials.get(issued),
        world.mallory.credentials.withdraw(issued, "Mine now."),
    ):
        with pytest.raises(refolio.RequestRefused):
            await attempt
    assert sentence(await world.page(issued.links.verify)) == "Genuine and current"


async def test_a_credential_of_mallorys_own_issuer_does_not_look_like_acmes(world: World) -> None:
    """SEC-060: she may call her work what she likes, but not her organisation."""
    claims = maya(issuer="mallory-inc", host={"name": "Acme Textiles", "url": "https://acme.example"})
    issued = await world.mallory.credentials.issue(refolio.completion_from(claims))
    text = Reader(await world.page(issued.links.verify)).text
    assert "Who says so Mallory Incorporated" in text
    assert "Mallory Talent vouches for this issuer; its web domain is not proven." in text


def test_the_synchronous_client_walks_the_same_road(sqlite_url: str) -> None:
    with TestClient(create_app(a_runtime(sqlite_url)), base_url=PUBLIC_URL) as http:
        client = refolio.Client(NORTHFIELD_KEY, http=http)
        issued = client.credentials.issue(refolio.completion_from(maya()))
        document = client.credentials.document(issued)
        assert http.get(issued.links.credential).content == document
        assert sentence(http.get(issued.links.verify, headers=BROWSER).text) == "Genuine and current"
        assert client.credentials.withdraw(issued, "Wrong dates.").state == "withdrawn"
        assert client.credentials.get(issued).reason == "Wrong dates."
        with pytest.raises(refolio.Conflict):
            client.credentials.withdraw(issued, "Another reason.")


async def test_a_partner_sees_field_reason_and_fix_of_every_mistake(world: World) -> None:
    wrong = refolio.completion_from(maya(ended="2026-08-01", hours={"total": "-4", "basis": "logged"}))
    with pytest.raises(refolio.RequestRefused) as caught:
        await world.northfield.credentials.issue(wrong)
    says = str(caught.value)
    assert caught.value.status == 422
    assert "ended: The end (2026-08-01) is before the start (2026-08-24). Swap the two dates" in says
    assert "hours.total: -4 hours is less than nothing. Give the hours worked" in says


async def test_the_service_says_that_it_is_well(world: World) -> None:
    answer: httpx.Response = await world.http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "mail": "ok"})
