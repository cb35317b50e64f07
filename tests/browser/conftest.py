"""One Chromium for all browser tests of a worker, one fresh profile for every page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

OpenPage: TypeAlias = Callable[..., Page]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """The machine's Chromium; without its sandbox only where the suite runs as root, as on CI.

    For one module only: while it is open, Playwright keeps an event loop running and no async test can run.
    """
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=[*arguments, "--disable-gpu"])
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """``open_page(url, (width, height), **context settings)``: a page in a fresh profile, closed after the test."""
    contexts: list[BrowserContext] = []

    def open_(url: str | None, size: tuple[int, int], **settings: object) -> Page:
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, **settings)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        if url:
            page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()
