"""Withdrawing several in the console: a few by one person, more by two (SEC-232)."""

from __future__ import annotations

from tests.credentials.replacements import renamed, replaced
from tests.forms import send
from tests.world import World, another
from verify.credentials.tables import Credential

PAGE = "/console/acme/withdrawals"


async def issued(world: World, number: int) -> list[str]:
    """So many credentials of Acme; their codes."""
    return [(await world.issued(another()))["code"] for _ in range(number)]


async def withdrawn(world: World) -> int:
    return int(await Credential.count().where(Credential.state == "withdrawn"))


async def test_ten_are_withdrawn_at_once_however_they_are_named(world: World) -> None:
    codes = await issued(world, 9)
    tenth = await world.issued(another() | {"record": "CAREERS-77"})
    lines = [codes[0].lower(), f"https://refolio.example/v/{codes[1]}", *codes[2:], "CAREERS-77", "", tenth["uuid"]]
    async with world.signed_in("sam@acme.example") as sam:
        answer = await send(sam, PAGE, credentials="\n".join(lines), kind="duplicate", reason="Issued twice.")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/acme")
    assert await withdrawn(world) == 10
    page = await world.page(f"/v/{codes[0]}")
    assert "Issued twice." in page
    assert "There is another credential for the same work" in page


async def test_a_record_that_looks_like_a_code_and_the_code_of_an_earlier_edition_are_understood(world: World) -> None:
    record = await world.issued(another() | {"record": "ACME-2026-000012"})
    issued = await world.issued()
    assert (await replaced(world, issued["uuid"], {"completion": renamed()})).status_code == 200
    foreign = await world.issued(another(issuer="brightline"))
    lines = f"ACME-2026-000012\n{issued['code']}"
    async with world.signed_in("sam@acme.example") as sam:
        refused = await send(sam, PAGE, credentials=f"{lines}\n{foreign['code']}", kind="other", reason="Wrong.")
        assert "Line 3: no credential of yours has" in refused.text
        assert (await send(sam, PAGE, credentials=lines, kind="other", reason="Wrong.")).status_code == 303
    for uuid in (record["uuid"], issued["uuid"]):
        assert (await world.northfield.credentials.get(uuid)).state == "withdrawn"


async def test_eleven_wait_for_a_second_person_who_sees_them(world: World) -> None:
    codes = await issued(world, 11)
    async with world.signed_in("sam@acme.example") as sam:
        answer = await send(sam, PAGE, credentials="\n".join(codes), kind="other", reason="The wrong cohort.")
        proposal = answer.headers["location"]
        assert answer.status_code == 303
        assert "Another admin has to agree." in (await sam.get(proposal)).text
        assert await withdrawn(world) == 0
        alone = await send(sam, PAGE, f"{proposal}/approve")
        assert alone.status_code == 404, "an issuer decides nothing"
    async with world.signed_in("ann@acme.example") as ann:
        shown = (await ann.get(proposal)).text
        assert "Withdraw 11 credentials?" in shown
        assert "waits for a second admin" not in shown, "she is looking at it"
        assert "waits for a second admin" in (await ann.get(PAGE)).text
        assert "The wrong cohort." in shown
        assert all(code in shown for code in codes)
        answer = await send(ann, proposal, f"{proposal}/approve")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/acme?show=withdrawn")
        assert (await ann.get(proposal)).status_code == 404, "decided"
    assert await withdrawn(world) == 11


async def test_nobody_agrees_with_herself(world: World) -> None:
    codes = await issued(world, 11)
    async with world.signed_in("ann@acme.example") as ann:
        answer = await send(ann, PAGE, credentials="\n".join(codes), kind="other", reason="The wrong cohort.")
        proposal = answer.headers["location"]
        refused = await send(ann, PAGE, f"{proposal}/approve")
        assert refused.status_code == 409
        assert "Another admin has to approve it." in refused.text
    assert await withdrawn(world) == 0


async def test_a_line_that_names_nothing_stops_all_and_is_told_by_its_number(world: World) -> None:
    """Also one that names what another issuer has."""
    foreign = await world.issued(another(issuer="brightline"))
    (code,) = await issued(world, 1)
    typed = f"{code}\nno-such-record\n{foreign['code']}"
    async with world.signed_in("sam@acme.example") as sam:
        answer = await send(sam, PAGE, credentials=typed, kind="other", reason="Wrong.")
        assert answer.status_code == 422
        assert "Line 2: no credential of yours has “no-such-record”." in answer.text
        assert f"Line 3: no credential of yours has “{foreign['code']}”." in answer.text
        assert "Line 1" not in answer.text
        empty = await send(sam, PAGE, credentials=" \n", kind="other", reason="Wrong.")
        assert "Here are 0 lines. Write 1 to 1,000 lines." in empty.text
    assert await withdrawn(world) == 0
