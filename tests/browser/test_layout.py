"""Where things stand on a page: at one edge, in lines that belong together, large enough for a finger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.pages import axe_violations, sideways_scroll
from tests.browser.test_pages import DESK, PHONE
from tests.browser.test_signing_in import sign_in_by_link
from tests.live_demo import Demo

FINGER = 24  # CSS pixels (WCAG 2.2, 2.5.8)
PARTS = """element => [...element.childNodes].map(node => {
  const range = document.createRange();
  range.selectNodeContents(node);
  return range.getBoundingClientRect().toJSON();
})"""


def box(page: Page, selector: str) -> dict[str, float]:
    found: Any = page.locator(selector).first.bounding_box()
    assert found, f"{selector} is not in sight"
    return dict(found)


def test_what_a_page_says_begins_where_every_page_does(open_page: OpenPage, demo: Demo) -> None:
    page = open_page(None, DESK)
    sign_in_by_link(page, demo, "edges@northfield.example")
    for path in ("/account", "/account/grants", "/console", "/sign-out", "/sign-in", "/sign-in/link/over", "/outbox"):
        page.goto(f"{demo.url}{path}")
        assert box(page, "h1")["x"] == box(page, ".wordmark")["x"], path


def test_a_letter_in_the_outbox_names_its_subject_then_its_address_and_breaks_neither(
    open_page: OpenPage, demo: Demo
) -> None:
    page = open_page(f"{demo.url}/outbox?to=ines.carvalho@northfield.example", PHONE)
    subject = page.locator("summary > span").first
    lines = subject.evaluate(PARTS)
    assert lines[1]["top"] >= lines[0]["bottom"] - 1
    assert lines[1]["left"] == lines[0]["left"]
    assert sideways_scroll(page) == 0
    text = page.inner_text(".mail .lines")
    assert "If you do not know Northfield Careers Service, refuse: then they cannot add anything more." in text


def test_no_barriers_before_letters_and_kinds_of_problems(open_page: OpenPage, interop: Path, demo: Demo) -> None:
    axe = interop / "node_modules" / "axe-core" / "axe.min.js"
    page = open_page(None, PHONE, bypass_csp=True)
    for path in ("/outbox", "/problems/not-found", "/v?code=ABCD-EFGH"):
        page.goto(f"{demo.url}{path}")
        assert (axe_violations(page, axe), sideways_scroll(page)) == ([], 0), path


def test_printed_terms_stand_beside_what_they_name(open_page: OpenPage, demo: Demo) -> None:
    page = open_page(demo.verification, (688, 1000))
    page.emulate_media(media="print")
    tops = page.evaluate(
        "[...document.querySelectorAll('.terms div')].map(div => [...div.children].map(part => part.offsetTop))"
    )
    assert tops
    assert all(term == value for term, value in tops)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_ways_on_from_the_front_page_are_large_enough_for_a_finger(
    open_page: OpenPage, demo: Demo, size: tuple[int, int]
) -> None:
    page = open_page(demo.url, size)
    heights = [link.bounding_box()["height"] for link in page.locator("main a").all()]  # type: ignore[index]
    assert len(heights) == 2
    assert min(heights) >= FINGER


def test_a_box_to_tick_is_large_enough_and_a_date_shows_that_it_has_the_focus(open_page: OpenPage, demo: Demo) -> None:
    page = open_page(None, PHONE)
    sign_in_by_link(page, demo, "fingers@mills.example")
    page.goto(f"{demo.url}/console/new")
    page.fill("#name", "Finger Mills")
    page.fill("#url", "mills.example")
    page.click("text=Make the organisation")
    page.focus("[name='ended']")
    for _ in range(2):  # on to the day and the year inside of it
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.goto(f"{demo.url}/console/finger-mills/api-keys/live")
    assert box(page, "[type=checkbox]")["height"] >= FINGER


def test_a_long_portfolio_loads_the_codes_in_sight_and_prints_all(open_page: OpenPage, demo: Demo) -> None:
    page = open_page(None, PHONE)
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url) if request.url.endswith("qr.svg") else None)
    page.goto(demo.portfolio, wait_until="load")
    codes = page.locator(".scan img").count()
    assert len(asked) < codes
    page.pdf()
    assert len(asked) == codes


def test_an_organisation_with_a_very_long_name_leaves_room_for_its_pages(open_page: OpenPage, demo: Demo) -> None:
    page = open_page(None, PHONE)
    sign_in_by_link(page, demo, "long@mills.example")
    page.goto(f"{demo.url}/console/new")
    name = ("Northern Recycled Textiles and Sustainable Materials Manufacturing " * 3)[:200].strip()
    for field, typed in (("name", name), ("url", "mills.example"), ("slug", "long-mills")):
        page.fill(f"#{field}", typed)
    page.click("text=Make the organisation")
    assert page.inner_text("nav.places p a") == name
    assert box(page, "h1")["y"] < PHONE[1] / 2
