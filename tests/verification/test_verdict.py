"""The ten-second page: its sentence in every situation that can really happen, and silence about what is not sound."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator

import pytest

from tests.showing import shows
from tests.web.reading import Reader
from tests.world import Members, World, another, maya, plain, stage
from verify.credentials.tables import Credential, StatusList
from verify.issuers.registering import register
from verify.issuers.tables import Issuer
from verify.platforms.mandating import mandate


class Page:
    """A verdict page: its sentence, its tone, the words on it, and the outcomes of the eight checks."""

    def __init__(self, html: str) -> None:
        self.text = Reader(html).text
        self.html = html
        self.sentence = re.findall(r'<h1 id="verdict">(.*?)</h1>', html)[0]
        self.tone = re.findall(r'<body class="tone-(.*?)"', html)[0]
        self.checks = re.findall(r'<li class="check-(.*?)">', html)


async def verdict(world: World, issued: Members) -> Page:
    return Page(await world.page(f"/v/{issued['code']}"))


async def replaced(uuid: str, document: bytes) -> None:
    """Put other bytes in the place of a stored document, as somebody with access to the database could."""
    await Credential.update({Credential.document: document}).where(Credential.id == uuid)


async def test_genuine_and_current(world: World) -> None:
    page = await verdict(world, await world.issued())
    assert (page.sentence, page.tone) == ("Genuine and current", "good")
    assert page.checks == ["passed"] * 8
    for said in (
        *("Maya Okafor", "Market scan of recycled textiles", "24 Aug – 11 Sep 2026", "42.5 hours, logged · remote"),
        *("Acme Outlet", "Acme Textiles", "Delivered by Northfield Careers Service"),
        "Northfield Careers Service vouches for this issuer; its web domain is not proven.",
        *("Seen by supervisor", "market research", "Self-reported", "presenting", "Asked the right questions."),
        *("Sam Rivera, Head of Product", "Supplier report", "2.5 ECTS credits by Northfield University"),
        "Checked by this server on 23 Nov 2026, 10:00 UTC.",
    ):
        assert said in page.text, said
    assert "northfield.example" not in page.html


async def test_withdrawn(world: World) -> None:
    issued = await world.issued()
    await world.withdraw(issued["uuid"], "Wrong dates.")
    page = await verdict(world, issued)
    assert (page.sentence, page.tone) == ("Genuine, withdrawn by the issuer on 23 Nov 2026", "withdrawn")
    assert "Reason given: Wrong dates." in page.text
    assert page.checks == [*["passed"] * 6, "failed", "passed"]
    assert "Market scan of recycled textiles" in page.text, "what was withdrawn may be seen, under the verdict"


async def test_not_valid_yet(sqlite_world: World) -> None:
    """The clock of the server that signed it was ahead."""
    issued = await sqlite_world.issued()
    sqlite_world.clock.move(days=-1)
    page = await verdict(sqlite_world, issued)
    assert (page.sentence, page.tone) == ("Not valid: It is not valid before 2026-11-23.", "bad")


async def test_clocks_may_differ_by_a_minute(sqlite_world: World) -> None:
    """SEC-064."""
    issued = await sqlite_world.issued()
    sqlite_world.clock.move(seconds=-60)
    assert (await verdict(sqlite_world, issued)).tone == "good"
    sqlite_world.clock.move(seconds=-1)
    assert (await verdict(sqlite_world, issued)).tone == "bad"


async def test_could_not_check_the_key(world: World) -> None:
    """The issuer's key document is no longer published here."""
    issued = await world.issued()
    await Issuer.update({Issuer.did: "did:web:moved.example"}).where(Issuer.slug == "acme")
    page = await verdict(world, issued)
    assert page.tone == "unsure"
    assert page.sentence.startswith("Could not check: The issuer’s key document".replace("’", "&#39;"))
    assert "This does not mean that the credential is false." in page.text
    assert "Market scan" not in page.text


async def test_sec_083_could_not_check_the_status(sqlite_world: World) -> None:
    """The list at hand is damaged: that is neither withdrawn nor current."""
    issued = await sqlite_world.issued()
    assert (await verdict(sqlite_world, issued)).tone == "good"
    await StatusList.update({StatusList.document: b"{}"}).where(StatusList.issuer == "acme")
    page = await verdict(sqlite_world, issued)
    assert (page.tone, page.checks[4], page.checks[6]) == ("unsure", "passed", "inconclusive")
    assert page.sentence.startswith("Could not check:")


