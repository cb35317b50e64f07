"""What a test reads from pages and cookies of people."""

from __future__ import annotations

import html
import re

import httpx

from tests.world import World
from verify.http.cookies import cookie_name


def csrf_of(page: httpx.Response) -> str:
    """The value that the forms of this page carry."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text
    return html.unescape(found[1])


def session_cookie(world: World, http: httpx.AsyncClient) -> str:
    """The secret of the session that this browser has."""
    return http.cookies.get(cookie_name(world.runtime)) or ""


async def is_signed_in(http: httpx.AsyncClient) -> bool:
    answer = await http.get("/account")
    assert answer.status_code in (200, 303)
    return answer.status_code == 200


async def submit(http: httpx.AsyncClient, path: str, fields: dict[str, str], page: str = "/account") -> httpx.Response:
    """Send the form of a page of ours."""
    return await http.post(path, data={"csrf": csrf_of(await http.get(page)), **fields})


async def press(http: httpx.AsyncClient, path: str) -> httpx.Response:
    """Press the button of a form without fields."""
    return await http.post(path, content=b"", headers={"Content-Type": "application/x-www-form-urlencoded"})
