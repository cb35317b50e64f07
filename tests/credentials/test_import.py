"""A careers officer's file, from the dry run to the results, on both databases."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from tests.credentials.console import ACME, hidden, press, read_sheet, row, sheet, upload, values
from tests.world import World, stage
from verify.credentials import import_checking, import_running, issuing
from verify.credentials.tables import Credential, ImportJob, ImportRow
from verify.database import tx
from verify.http.access import OPERATOR, Actor, Role
from verify.issuers.closing import close
from verify.issuers.tables import Membership
from verify.people.tables import Person
from verify.trail.tables import TrailEntry


async def checked(http: httpx.AsyncClient, content: bytes, **arguments: str) -> tuple[str, str]:
    """Upload; the address of the import and its page."""
    answer = await upload(http, "acme", content, **arguments)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"], (await http.get(answer.headers["location"])).text


async def imported(world: World, http: httpx.AsyncClient, content: bytes) -> tuple[str, str]:
    """Upload, start, wait for the end."""
    address, _ = await checked(http, content)
    assert (await press(http, address, "start")).status_code == 303
    await world.app.state.imports.settled()
    page = await http.get(address)
    assert "Refresh" not in page.headers
    return address, page.text


def said(page: str) -> str:
    """A page as it is read."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


async def test_sec_152_one_record_with_other_facts_in_two_files_at_once_is_issued_once(world: World) -> None:
    """Both files were checked before either was started, and two workers go at them."""
    async with world.signed_in("ann@acme.example") as ann:
        files = [
            sheet(*(row(n, role=role, project_title=f"{role} {n}") for n in range(20))) for role in ("Analyst", "Buyer")
        ]
        addresses = [(await checked(ann, content))[0] for content in files]
        workers = [import_running.ImportWorker(world.runtime) for _ in addresses]
        async with tx():
            await ImportJob.update(
                {ImportJob.state: "running", ImportJob.started_at: world.clock(), ImportJob.leased_until: world.clock()}
            ).where(ImportJob.state == "checked")
        await asyncio.gather(*(worker.settled() for worker in workers))
        pages = [said((await ann.get(address)).text) for address in addresses]
        issued = [int(re.search(r"(\d+) credentials? issued", page)[1]) for page in pages]  # type: ignore[index]
        assert sum(issued) == await Credential.count() == 20
        refused = await ImportRow.select(ImportRow.faults, ImportRow.credential).where(ImportRow.state == "refused")
        assert len(refused) == 20
        for one in refused:
            assert "This record was issued before, with other facts." in one["faults"]
            assert "allow_duplicate" not in one["faults"]
            assert one["credential"], "the row leads to the credential that stands in its way"


async def test_sec_152_a_row_as_it_was_corrected_since_is_known(world: World) -> None:
    async with world.signed_in("ann@acme.example") as ann:
        await imported(world, ann, sheet(row(1)))
        (issued,) = await Credential.select(Credential.id)
        page = (await ann.get(f"{ACME}/credentials/{issued['id']}/replace")).text
        form = {**values(page), **hidden(page), "role": "Analyst", "as": "edition"}
        answer = await ann.post(f"{ACME}/credentials/{issued['id']}/replace", data=form)
        assert answer.status_code == 303, answer.text
        for content in (sheet(row(1)), sheet(row(1, role="Analyst"))):
            _, page = await checked(ann, content)
            assert "Everything in this file was issued before." in said(page)
        _, page = await checked(ann, sheet(row(1, role="Buyer")))
        assert "This record was issued before, with other facts." in said(page)


