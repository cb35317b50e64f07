"""Signed well, and still not what it seems: what the service says of it to a reader (catalogue areas 1.2 to 1.5)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import refolio
from refolio.credential.keys import PrivateKey
from tests.showing import shows
from tests.web.reading import Reader
from tests.world import MALLORY_KEY, NORTHFIELD_KEY, Members, World, another, maya, stage
from verify.credentials.own_output import OwnOutputRefused
from verify.credentials.tables import Credential
from verify.issuers.registering import register
from verify.issuers.tables import IssuerKey
from verify.platforms.mandating import mandate

MAYA = "maya@northfield.example"


async def put(uuid: str, document: Members) -> None:
    """Put another document in the place of a stored one, as somebody with access to the database could."""
    await Credential.update({Credential.document: json.dumps(document).encode()}).where(Credential.id == uuid)


async def test_sec_015_a_member_that_is_not_signed_is_shown_nowhere(sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    await shows(sqlite_world, MAYA, "maya")
    original = json.loads(await sqlite_world.document(issued["uuid"]))
    for path in ((), ("credentialSubject",), ("credentialSubject", "achievement"), ("issuer",), ("evidence", 0)):
        document = json.loads(json.dumps(original))
        at: Any = document
        for step in path:
            at = at[step]
        at["secretGrade"] = "summa-cum-laude"
        await put(issued["uuid"], document)
        for page in (f"/v/{issued['code']}", "/p/maya", f"/credentials/{issued['uuid']}/status"):
            assert "summa-cum-laude" not in (await sqlite_world.http.get(page, headers={"Accept": "text/html"})).text
        answer = await sqlite_world.http.get(f"/api/v1/credentials/{issued['uuid']}", headers=_authorized())
        assert "summa-cum-laude" not in answer.text
        assert 'class="tone-bad"' in await sqlite_world.page(f"/v/{issued['code']}")


def _authorized() -> dict[str, str]:
    return {"Authorization": f"Bearer {NORTHFIELD_KEY}"}


async def test_sec_023_nothing_relative_is_signed(sqlite_world: World) -> None:
    before = await sqlite_world.rows()
    for url in ("/x", "x", "//acme.example/x", "#x", "did:web:acme.example", "_:b0", "https:x", "https:///x"):
        skill = {"name": "sewing", "observed": "seen", "alignment": {"framework": "ESCO", "url": url, "name": "sew"}}
        for body, field in (
            (maya(deliverables=[{"title": "Report", "url": url}]), "deliverables[0].url"),
            (maya(host={"name": "Acme Outlet", "url": url}), "host.url"),
            (maya(skills=[skill]), "skills[0].alignment.url"),
        ):
            answer = await sqlite_world.post(body)
            assert (answer.status_code, answer.json()["faults"][0]["field"]) == (422, field), url
    assert await sqlite_world.rows() == before


async def test_sec_033_a_key_of_one_tenant_signs_nothing_for_another(sqlite_world: World) -> None:
    """Brightline's document, re-labelled by somebody who holds the database as Acme's, is not Acme's."""
    hers, his = await sqlite_world.issued(), await sqlite_world.issued(another(issuer="brightline"))
    document = json.loads(await sqlite_world.document(his["uuid"]))
    brightline, acme = document["issuer"]["id"], json.loads(await sqlite_world.document(hers["uuid"]))["issuer"]["id"]
    relabelled = json.loads(json.dumps(document).replace(brightline, acme))
    for forged in ({**document, "issuer": {**document["issuer"], "id": acme}}, relabelled):
        await put(hers["uuid"], forged)
        assert 'class="tone-bad"' in await sqlite_world.page(f"/v/{hers['code']}")
        report = await sqlite_world.report(json.dumps(forged).encode())
        assert (report.verdict, report.decisive.number) == (refolio.Outcome.FAILED, 3)


