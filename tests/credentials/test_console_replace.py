"""Correcting and replacing by form: the same form as for issuing, filled with what stands."""

from __future__ import annotations

import asyncio
import re

import httpx

from tests.credentials.console import ACME, TYPED, faults, hidden, issue, values
from tests.world import World
from verify.credentials.tables import Credential


async def issued(http: httpx.AsyncClient, **changes: str) -> str:
    """Issue what is typed and return the address of its page."""
    answer = await issue(http, {**TYPED, **changes})
    assert answer.status_code == 303, faults(answer.text)
    return answer.headers["location"].partition("?")[0]


async def replace(http: httpx.AsyncClient, address: str, **changes: str) -> httpx.Response:
    """Open the form, change something, send it."""
    page = (await http.get(f"{address}/replace")).text
    form = {
        **values(page),
        **hidden(page),
        "as": "edition",
        **{name.replace("__", "."): v for name, v in changes.items()},
    }
    return await http.post(f"{address}/replace", data=form)


async def test_a_correction_keeps_the_link_and_takes_the_wrong_name_away(world: World) -> None:
    async with world.signed_in("sam@acme.example") as sam:
        address = await issued(sam, **{"intern.name": "Mya Okafor"})
        answer = await replace(sam, address, intern__name="Maya Okafor")
        assert answer.headers["location"] == address, faults(answer.text)
        page = (await sam.get(address)).text
        assert "Corrected by a newer edition" in page
        for query, records in (("mya", 0), ("maya", 1)):
            assert (await sam.get(f"{ACME}?q={query}+okafor")).text.count("record <bdi>") == records
    assert b"Mya" not in await world.document(address.rpartition("/")[2])


async def test_of_two_forms_that_stood_open_the_second_does_not_undo_the_first(world: World) -> None:
    """Sent twice, each is still one correction; what the second one typed stays in its form."""
    async with world.signed_in("sam@acme.example") as sam, world.signed_in("ann@acme.example") as ann:
        address = await issued(sam)
        pages = [(await http.get(f"{address}/replace")).text for http in (sam, ann)]
        first, second = ({**values(page), **hidden(page), "as": "edition"} for page in pages)
        first["role"], second["hours.total"] = "Analyst", "12"
        twice = await asyncio.gather(*(sam.post(f"{address}/replace", data=first) for _ in range(2)))
        assert [answer.status_code for answer in twice] == [303, 303]
        for _ in range(2):
            answer = await ann.post(f"{address}/replace", data=second)
            assert answer.status_code == 409
            assert "Somebody corrected it while this form was open" in faults(answer.text)["as"]
            second = {**values(answer.text), **hidden(answer.text), "as": "edition"}
            assert values(answer.text)["hours.total"] == "12"
        page = (await ann.get(address)).text
        assert "Analyst" in page
        assert "42.5 hours" in page
        answer = await replace(ann, address, hours__total="12")
        assert answer.status_code == 303
    assert (await Credential.select(Credential.edition))[0]["edition"] == 3


async def test_a_successor_withdraws_the_first_and_both_lead_to_each_other(world: World) -> None:
    async with world.signed_in("sam@acme.example") as sam:
        address = await issued(sam)
        why = {"as": "successor", "kind": "wrong-person"}
        answer = await replace(sam, address, **why, intern__email="leila@northfield.example")
        assert "A reason is required" in faults(answer.text)["reason"]
        again = {**values(answer.text), **hidden(answer.text), **why, "reason": "It was Leïla."}
        answer = await sam.post(f"{address}/replace", data=again)
        assert answer.status_code == 303, faults(answer.text)
        successor = answer.headers["location"]
        assert successor != address
        page = (await sam.get(address)).text
        assert "It was issued to the wrong person. <bdi>It was Leïla.</bdi>" in page
        assert f'href="{successor}"' in page
    assert await Credential.count() == 2


async def test_what_cannot_be_replaced_is_said_and_nothing_typed_is_lost(sqlite_world: World) -> None:
    async with sqlite_world.signed_in("sam@acme.example") as sam:
        address = await issued(sam)
        answer = await replace(sam, address, intern__email="leila@northfield.example", hours__total="7,5")
        assert answer.status_code == 422
        assert set(faults(answer.text)) == {"hours.total"}
        answer = await replace(sam, address, intern__email="leila@northfield.example")
        assert "cannot make it somebody else's" in faults(answer.text)["intern.email"].replace("&#39;", "'")
        assert values(answer.text)["intern.email"] == "leila@northfield.example"
        page = (await sam.get(address)).text
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]  # type: ignore[index]
        await sam.post(f"{address}/withdraw", data={"csrf": csrf, "reason": "Wrong.", "kind": "wrong-facts"})
        assert "It is withdrawn." in (await sam.get(f"{address}/replace")).text
        answer = await replace(sam, address, role="Another role")
        assert answer.status_code == 409
    async with sqlite_world.signed_in("vic@acme.example") as vic:
        assert (await vic.get(f"{address}/replace")).status_code == 404