async def test_sec_079_a_list_signed_by_another_issuer_says_nothing(world: World) -> None:
    issued, other = await world.issued(), await world.issued(another(issuer="brightline"))
    await verdict(world, issued)
    await verdict(world, other)
    foreign = await StatusList.select(StatusList.document).where(StatusList.issuer == "brightline").first()
    assert foreign
    await StatusList.update({StatusList.document: bytes(foreign["document"])}).where(StatusList.issuer == "acme")
    assert (await verdict(world, issued)).tone == "unsure"


def leaves(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        yield path
    else:
        for key, member in items:
            yield from leaves(member, (*path, key))


async def test_sec_028_nothing_is_shown_of_a_document_changed_anywhere(sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    document = json.loads(await sqlite_world.document(issued["uuid"]))
    paths = list(leaves(document))
    assert len(paths) > 100
    for path in paths:
        changed = json.loads(json.dumps(document))
        at = changed
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = (not at[path[-1]]) if isinstance(at[path[-1]], bool) else f"{at[path[-1]]}x"
        await replaced(issued["uuid"], json.dumps(changed).encode())
        page = await verdict(sqlite_world, issued)
        if path[0] == "@context":  # words that nobody here knows: neither true nor false
            assert (page.tone, page.sentence[:15]) == ("unsure", "Could not check")
        else:
            assert page.sentence == "Changed after signing – do not rely on it", path
            assert "Nothing from the file is shown" in page.text
        assert "Market scan" not in page.html, path
        assert "Okafor" not in page.html, path


NO_DOCUMENTS = [
    b"",
    b"null",
    b"{}",
    b"[" * 50_000,
    b'{"@context":[]}',
    b"\xff",
    b"<script>alert(1)</script>",
    b"x" * 600_000,
]


@pytest.mark.parametrize("document", NO_DOCUMENTS, ids=range(len(NO_DOCUMENTS)))
async def test_sec_205_whatever_stands_in_the_database_the_page_answers(document: bytes, sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    await replaced(issued["uuid"], document)
    page = await verdict(sqlite_world, issued)
    assert page.tone == "bad"
    assert "<script" not in page.html


async def test_sec_205_another_genuine_document_in_its_place_is_not_what_was_asked_about(world: World) -> None:
    hers = await world.issued()
    oscar = {"name": "Oscar Lind", "email": "oscar@northfield.example"}
    his = await world.issued(plain(intern=oscar, project={**plain()["project"], "title": "Poster series"}))
    await replaced(hers["uuid"], await world.document(his["uuid"]))
    await shows(world, "maya@northfield.example", "maya")
    page = await verdict(world, hers)
    assert (page.sentence, page.tone) == ("Changed after signing – do not rely on it", "bad")
    assert "not the one that was issued under this code" in page.text
    for html in (page.html, await world.page("/p/maya")):
        assert "Oscar" not in html
        assert "Poster" not in html
    assert (await verdict(world, his)).tone == "good"


async def test_sec_103_no_connection_is_made_for_any_page(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-070: addresses inside a document, ours or forged, are never asked."""
    issued = await sqlite_world.issued()
    document = await sqlite_world.document(issued["uuid"])

    def connect(self: socket.socket, address: object) -> None:
        raise AssertionError(f"a page connected to {address}")

    monkeypatch.setattr(socket.socket, "connect", connect)
    assert (await verdict(sqlite_world, issued)).tone == "good"
    for old in (b"did:web:refolio.example", b"https://refolio.example/status", b"https://www.w3.org/ns"):
        await replaced(issued["uuid"], document.replace(old, old.replace(b"refolio", b"mallory").replace(b"w3", b"v3")))
        assert (await verdict(sqlite_world, issued)).tone in ("bad", "unsure")


async def test_sec_060_who_signed_is_told_from_our_register_not_from_the_document(world: World) -> None:
    """Mallory's issuer may call itself what it likes in its own documents."""
    issued = await world.issued()
    await Issuer.update({Issuer.name: "Acme Textiles Ltd"}).where(Issuer.slug == "acme")
    assert "Acme Textiles Ltd" in (await verdict(world, issued)).text


async def test_the_same_page_tomorrow_says_tomorrow(sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    sqlite_world.clock.move(days=400)
    page = await verdict(sqlite_world, issued)
    assert page.tone == "good"
    assert "28 Dec 2027, 10:00 UTC" in page.text


async def test_an_issuer_on_a_machine_without_https_is_checked_just_the_same(sqlite_url: str) -> None:
    async with stage(sqlite_url, public_url="http://localhost:8000") as world:
        await register(world.runtime, "local", "Local Works")
        await mandate(world.runtime, "northfield", "local")
        issued = await world.issued(maya(issuer="local"))
        assert json.loads(await world.document(issued["uuid"]))["issuer"]["id"].startswith("did:key:z6Mk")
        assert (await verdict(world, issued)).tone == "good"
