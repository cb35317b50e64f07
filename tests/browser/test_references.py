"""A reference from the mail to the reader, in a real browser: on a phone, without account, with and without script."""

from __future__ import annotations

import json
import re
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, StorageState

from refolio import Client, completion_from
from tests.browser.conftest import OpenPage
from tests.browser.pages import above_the_fold, axe_violations, sideways_scroll
from tests.browser.test_pages import LOOKS, PHONE
from tests.browser.test_signing_in import EMAIL, sign_in_by_link
from tests.live_demo import REPOSITORY, Demo

TEXT = "Maya compared twelve suppliers and saw what we had missed.\nI would gladly work with her again."


def asked(demo: Demo, email: str) -> tuple[str, str]:
    """The id of a new reference about Maya's work, and the verdict page of that."""
    members = json.loads((REPOSITORY / "examples" / "completion.json").read_text())
    members["intern"]["email"] = EMAIL
    with Client(demo.api_key, demo.url) as client:
        issued = client.credentials.issue(completion_from(members), allow_duplicate=True, idempotency_key=email)
        reference = client.references.ask(issued, name="Sam Rivera", email=email, role="Head of Product")
    return reference.id, issued.links.verify


def link_to(demo: Demo, email: str, page: Page) -> str:
    """The link in the newest mail to a referee; the outbox worker may need a moment for it."""
    for _ in range(100):
        mails = [
            BytesParser(policy=SMTP).parsebytes(file.read_bytes()) for file in demo.folder.glob("var/*/outbox/*.eml")
        ]
        for mail in mails:
            if mail["To"] == email:
                return re.findall(r"http\S+/referee/\S+", str(mail.get_content()))[0]  # type: ignore[attr-defined]
        page.wait_for_timeout(50)
    raise AssertionError("no mail came")


@pytest.fixture(scope="module")
def maya(browser: Browser, demo: Demo) -> StorageState:
    """Maya's session, of one sign-in: there are five mails an hour."""
    context = browser.new_context()
    sign_in_by_link(context.new_page(), demo, EMAIL)
    state = context.storage_state()
    context.close()
    return state


@pytest.mark.parametrize("script", [True, False])
def test_from_the_mail_to_the_reader(open_page: OpenPage, demo: Demo, maya: StorageState, script: bool) -> None:
    email = f"sam{script}@acme-textiles.example".lower()
    reference, verdict = asked(demo, email)
    page = open_page(None, PHONE, java_script_enabled=script)
    page.goto(link_to(demo, email, page))
    assert above_the_fold(page, ["h1", "#relation", "#text", "#agreed", "form.form button"]) == []
    page.check("[value=supervised]")
    page.fill("#text", TEXT)
    page.check("[name=agreed]")
    page.click("main button >> nth=0")
    page.wait_for_selector("h1:has-text('Thank you')")
    hers = open_page(None, PHONE, storage_state=maya)
    hers.goto(f"{demo.url}/account/references")
    hers.locator(f"form[action$='{reference}'] button").click()
    hers.wait_for_selector("text=Shown on its credential’s page")
    page.goto(verdict)
    assert "saw what we had missed" in page.inner_text("main")
    page.click("a:has-text('Reference by Sam Rivera')")
    assert page.inner_text("h1") == "Genuine and current"
    assert page.url == f"{demo.url}/references/{reference}"


@LOOKS
def test_no_barriers_for_referee_intern_and_reader(
    open_page: OpenPage, interop: Path, demo: Demo, maya: StorageState, size: tuple[int, int], scheme: str
) -> None:
    email = f"lee{size[0]}{scheme}@acme-textiles.example"
    reference, verdict = asked(demo, email)
    page = open_page(None, size, color_scheme=scheme, bypass_csp=True, storage_state=maya)

    def look() -> None:
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        assert axe_violations(page, interop / "node_modules" / "axe-core" / "axe.min.js") == []
        assert sideways_scroll(page) == 0

    link = link_to(demo, email, page)
    page.goto(link)
    look()
    page.evaluate("document.querySelectorAll('[required]').forEach(field => field.required = false)")
    page.click("button:has-text('Sign')")
    page.wait_for_selector("text=Nothing was changed yet")
    look()
    page.check("[value=worked-with]")
    page.fill("#text", TEXT)
    page.check("[name=agreed]")
    page.click("button:has-text('Sign')")
    page.wait_for_selector("h1:has-text('Thank you')")
    look()
    page.goto(f"{demo.url}/account/references")
    look()
    page.locator(f"form[action$='{reference}'] button").click()
    for address in (f"{demo.url}/references/{reference}", verdict, demo.portfolio):
        page.goto(address)
        look()
    page.goto(link)
    page.click("text=Take it back for good")
    page.wait_for_selector("h1:has-text('You took it back')")
    look()
