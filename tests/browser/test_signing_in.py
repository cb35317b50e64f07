"""Signing in as people do it: a real browser, a real mail file, a passkey in Chromium's virtual authenticator."""

from __future__ import annotations

import re
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.pages import axe_violations, sideways_scroll
from tests.browser.test_pages import DESK, LOOKS, PHONE
from tests.live_demo import Demo

EMAIL = "maya.okafor@northfield.example"


def newest_mail(demo: Demo, address: str, page: Page) -> str:
    """The text of the newest mail to this address; the outbox worker may need a moment for it."""
    for _ in range(100):
        files = sorted(demo.folder.glob("var/demo-*/outbox/*.eml"), key=lambda file: file.stat().st_mtime_ns)
        mails = [BytesParser(policy=SMTP).parsebytes(file.read_bytes()) for file in files]
        texts = [mail.get_content() for mail in mails if mail["To"] == address]  # type: ignore[attr-defined]
        if texts and "/sign-in/link/" in texts[-1]:
            return str(texts[-1])
        page.wait_for_timeout(50)
    raise AssertionError("no mail came")


def sign_in_by_link(page: Page, demo: Demo, address: str) -> None:
    page.goto(f"{demo.url}/sign-in")
    page.fill("#email", address)
    page.click("text=Send me a link")
    page.wait_for_selector("text=Look into your mail")
    page.goto(re.findall(r"http\S+/sign-in/link/\S+", newest_mail(demo, address, page))[0])
    page.click("text=Go on")
    page.wait_for_selector("h1:has-text('Account')")


@pytest.fixture
def with_device(open_page: OpenPage) -> Page:
    """A page whose browser has a device that keeps passkeys and knows its owner."""
    page = open_page(None, DESK)
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def test_by_mail_without_any_script(open_page: OpenPage, demo: Demo) -> None:
    page = open_page(None, PHONE, java_script_enabled=False)
    sign_in_by_link(page, demo, "noscript@northfield.example")
    assert not page.locator("text=Use a passkey").is_visible()
    assert not page.locator("text=Add a passkey").is_visible()


def test_a_passkey_is_added_signs_in_and_is_taken_away(with_device: Page, demo: Demo) -> None:
    """SEC-166 with a real browser: what Chromium sends is accepted; what it stopped is told."""
    page = with_device
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    sign_in_by_link(page, demo, EMAIL)
    page.fill("#passkey-name", "Maya's laptop")
    page.click("text=Add a passkey")
    page.wait_for_selector('li:has-text("Maya\'s laptop")')
    page.goto(f"{demo.url}/sign-out")
    page.click("text=Sign out here")
    page.wait_for_url(f"{demo.url}/sign-in")
    page.click("text=Use a passkey")
    page.wait_for_selector("h1:has-text('Account')")
    assert "by passkey" in page.inner_text("main")
    assert complaints == []  # nothing that the content security policy had to stop
    page.click("text=Remove Maya's laptop")
    page.wait_for_selector("text=None yet.")
    page.goto(f"{demo.url}/sign-out")
    page.click("text=Sign out here")
    page.click("text=Use a passkey")
    page.wait_for_selector("text=not known here")


@LOOKS
def test_no_barriers_on_the_way_in(
    open_page: OpenPage, interop: Path, demo: Demo, size: tuple[int, int], scheme: str
) -> None:
    page = open_page(None, size, color_scheme=scheme, bypass_csp=True)
    axe = interop / "node_modules" / "axe-core" / "axe.min.js"
    address = f"{scheme}.{size[0]}@northfield.example"
    for path in ("/sign-in", "/sign-in?again=1", "/sign-in/code", "/sign-in/link/nothing"):
        page.goto(f"{demo.url}{path}")
        assert axe_violations(page, axe) == [], path
        assert sideways_scroll(page) == 0, path
    sign_in_by_link(page, demo, address)
    for path in ("/account", "/sign-out"):
        page.goto(f"{demo.url}{path}")
        assert axe_violations(page, axe) == [], path
        assert sideways_scroll(page) == 0, path
