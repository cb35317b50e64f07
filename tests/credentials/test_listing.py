"""The list of an issuer's credentials and its search: everything that is its own, nothing of anybody else."""

from __future__ import annotations

import re

import pytest

from tests.credentials.console import ACME
from tests.credentials.replacements import renamed, replaced
from tests.world import MALLORY_KEY, World, maya, plain
from verify.credentials import listing
from verify.credentials.tables import Credential
from verify.database import tx


async def found(world: World, query: str = "", email: str = "vic@acme.example", slug: str = "acme") -> list[str]:
    """The records in the list, from the top."""
    async with world.signed_in(email) as http:
        answer = await http.get(f"/console/{slug}{query}")
    assert answer.status_code == 200, answer.text
    return re.findall(r"record <bdi>(.*?)</bdi>", answer.text)


def work(record: str, name: str = "Maya Okafor", title: str = "Market scan", **changes: object) -> dict[str, object]:
    person = {"name": name, "email": f"{record.lower()}@northfield.example"}
    return plain(record=record, intern=person, project={**plain()["project"], "title": title}, **changes)


async def test_the_newest_stand_first_and_every_page_goes_on_where_the_last_ended(world: World) -> None:
    for number in range(7):
        await world.issued(work(f"R-{number}", title=f"Project {number}"))
        world.clock.move(seconds=number % 2)  # some of one moment
    await world.issued(work("R-99", issuer="brightline"))
    pages, before = [], None
    while True:
        page = await listing.page("acme", before=before, most=3)
        pages.append([one.record for one in page.listed])
        if (before := page.before) is None:
            break
    assert [len(page) for page in pages] == [3, 3, 1]
    together = [record for page in pages for record in page]
    assert sorted(together) == [f"R-{number}" for number in range(7)]
    assert together[0] in ("R-5", "R-6")
    assert await found(world) == together


@pytest.mark.parametrize(
    ("query", "records"),
    [
        ("okafor", ["A"]),
        ("LEÏLA", ["B"]),
        ("haddad poster", ["B"]),
        ("poster okafor", []),
        ("b@northfield", ["B"]),
        ("mkt-7", ["A"]),
        ("100%25", ["C"]),
        ("%25", ["C"]),
        ("_", ["C"]),
        ("!", []),
        ("'", []),
        ("\\", []),
    ],
)
async def test_sec_115_a_search_finds_words_and_takes_wildcards_for_themselves(
    world: World, query: str, records: list[str]
) -> None:
    await world.issued(maya(record="A"))
    await world.issued(work("B", "Leïla Haddad", "Poster series"))
    await world.issued(work("C", "Ines Carvalho", "Sign_up 100% shorter"))
    assert await found(world, f"?q={query}") == records


async def test_a_verification_code_finds_its_credential_however_it_is_typed(world: World) -> None:
    code = (await world.issued(work("A")))["code"]
    await world.issued(work("B", title="Another"))
    for typed in (code, code.lower().replace("-", ""), code.replace("0", "O")):
        assert await found(world, f"?q={typed}") == ["A"]


async def test_sec_115_nothing_of_another_issuer_is_found_or_counted(world: World) -> None:
    theirs = await world.issued(work("M", issuer="mallory-inc"), api_key=MALLORY_KEY)
    ours = await world.issued(work("A"))
    for query in ("", "?q=maya", f"?q={theirs['code']}", "?q=m@northfield", "?show=current"):
        assert "M" not in await found(world, query)
    async with world.signed_in("vic@acme.example") as vic:
        assert "1 credential, newest first." in (await vic.get(ACME)).text
        assert (await vic.get(f"{ACME}?before={theirs['uuid']}")).status_code == 404
        absent = "00000000-0000-4000-8000-000000000000"
        pages = [await vic.get(f"{ACME}/credentials/{uuid}") for uuid in (theirs["uuid"], absent)]
        assert {page.status_code for page in pages} == {404}
        assert pages[0].text.replace(theirs["uuid"], absent) == pages[1].text
    assert await found(world, "", "mallory@mallory.example", "mallory-inc") == ["M"]
    assert ours["record"] == "A"


async def test_the_code_of_an_earlier_edition_finds_what_stands_now(world: World) -> None:
    issued = await world.issued()
    await replaced(world, issued["uuid"], {"completion": renamed(record="A")})
    assert await found(world, f"?q={issued['code']}") == ["A"]
    theirs = await world.issued(work("M", issuer="mallory-inc"), api_key=MALLORY_KEY)
    changed = work("M", issuer="mallory-inc", role="Analyst")
    assert (await replaced(world, theirs["uuid"], {"completion": changed}, api_key=MALLORY_KEY)).status_code == 200
    assert await found(world, f"?q={theirs['code']}") == []


async def test_states_are_told_apart(world: World) -> None:
    gone = await world.issued(work("A"))
    await world.issued(work("B", title="Another"))
    await world.withdraw(gone["uuid"], "Wrong dates.")
    assert await found(world, "?show=withdrawn") == ["A"]
    assert await found(world, "?show=current") == ["B"]
    async with world.signed_in("vic@acme.example") as vic:
        assert (await vic.get(f"{ACME}?show=stolen")).status_code == 400
        assert "Nothing was found." in (await vic.get(f"{ACME}?q=nobody")).text


async def test_a_reservation_is_not_listed(sqlite_world: World) -> None:
    issued = await sqlite_world.issued(work("A"))
    async with tx():
        await Credential.update({Credential.state: "reserved"}).where(Credential.id == issued["uuid"])
    assert await found(sqlite_world) == []


async def test_credentials_from_before_there_was_a_search_are_found(world: World) -> None:
    issued = await world.issued(work("A", "Leïla Haddad"))
    spoilt = await world.issued(work("B", title="Another"))
    async with tx():
        await Credential.update({Credential.email: None, Credential.record: None}).where(
            Credential.id == issued["uuid"]
        )
        await Credential.update({Credential.email: None, Credential.completion: "{"}).where(
            Credential.id == spoilt["uuid"]
        )
    assert await listing.complete() == 2
    assert await found(world, "?q=haddad") == ["A"]
    assert sorted(await found(world)) == ["A", "unknown"], "one spoilt row takes no other away"
    assert await listing.complete() == 0


async def test_a_member_withdraws_what_any_platform_delivered_and_sees_who_did_what(world: World) -> None:
    issued = await world.issued()
    address = f"{ACME}/credentials/{issued['uuid']}"
    async with world.signed_in("sam@acme.example") as sam:
        page = (await sam.get(address)).text
        assert "Ordered by <bdi>Northfield Careers Service</bdi>" in page
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]  # type: ignore[index]
        empty = await sam.post(f"{address}/withdraw", data={"csrf": csrf, "reason": " "})
        assert empty.status_code == 422
        assert "A reason is required" in empty.text
        answer = await sam.post(f"{address}/withdraw", data={"csrf": csrf, "reason": "Wrong dates."})
        assert answer.status_code == 303
        page = (await sam.get(address)).text
        assert "Withdrawn by <bdi>Sam</bdi>" in page
        back = (await sam.get(f"{address}?new=1")).text  # as the browser's history has it
        assert ("Signed and issued.</strong>" in back, "Withdrawn on" in back) == (False, True)
        assert "Withdraw for good" not in page
        again = await sam.post(f"{address}/withdraw", data={"csrf": csrf, "reason": "Another reason."})
        assert again.status_code == 409
    assert "withdrawn by the issuer" in await world.page(f"/v/{issued['code']}")
