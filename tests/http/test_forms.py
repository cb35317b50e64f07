"""Where a form may come from, and what one may look like (SEC-158)."""

from __future__ import annotations

import pytest

from tests.credentials.console import TYPED, hidden
from tests.world import PUBLIC_URL, World

FORM = "application/x-www-form-urlencoded"
NEW = "/console/new"


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        (PUBLIC_URL, "same-origin"),
        (None, "same-origin"),
        ("null", "same-origin"),  # what Chromium sends of a page with Referrer-Policy: no-referrer
        (PUBLIC_URL, None),
    ],
)
async def test_a_form_of_our_own_page_gets_as_far_as_its_csrf_field(
    sqlite_world: World, origin: str | None, site: str | None
) -> None:
    assert "too old" in await answer(sqlite_world, origin, site)


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        (None, None),
        ("null", None),
        ("null", "cross-site"),
        (PUBLIC_URL, "cross-site"),
        (PUBLIC_URL, "same-site"),
        (None, "none"),
        ("https://mallory.example", "same-origin"),
        ("https://mallory.example", None),
        (f"{PUBLIC_URL}.mallory.example", None),
        (PUBLIC_URL.replace("https", "http"), None),
    ],
)
async def test_sec_158_a_form_from_elsewhere_is_refused(
    sqlite_world: World, origin: str | None, site: str | None
) -> None:
    assert "too old" not in await answer(sqlite_world, origin, site)


async def test_sec_014_a_nul_in_a_form_or_a_query_is_refused_before_a_database_sees_it(world: World) -> None:
    issued = await world.issued()
    async with world.signed_in("ann@acme.example") as ann:
        page = await ann.get("/console/acme/issue")
        csrf = hidden(page.text)["csrf"]
        for path, form in (
            ("/console/acme/withdrawals", {"credentials": "a\x00b", "kind": "other", "reason": "Wrong."}),
            ("/console/acme/issue", {**TYPED, "key": "\x00"}),
            (f"/console/acme/credentials/{issued['uuid']}/replace", {**TYPED, "key": "\x00", "as": "edition"}),
        ):
            refused = await ann.post(path, data={"csrf": csrf, **form})
            assert (refused.status_code, "cannot be stored" in refused.text) == (400, True), path
        for query in ("q=%00", "before=%00", "q=a%00b", "%00=a", "show=%00"):
            refused = await ann.get(f"/console/acme?{query}")
            assert (refused.status_code, "cannot be stored" in refused.text) == (400, True), query


async def answer(world: World, origin: str | None, site: str | None) -> str:
    async with world.signed_in("ann@acme.example") as ann:
        for name, value in (("Origin", origin), ("Sec-Fetch-Site", site)):
            ann.headers.pop(name, None)
            if value is not None:
                ann.headers[name] = value
        answer = await ann.post(NEW, data={"name": "Acme"})
        assert answer.status_code == 403
        return answer.text
