"""The broken rows of a file, given back to be corrected and uploaded again."""

from __future__ import annotations

import csv
import io

from tests.credentials.console import row, sheet
from tests.credentials.test_import import checked, imported, said
from tests.world import World
from verify.credentials.tables import Credential


async def test_broken_rows_are_corrected_in_a_file_of_their_own(world: World) -> None:
    """The file is as the office wrote it, with what is wrong beside each row; corrected, it issues what was left."""
    plus = {"project_title": "+49 days of scanning", "story": '=CMD("calc")'}
    rows = [row(1), row(2, mode="from home", **plus), row(3, issuer="brightline"), row(4)]
    async with world.signed_in("ann@acme.example") as ann:
        address, page = await imported(world, ann, sheet(*rows, separator=";"))
        assert "Line 3 · record NF-2" in said(page)
        kept = await ann.get(f"{address}/to-correct.csv")
        assert kept.headers["content-disposition"] == 'attachment; filename="acme-to-correct.csv"'
        assert kept.headers["cache-control"] == "no-store"
        broken = list(csv.DictReader(io.StringIO(kept.content.decode("utf-8-sig"), newline=""), delimiter=";"))
        assert [one["record"] for one in broken] == ["NF-2", "NF-3"]
        assert broken[0]["what is wrong"].startswith("mode: This is not one of the words known here. Use one of: ")
        assert "This is a formula." in broken[0]["what is wrong"]
        assert (broken[0]["project_title"], broken[0]["story"]) == ("'+49 days of scanning", '\'=CMD("calc")')
        _, page = await checked(ann, kept.content)
        assert "With faults (2)" in said(page), "an apostrophe makes no formula sound"
        broken[0] |= {"mode": "remote", "story": "I scanned."}
        broken[1] |= {"issuer": "acme"}
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(broken[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(broken)
        address, page = await imported(world, ann, text.getvalue().encode("utf-8-sig"))
        assert "2 credentials issued, 0 rows issued before, 0 rows not issued." in said(page)
        titles = {one["completion"] for one in await Credential.select(Credential.completion)}
        assert any('"+49 days of scanning"' in one for one in titles)
        assert (await ann.get(f"{address}/to-correct.csv")).status_code == 404, "nothing is broken"
    async with world.signed_in("mallory@mallory.example") as mallory:
        assert (await mallory.get(f"{address}/to-correct.csv")).status_code == 404


async def test_what_is_to_be_corrected_is_forgotten_after_a_week(sqlite_world: World) -> None:
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        address, page = await imported(sqlite_world, ann, sheet(row(1), row(2, mode="from home")))
        assert "a file of them alone" in page
    sqlite_world.clock.move(days=7, hours=1)
    await sqlite_world.app.state.imports.settled()
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        assert (await ann.get(f"{address}/to-correct.csv")).status_code == 404
        page = (await ann.get(address)).text
        assert "a file of them alone" not in page
        assert "Correct the rows with faults in your own file" in page


async def test_a_shifted_row_stays_shifted_until_somebody_puts_it_right(sqlite_world: World) -> None:
    """Its surplus cell gets no heading, neither in the file nor by uploading that again and again."""
    content = sheet(row(1)).rstrip() + b",too,many\r\n"
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        for _ in range(2):
            address, page = await checked(ann, content)
            assert "cells, the heading has" in said(page)
            content = (await ann.get(f"{address}/to-correct.csv")).content
            heading, line = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
            assert heading.count("what is wrong") == 1
            assert len(line) == len(heading) + 2
            assert line[-2:] == ["too", "many"]
