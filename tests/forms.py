"""Send a form of a page of the console as its browser would: with the hidden field that the page holds."""

from __future__ import annotations

import httpx

from tests.web.reading import Reader


async def csrf(browser: httpx.AsyncClient, page: str) -> dict[str, str]:
    """The hidden field that stands in the forms of a page."""
    answer = await browser.get(page)
    assert answer.status_code == 200, answer.text
    inputs = [values for tag, values in Reader(answer.text).elements if tag == "input"]
    (value,) = {values["value"] for values in inputs if values.get("name") == "csrf"}
    return {"csrf": value}


async def send(browser: httpx.AsyncClient, page: str, to: str | None = None, **typed: str) -> httpx.Response:
    """Open ``page`` and send what was typed to ``to``, or to the page's own address."""
    return await browser.post(to or page, data={**await csrf(browser, page), **typed})