@pytest.mark.parametrize("rows", [400, pytest.param(2000, marks=pytest.mark.drill)])
async def test_sec_151_two_thousand_rows_thirty_of_them_broken(sqlite_world: World, rows: int) -> None:
    """The dry run names them, good rows are issued once, a bar moves, the same file again issues nothing (SEC-152)."""
    wrong = ({"started": "3/4/2026"}, {"hours": "37,5"})
    places = range(rows // 20, rows, rows * 95 // 100 // 29)[:30]
    broken = [row(number, **wrong[number % 2]) for number in places]
    lines = {int(bad["record"][3:]): bad for bad in broken}
    assert len(lines) == 30
    good = rows - 30
    content = sheet(*(lines.get(number, row(number)) for number in range(rows)))
    async with sqlite_world.signed_in("sam@acme.example") as sam:
        address, page = await checked(sam, content)
        assert f"{good:,} rows can be issued." in said(page)
        assert "30 rows cannot" in said(page)
        for number in lines:
            assert f"<strong>Line {number + 2}</strong>" in page
        assert "started : “ 3/4/2026 ” It is not clear which number is the day" in said(page)
        assert await Credential.count() == 0
        await press(sam, address, "start")
        over, bars = asyncio.create_task(sqlite_world.app.state.imports.settled()), []
        while not over.done():
            progress = await sam.get(address)
            assert progress.headers["Refresh"] == "2"  # the browser's own way to load it again, without script
            bars.append(int(re.search(rf'<progress id="progress" max="{good}" value="(\d+)"', progress.text)[1]))  # type: ignore[index]
            await asyncio.wait({over}, timeout=rows / 2000)
        progress = await sam.get(address)
        assert "Refresh" not in progress.headers
        assert bars == sorted(bars)
        assert len(set(bars)) > 5
        assert f"{good:,} credentials issued, 0 rows issued before, 30 rows not issued." in said(progress.text)
        assert await Credential.count().where(Credential.state == "issued") == good
        _, again = await checked(sam, content)
        assert f"{good:,} rows were issued before" in said(again)
        assert "/start" not in again
        assert await Credential.count() == good


async def test_rows_say_what_became_of_them_on_the_page_and_in_a_file(world: World) -> None:
    async with world.signed_in("ann@acme.example") as ann:
        address, page = await imported(world, ann, sheet(row(1), row(2, mode="from home"), row(3)))
        assert "2 credentials issued, 0 rows issued before, 1 row not issued." in said(page)
        results = read_sheet((await ann.get(f"{address}/results.csv")).content)
    assert [(one["line"], one["record"], one["result"], one["column"]) for one in results] == [
        ("2", "NF-1", "issued", ""),
        ("3", "NF-2", "not issued", "mode"),
        ("4", "NF-3", "issued", ""),
    ]
    assert results[1]["fix"] == "Use one of: remote, hybrid, on-site."
    assert "Genuine and current" in await world.page(results[0]["verdict page"].removeprefix("https://refolio.example"))
    acts = {entry["act"] for entry in await TrailEntry.select(TrailEntry.act).where(TrailEntry.scope == "acme")}
    assert {"import-started", "import-finished", "credential-issued"} <= acts
    assert not await ImportRow.exists().where(ImportRow.completion.is_not_null())


async def test_no_line_is_too_far_away_to_be_asked_for(world: World) -> None:
    async with world.signed_in("ann@acme.example") as ann:
        address, _ = await checked(ann, sheet(row(1)))
        for after in ("9" * 40, "-1", str(2**31), str(2**63)):
            assert (await ann.get(f"{address}?after={after}")).status_code == 200


async def test_sec_152_an_overlapping_file_issues_only_what_is_new(world: World) -> None:
    async with world.signed_in("ann@acme.example") as ann:
        await imported(world, ann, sheet(row(1), row(2), row(3)))
        _, page = await imported(world, ann, sheet(row(3), row(4), row(2), row(5), separator=";"))
        assert "2 credentials issued, 2 rows issued before, 0 rows not issued." in said(page)
        assert await Credential.count() == 5
        changed = sheet(
            row(1, role="Another role"), row(6, intern_email="MAYA2@northfield.example", project_title="Market scan 2")
        )
        _, page = await checked(ann, changed)
        assert "This record was issued before, with other facts." in page
        assert "The same intern, project and dates were issued before under another record." in page
        assert "Earlier credential" in page
        assert "Nothing in this file can be issued." in page


async def test_sec_152_the_same_student_twice_in_one_file_is_asked_about(sqlite_world: World) -> None:
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        twin = {**row(1), "record": "NF-2"}
        _, page = await checked(ann, sheet(row(1), twin, row(1)))
    assert "1 row can be issued." in said(page)
    assert "Line 2 has the same intern, project and dates." in page
    assert "This record is already on line 2." in page


async def test_sec_153_a_row_that_names_another_issuer_is_refused_whether_it_exists_or_not(world: World) -> None:
    async with world.signed_in("ann@acme.example") as ann:
        address, page = await checked(ann, sheet(row(1, issuer="brightline"), row(2, issuer="no-such-issuer")))
        refusals = list(await ImportRow.select(ImportRow.faults, ImportRow.state))
        assert [one["state"] for one in refusals] == ["bad", "bad"]
        assert len({one["faults"].replace("brightline", "…").replace("no-such-issuer", "…") for one in refusals}) == 1
        assert "This is not the short name of your organisation." in page
        await press(ann, address, "start")
        await world.app.state.imports.settled()
    assert await Credential.count() == 0


async def test_two_starts_and_two_workers_issue_once(world: World) -> None:
    async with world.signed_in("ann@acme.example") as ann:
        address, _ = await checked(ann, sheet(*(row(number) for number in range(30))))
        csrf = {"csrf": hidden((await ann.get(f"{ACME}/import")).text)["csrf"]}
        for _ in range(2):
            assert (await ann.post(f"{address}/start", data=csrf)).status_code == 303
        other = import_running.ImportWorker(world.runtime)
        await other.settled()
        await world.app.state.imports.settled()
    assert await Credential.count() == 30
    assert await TrailEntry.count().where(TrailEntry.act == "import-started") == 1


@pytest.mark.parametrize("dies_at", [0, 7, 22])
async def test_sec_151_a_crash_in_the_middle_is_made_good_after_a_restart(
    database_url: str, dies_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process stops existing between issuing a row and noting it; its lease runs out, and another goes on."""
    finish, finished = issuing.finish, []

    class Gone(BaseException):
        """What a kill is to the code that it hits: nothing catches it."""

    async def dying(*arguments: object) -> None:
        await finish(*arguments)  # type: ignore[arg-type]
        finished.append(arguments)
        if len(finished) > dies_at:
            raise Gone

    async with stage(database_url) as world, world.signed_in("ann@acme.example") as ann:
        address, _ = await checked(ann, sheet(*(row(number) for number in range(40))))
        (job,) = await ImportJob.select()  # started past the page, so that the worker of the app stays asleep
        await import_checking.start(
            world.runtime, Actor(person=job["person"], roles={"acme": Role.ADMIN}), "acme", job["id"]
        )
        monkeypatch.setattr(issuing, "finish", dying)
        with pytest.raises(Gone):
            await import_running.ImportWorker(world.runtime).settled()
        monkeypatch.undo()
        assert await Credential.count() >= dies_at + 1
    async with stage(database_url) as world, world.signed_in("ann@acme.example") as ann:
        assert await ImportRow.count().where(ImportRow.state == "waiting") > 0
        world.clock.move(minutes=1)
        await world.app.state.imports.settled()
        page = (await ann.get(address)).text
        assert "40 credentials issued, 0 rows issued before, 0 rows not issued." in said(page)
    assert await Credential.count() == 40


async def test_who_is_no_member_any_more_issues_nothing_more(world: World) -> None:
    async with world.signed_in("sam@acme.example") as sam:
        address, _ = await checked(sam, sheet(row(1), row(2)))
        person = (await Person.select(Person.id).where(Person.email == "sam@acme.example"))[0]["id"]
        async with tx():
            await Membership.update({Membership.ended_at: world.clock()}).where(Membership.person == person)
        assert (await press_anyway(sam, address)).status_code == 404
        (job,) = await ImportJob.select()
        async with tx():
            await ImportJob.update(
                {ImportJob.state: "running", ImportJob.started_at: world.clock(), ImportJob.leased_until: world.clock()}
            ).where(ImportJob.id == job["id"])
        await world.app.state.imports.settled()
    async with world.signed_in("ann@acme.example") as ann:
        page = (await ann.get(address)).text
        results = read_sheet((await ann.get(f"{address}/results.csv")).content)
    assert "may no longer issue for this organisation" in page
    assert "0 credentials issued, 0 rows issued before, 2 rows not issued." in said(page)
    assert [one["result"] for one in results] == ["not issued", "not issued"]
    assert await Credential.count() == 0


async def test_a_closed_issuer_hears_it_before_the_file_is_checked(sqlite_url: str) -> None:
    async with stage(sqlite_url) as world, world.signed_in("ann@acme.example") as ann:
        page = (await ann.get(f"{ACME}/import")).text
        await close(world.runtime, OPERATOR, "acme")
        files = {"file": ("placements.csv", sheet(row(1)), "text/csv")}
        answer = await ann.post(f"{ACME}/import", data={"csrf": hidden(page)["csrf"]}, files=files)
        assert (answer.status_code, "is closed" in answer.text) == (409, True)
    assert await ImportJob.count() == 0


async def press_anyway(http: httpx.AsyncClient, address: str) -> httpx.Response:
    return await http.post(f"{address}/start", data={"csrf": "x"})


async def test_a_checked_file_can_be_forgotten_and_is_forgotten_after_a_week(sqlite_world: World) -> None:
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        address, _ = await checked(ann, sheet(row(1)))
        assert (await press(ann, address, "discard")).headers["location"] == f"{ACME}/import"
        assert (await ann.get(address)).status_code == 404
        await checked(ann, sheet(row(2)))
    sqlite_world.clock.move(days=8)
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        await checked(ann, sheet(row(3)))
    assert [one["record"] for one in await ImportRow.select(ImportRow.record)] == ["NF-3"]


async def test_the_sample_file_is_taken_as_it_is(sqlite_world: World) -> None:
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        sample = await ann.get(f"{ACME}/import/sample.csv")
        _, page = await checked(ann, sample.content)
    assert "1 row can be issued." in said(page)
    assert "UTF-8 with a byte order mark" in page
