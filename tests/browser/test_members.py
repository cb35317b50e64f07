"""The console in a real browser: from signing in to an organisation with an invited member, without any script."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from refolio.credential.keys import PrivateKey
from tests.browser.conftest import OpenPage
from tests.browser.pages import axe_violations, sideways_scroll
from tests.browser.test_pages import LOOKS, PHONE
from tests.browser.test_signing_in import sign_in_by_link
from tests.live_demo import Demo


def test_a_company_is_set_up_and_invites_somebody_without_any_script(open_page: OpenPage, demo: Demo) -> None:
    page = open_page(None, PHONE, java_script_enabled=False)
    sign_in_by_link(page, demo, "owner@mills.example")
    page.goto(f"{demo.url}/console")
    page.click("text=New organisation")
    page.fill("#name", "North Mills")
    page.fill("#url", "mills.example")
    page.click("text=Make the organisation")
    page.goto(f"{demo.url}/console/north-mills/members")
    assert "There is one admin." in page.inner_text("main")
    page.fill("#email", "second@mills.example")
    page.select_option("#role", "admin")
    page.click("button:text-is('Invite')")
    assert "A mail is on its way to second@mills.example." in page.inner_text("main")
    link = page.inner_text("p.code")
    second = open_page(None, PHONE, java_script_enabled=False)
    sign_in_by_link(second, demo, "second@mills.example")
    second.goto(link)
    second.click("text=Join North Mills")
    assert "You are an admin" in second.inner_text("main")
    page.reload()
    page.goto(f"{demo.url}/console/north-mills/members")
    assert "There is one admin." not in page.inner_text("main")


@pytest.mark.parametrize("pause", [0, 30, 120])
def test_a_double_click_on_the_first_organisation_ends_in_it(open_page: OpenPage, demo: Demo, pause: int) -> None:
    """The browser gives the first answer up for the second, with whatever cookie came with it."""
    page = open_page(None, PHONE)
    slug = f"twice-{pause}"
    sign_in_by_link(page, demo, f"{slug}@mills.example")
    page.goto(f"{demo.url}/console/new")
    page.fill("#name", slug)
    page.fill("#url", "mills.example")
    page.dblclick("text=Make the organisation", delay=pause)
    page.wait_for_url(re.compile(rf"/console(/{slug}/issue)?$"))
    page.goto(f"{demo.url}/console")
    assert page.inner_text("main").count("You are an admin") == 1


@LOOKS
def test_no_barriers_in_the_console(
    open_page: OpenPage, interop: Path, demo: Demo, size: tuple[int, int], scheme: str
) -> None:
    page = open_page(None, size, color_scheme=scheme, bypass_csp=True)
    axe = interop / "node_modules" / "axe-core" / "axe.min.js"
    slug = f"mills-{scheme}-{size[0]}"
    sign_in_by_link(page, demo, f"{slug}@mills.example")
    page.goto(f"{demo.url}/console/new")
    page.fill("#name", slug)
    page.fill("#url", "nonsense")
    page.click("text=Make the organisation")
    assert axe_violations(page, axe) == []  # with what is wrong shown
    page.fill("#url", "mills.example")
    page.click("text=Make the organisation")
    places = [f"/console/{slug}/{name}" for name in ("members", "trail", "proposals", "keys", "domain")]
    for place in ("/console", "/console/new", "/console/new/own-key", *places):
        page.goto(f"{demo.url}{place}")
        assert axe_violations(page, axe) == [], place
        assert sideways_scroll(page) == 0, place
    page.goto(f"{demo.url}/console/new/own-key")
    seed = hashlib.sha256(slug.encode()).digest()
    for name, typed in (("name", "Own Mills"), ("url", "mills.example"), ("slug", f"own-{slug}"), ("key", "nonsense")):
        page.fill(f"#{name}", typed)
    page.click("text=Go on")
    assert axe_violations(page, axe) == []
    page.fill("#key", PrivateKey.from_seed(seed).public.multibase)
    page.click("text=Go on")
    page.fill("#answer", "nonsense")
    page.click("text=Register the key")
    assert axe_violations(page, axe) == []
    assert sideways_scroll(page) == 0
