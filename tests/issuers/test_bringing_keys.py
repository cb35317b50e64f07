"""A key that stays with the organisation, set up in the console by its own admin; and the next one."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import httpx
import pytest

from refolio import cli
from refolio.client.held import new_key_file, read_key_file
from refolio.credential.issuing import HeldKey
from tests.client.loopback import answer as served
from tests.credentials.holding import client, work
from tests.forms import send
from tests.outside.strangers import Strangers
from tests.web.reading import Reader
from tests.world import World
from verify.audit.checking import audit
from verify.http.access import Role
from verify.issuers import appointing
from verify.issuers.tables import Issuer, IssuerKey, KeyChallenge
from verify.platforms import mandating

NEW = "/console/new/own-key"
TYPED = {"name": "Brightpath", "url": "brightpath.example", "slug": "", "where": "here", "domain": ""}


class Holder:
    """The machine of the organisation: a key in a file, and the command line."""

    def __init__(self, folder: Path, number: int = 1) -> None:
        self.file = folder / f"key-{number}.json"
        self.file.write_bytes(new_key_file(bytes([number]) * 32))
        self.folder = folder

    @property
    def key(self) -> HeldKey:
        return read_key_file(self.file)

    @property
    def public(self) -> str:
        return self.key.signer.public.multibase

    def answer(self, page: str, capsys: pytest.CaptureFixture[str]) -> str:
        """Do as the page says: save the question, run the command, copy what it prints."""
        questions = [unescape(text) for text in re.findall(r"<code>(.*?)</code>", page, re.DOTALL)]
        (question,) = [text for text in questions if '"challenge"' in text]
        challenge = self.folder / "challenge.json"
        challenge.write_text(question)
        assert cli.main(["key", "prove", str(self.file), str(challenge)]) == 0
        return capsys.readouterr().out


@pytest.fixture
def holder(tmp_path: Path) -> Holder:
    return Holder(tmp_path)


async def begun(browser: httpx.AsyncClient, holder: Holder, **typed: str) -> str:
    """The address of the page with the question."""
    answer = await send(browser, NEW, **{**TYPED, "key": holder.public, **typed})
    assert answer.status_code == 303, Reader(answer.text).text
    return answer.headers["location"]


def faults(answer: httpx.Response) -> str:
    assert answer.status_code == 422, answer.text
    return Reader(answer.text).text


async def test_an_admin_sets_it_up_issues_and_brings_the_next_key(
    world: World, holder: Holder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with world.signed_in("carla@brightpath.example", staff=False) as carla:
        assert NEW in (await carla.get("/console/new")).text
        page = await begun(carla, holder)
        answer = holder.answer((await carla.get(page)).text, capsys)
        made = await send(carla, page, answer=f"  {answer}\n")
        assert (made.status_code, made.headers["location"]) == (303, "/console/brightpath/keys"), made.text
        keys = Reader((await carla.get("/console/brightpath/keys")).text).text
        assert "You hold your key yourselves" in keys
        assert holder.public in keys
        assert (await carla.get(page)).status_code == 410, "a question is answered once"

        await mandating.mandate(world.runtime, "northfield", "brightpath")
        issued = await client(world).credentials.issue_held(work(), holder.key)
        assert "Genuine and current" in await world.page(f"/v/{issued.code}")
        assert "Registered here by its own members" in await world.page("/issuers/brightpath")

        following = Holder(tmp_path, 2)
        asked = await send(carla, "/console/brightpath/keys/next", key=following.public)
        page = asked.headers["location"]
        answer = following.answer((await carla.get(page)).text, capsys)
        done = await send(carla, page, answer=answer)
        assert (done.status_code, done.headers["location"]) == (303, "/console/brightpath/keys")
    states = {row["id"]: row["state"] for row in await IssuerKey.select().where(IssuerKey.issuer == "brightpath")}
    assert states == {holder.public: "retired", following.public: "active"}
    assert "Genuine and current" in await world.page(f"/v/{issued.code}")
    assert (await client(world).credentials.issue_held(work(), following.key)).code
    assert (await audit(world.runtime)).mismatches == ()


async def test_what_is_typed_wrongly_is_said_beside_the_field_and_nothing_is_made(
    sqlite_world: World, holder: Holder
) -> None:
    good = {**TYPED, "key": holder.public}
    registered = (await IssuerKey.select().where(IssuerKey.issuer == "acme"))[0]["id"]
    before = await KeyChallenge.count()
    async with sqlite_world.signed_in("carla@brightpath.example", staff=False) as carla:
        for wrong, says in (
            ({"key": ""}, "The public key is missing."),
            ({"key": "z6Mkjunk"}, "Paste the public key that refolio key new printed."),
            ({"key": "\U0001f600"}, "Paste the public key"),
            ({"key": json.loads(holder.file.read_text())["secretKeyMultibase"]}, "Paste the public key"),
            ({"key": registered}, "This key is registered here already."),
            ({"slug": "acme"}, "acme is taken. acme-2 is free."),
            ({"where": "there"}, "Nothing is chosen."),
            ({"where": "own"}, "Give the domain of your organisation"),
            ({"where": "own", "domain": "gmail.com"}, "Anybody can have mail there."),
            ({"where": "own", "domain": "refolio.example"}, "It is the address of this site."),
            ({"name": ""}, "The name is missing."),
            ({"url": "javascript:alert(1)"}, "This is not the address of a web site."),
        ):
            page = faults(await send(carla, NEW, **{**good, **wrong}))
            assert says in page, (wrong, page)
            assert "secretKey" not in page
    assert await KeyChallenge.count() == before


async def test_an_answer_is_taken_from_who_asked_for_the_question_asked_and_the_key_named(
    world: World, holder: Holder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = await Issuer.count()
    async with (
        world.signed_in("carla@brightpath.example", staff=False) as carla,
        world.signed_in("mallory@mallory.example") as mallory,
    ):
        page, other = await begun(carla, holder), await begun(carla, holder, slug="other")
        question = (await carla.get(page)).text
        answer = holder.answer(question, capsys)
        own = await begun(mallory, holder, slug="mallory-two")
        assert (await mallory.get(page)).status_code == 404
        taken = await mallory.post(page, data={**await token(mallory, own), "answer": answer})
        assert taken.status_code == 404
        assert "not the answer to the question above" in faults(await send(mallory, own, answer=answer))
        assert "not the answer to the question above" in faults(await send(carla, other, answer=answer))
        assert "another key than the one that was named" in faults(
            await send(carla, page, answer=Holder(tmp_path, 3).answer(question, capsys))
        )
        for junk in (
            "",
            "{}",
            "[" * 9000,
            "no",
            "null",
            answer[:-40],
            answer + answer,
            '{"proof":{"challenge":1}}',
        ):
            assert "answer" in faults(await send(carla, page, answer=junk))
        assert await Issuer.count() == before
        world.clock.move(minutes=61)
        assert (await carla.get(page)).status_code == 410


async def token(browser: httpx.AsyncClient, page: str) -> dict[str, str]:
    return {"csrf": re.findall(r'name="csrf" value="([^"]+)"', (await browser.get(page)).text)[0]}


async def test_only_admins_of_an_issuer_that_holds_its_key_bring_the_next_one(
    world: World, holder: Holder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with world.signed_in("carla@brightpath.example", staff=False) as carla:
        page = await begun(carla, holder)
        await send(carla, page, answer=holder.answer((await carla.get(page)).text, capsys))
        following = Holder(tmp_path, 2)
        page = (await send(carla, "/console/brightpath/keys/next", key=following.public)).headers["location"]
        answer = following.answer((await carla.get(page)).text, capsys)
        async with world.signed_in("mallory@mallory.example") as mallory:
            hers = await token(mallory, "/console/mallory-inc/keys")
            assert (await mallory.post(page, data={**hers, "answer": answer})).status_code == 404
            assert (await mallory.get("/console/brightpath/keys/next")).status_code == 404
            moved = page.replace("brightpath", "mallory-inc")
            assert (await mallory.post(moved, data={**hers, "answer": answer})).status_code == 404
        async with world.signed_in("ann@acme.example") as ann:
            page_of_ann = "/console/acme/keys/next"
            assert "are not brought here" in faults(await send(ann, page_of_ann, key=following.public))
        # removed between the question and the answer
        hers = await token(carla, page)
        await appointing.appoint(world.runtime, "brightpath", "dora@brightpath.example", Role.ADMIN)
        await appointing.dismiss(world.runtime, "brightpath", "carla@brightpath.example")
        sent = await carla.post(page, data={**hers, "answer": answer})
        assert sent.headers["location"].startswith("/sign-in?")
    assert {row["id"] for row in await IssuerKey.select().where(IssuerKey.issuer == "brightpath")} == {holder.public}


async def test_on_a_domain_of_its_own_the_page_gives_the_document_to_publish(
    connected: World, outside: Strangers, holder: Holder, capsys: pytest.CaptureFixture[str]
) -> None:
    async with connected.signed_in("carla@brightpath.example", staff=False) as carla:
        page = await begun(carla, holder, where="own", domain="Brightpath.example")
        question = (await carla.get(page)).text
        assert "https://brightpath.example/.well-known/did.json" in question
        answer = holder.answer(question, capsys)
        assert "could not be fetched" in faults(await send(carla, page, answer=answer))
        (document,) = [
            text for text in re.findall(r"<code>(.*?)</code>", question, re.DOTALL) if "verificationMethod" in text
        ]
        outside.server.pages = {"/.well-known/did.json": served(200, json.loads(unescape(document)))}
        connected.clock.move(minutes=2)
        assert (await send(carla, page, answer=answer)).status_code == 303
        keys = (await carla.get("/console/brightpath/keys")).text
        assert "https://brightpath.example/.well-known/did.json" in keys
        assert "/keys/next" not in keys
        assert "are not brought here" in faults(await send(carla, "/console/brightpath/keys/next", key=holder.public))
        again = await send(
            carla, NEW, **{**TYPED, "key": holder.public, "where": "own", "domain": "brightpath.example", "slug": "two"}
        )
        assert "registered already" in faults(again)
    await mandating.mandate(connected.runtime, "northfield", "brightpath")
    issued = await client(connected).credentials.issue_held(work(), holder.key)
    assert "Its keys are published on its own domain, brightpath.example" in await connected.page(f"/v/{issued.code}")