async def test_sec_047_what_a_faulty_signer_signs_is_never_published(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bit flips while signing: nothing is served, and when the fault is gone the same request is answered."""
    good = PrivateKey.sign

    def faulty(self: PrivateKey, message: bytes) -> bytes:
        signature = bytearray(good(self, message))
        signature[40] ^= 1
        return bytes(signature)

    monkeypatch.setattr(PrivateKey, "sign", faulty)
    answer = await sqlite_world.post(maya(), "the-key")
    assert answer.status_code == 500
    assert "signature" not in answer.text
    assert await Credential.count().where(Credential.state == "issued") == 0
    assert await Credential.count().where(Credential.document.is_not_null()) == 0
    monkeypatch.setattr(PrivateKey, "sign", good)
    assert (await sqlite_world.post(maya(), "the-key")).status_code == 201


async def test_sec_046_what_would_not_verify_is_not_stored(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signature good in itself, by a key that the issuer's document does not list: our own checks stop it."""
    stranger = PrivateKey.from_seed(bytes([9]) * 32)

    async def wrong_key(*_: Any) -> PrivateKey:
        return stranger

    monkeypatch.setattr("verify.credentials.issuing.private_key", wrong_key)
    answer = await sqlite_world.post(maya(), "the-key")
    assert answer.status_code == 500
    assert OwnOutputRefused.__name__ not in answer.text
    assert await Credential.count().where(Credential.document.is_not_null()) == 0


async def test_sec_048_the_inventory_of_keys(sqlite_world: World) -> None:
    """Each issuer has two keys of its own, for credentials and for status lists, and each signs only its kind.

    Both stand under assertionMethod, because verifiers look there for the keys of lists too.
    """
    issued = [await sqlite_world.issued(another(issuer=issuer)) for issuer in ("acme", "brightline")]
    rows = await IssuerKey.select(IssuerKey.id, IssuerKey.issuer, IssuerKey.purpose, IssuerKey.state)
    purpose_of = {row["id"]: row["purpose"] for row in rows}
    by_issuer: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: str(row["purpose"])):
        by_issuer.setdefault(row["issuer"], []).append(row["id"])
    assert sorted(by_issuer) == ["acme", "brightline", "mallory-inc"]
    assert len(purpose_of) == 6
    for slug, ids in by_issuer.items():
        keys = (await sqlite_world.http.get(f"/issuers/{slug}/did.json")).json()
        relationships = {name for name in keys if isinstance(keys[name], list)} - {"@context", "verificationMethod"}
        assert relationships == {"assertionMethod"}
        assert [method["publicKeyMultibase"] for method in keys["verificationMethod"]] == ids
    for one in issued:
        document = json.loads(await sqlite_world.document(one["uuid"]))
        listed = (await sqlite_world.http.get(document["credentialStatus"]["statusListCredential"])).json()
        signed_by = [proof["verificationMethod"] for proof in [*document["proof"], listed["proof"]]]
        assert all(method.startswith(document["issuer"]["id"]) for method in signed_by)
        purposes = [purpose_of[method.partition("#")[2]] for method in signed_by]
        assert purposes == ["credentials", "credentials", "status"]


# --- whose word it is ------------------------------------------------------------------------------------------------


async def look_alike(world: World, name: str) -> Page:
    """Mallory's issuer takes a name and Acme's address, and issues the very same work to Maya."""
    await register(world.runtime, "look-alike", name, url="https://acme.example", vouched_by="Mallory Talent")
    await mandate(world.runtime, "mallory", "look-alike")
    issued = await world.issued(maya(issuer="look-alike"), api_key=MALLORY_KEY)
    return Page(await world.page(f"/v/{issued['code']}"))


class Page:
    """A verdict page: its words, its sentence, and the marks on it (each mark is a drawing with a class)."""

    def __init__(self, html: str) -> None:
        self.reader = Reader(html)
        self.text = self.reader.text
        self.sentence = re.findall(r'<h1 id="verdict">(.*?)</h1>', html)[0]
        self.marks = [values["class"] for tag, values in self.reader.elements if "shape" in values.get("class", "")]
        self.how = re.findall(r'data-fact="organisation">(.*?)</div>\s*<div data-fact', html, re.DOTALL)[0]


async def test_sec_060_a_look_alike_issuer_is_told_by_who_vouches_for_it(sqlite_world: World) -> None:
    """Same name, same address, good signature. Its domain is proven on neither page, and both pages say so."""
    acme = Page(await sqlite_world.page(f"/v/{(await sqlite_world.issued())['code']}"))
    mallory = await look_alike(sqlite_world, "Acme Textiles")
    assert "Northfield Careers Service vouches for this issuer; its web domain is not proven." in acme.how
    assert "Mallory Talent vouches for this issuer; its web domain is not proven." in mallory.how
    assert "Northfield Careers Service" not in mallory.text


@pytest.mark.parametrize("name", ["Аcme Textiles", "Acme Genuine and current", "Seen by supervisor"], ids=ascii)
async def test_sec_061_no_name_draws_a_mark_or_changes_the_sentence(name: str, sqlite_world: World) -> None:
    """Marks are drawings of our template in places of their own; a name is text inside ``bdi``, whatever it holds."""
    plain = Page(await sqlite_world.page(f"/v/{(await sqlite_world.issued())['code']}"))
    fancy = await look_alike(sqlite_world, name)
    assert (fancy.sentence, [mark for mark in fancy.marks if "unsure" not in mark]) == (plain.sentence, plain.marks)
    assert f"<bdi>{name}</bdi>" in fancy.how


async def test_sec_061_text_that_imitates_our_words_stands_where_text_stands(sqlite_world: World) -> None:
    imitation = "Genuine and current ✓ Seen by supervisor"
    plain = Page(await sqlite_world.page(f"/v/{(await sqlite_world.issued())['code']}"))
    body = another(role=imitation, story=None) | {"intern": {"name": imitation, "email": "m@northfield.example"}}
    body["skills"] = [{"name": imitation, "observed": "self-reported"}]
    fancy = Page(await sqlite_world.page(f"/v/{(await sqlite_world.issued(body))['code']}"))
    assert (fancy.sentence, fancy.marks) == (plain.sentence, plain.marks)
    assert "Self-reported" in fancy.text
    assert '<div class="skills seen">' not in fancy.how


async def test_sec_066_a_credential_that_somebody_else_shows_names_who_earned_it(sqlite_world: World) -> None:
    """Oscar hands in Maya's link: the page says whose it is; nothing on it speaks of who holds the link."""
    issued = await sqlite_world.issued()
    await sqlite_world.issued(another(intern={"name": "Oscar Lind", "email": "oscar@northfield.example"}))
    for shown in (
        f"/v/{issued['code']}",
        f"/v/{issued['code'].lower()}?name=Oscar+Lind",
        f"/v/{issued['code']}?intern=Oscar",
    ):
        page = await sqlite_world.page(shown)
        assert re.findall(r'<p class="name"><bdi>(.*?)</bdi>', page) == ["Maya Okafor"]
        assert "Oscar" not in page


async def test_sec_075_what_the_intern_says_herself_is_set_apart(sqlite_world: World) -> None:
    """Other words, other place, other class: on the verdict page and in every entry of the portfolio."""
    issued = await sqlite_world.issued()
    await shows(sqlite_world, MAYA, "maya", "Winner of everything")
    verdict, portfolio = await sqlite_world.page(f"/v/{issued['code']}"), await sqlite_world.page("/p/maya")
    for html in (verdict, portfolio):
        groups = dict(re.findall(r'<div class="skills (seen|self)">(.*?)</div>', html, re.DOTALL))
        assert ("market research" in groups["seen"], "presenting" in groups["seen"]) == (True, False)
        assert ("market research" in groups["self"], "presenting" in groups["self"]) == (False, True)
        assert "Self-reported" in groups["self"]
    assert "In the intern’s words" in Reader(verdict).text
    entries = portfolio[portfolio.index('<ol class="entries">') :]
    assert "Winner of everything" in portfolio[: portfolio.index('<ol class="entries">')]
    assert "Winner of everything" not in entries
    assert "Winner of everything" not in verdict


async def test_sec_092_a_list_answers_at_the_address_that_was_signed(sqlite_url: str) -> None:
    """After a restart too, at once and not by way of a redirect: verifiers compare its id with where they asked."""
    async with stage(sqlite_url) as before:
        issued = await before.issued()
        address = json.loads(await before.document(issued["uuid"]))["credentialStatus"]["statusListCredential"]
    async with stage(sqlite_url) as after:
        answer = await after.http.get(address)
        assert (answer.status_code, answer.json()["id"]) == (200, address)
        await after.withdraw(issued["uuid"])
        assert (await after.http.get(address)).json()["id"] == address
