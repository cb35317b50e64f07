"""The console in a real browser: from nothing to the first credential, and pages for everybody's eyes and fingers."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.pages import axe_violations, sideways_scroll
from tests.browser.test_pages import DESK, LOOKS, PHONE
from tests.browser.test_signing_in import newest_mail, sign_in_by_link
from tests.credentials.console import row, sheet
from tests.live_demo import Demo

# What a practised person needs, in seconds, by the keystroke-level model (Card, Moran and Newell 1980).
KEY, POINT, THINK = 0.2, 1.1, 1.35
MAIL = 20.0  # to look into another window
LIMIT = 180

TYPED = {
    "intern.name": "Maya Okafor",
    "intern.email": "maya@northfield.example",
    "role": "Market research intern",
    "project.title": "Market scan of recycled textiles",
    "project.description": "Compare twelve suppliers and recommend two.",
    "project.tasks": "Compare twelve suppliers\nPresent the findings",
    "project.field": "Marketing",
    "started": "2026-02-02",
    "ended": "2026-02-20",
    "hours.total": "40",
    "skills[0].name": "market research",
}
CHOSEN = {"hours.basis": "logged", "mode": "remote", "engagement": "project", "compensation": "stipend"}


@dataclass
class Film:
    """A page, and what a person does on it: each step counted, with the time that it takes a practised person."""

    page: Page
    steps: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def fill(self, name: str, text: str) -> None:
        self.page.fill(f'[name="{name}"]', text)
        self._step(f"type {name}", THINK + POINT + KEY * len(text))

    def choose(self, name: str, value: str) -> None:
        self.page.select_option(f'[name="{name}"]', value)
        self._step(f"choose {name}", THINK + 2 * POINT)

    def click(self, text: str) -> None:
        self.page.click(f"main >> text={text}")
        self._step(f"click “{text}”", THINK + POINT)

    def _step(self, what: str, seconds: float) -> None:
        self.steps.append(what)
        self.seconds += seconds


def found(film: Film, demo: Demo, address: str, name: str) -> None:
    """Sign in for the first time and make an organisation."""
    page = film.page
    page.goto(f"{demo.url}/console")  # leads to the sign-in page
    film.fill("email", address)
    film.click("Send me a link")
    page.wait_for_selector("text=Look into your mail")
    page.goto(next(word for word in newest_mail(demo, address, page).split() if "/sign-in/link/" in word))
    film.seconds += MAIL
    film.click("Go on")
    page.wait_for_selector("h1:has-text('Your organisations')")
    film.click("New organisation")
    film.fill("name", name)
    film.fill("url", "https://acme.example")
    film.click("Make the organisation")
    page.wait_for_selector("h1:has-text('Issue a credential')")


def test_a_new_company_issues_its_first_credential_in_under_three_minutes(open_page: OpenPage, demo: Demo) -> None:
    began = time.monotonic()
    film = Film(open_page(None, PHONE, java_script_enabled=False))
    found(film, demo, "founder@acme.example", "Acme Filmed")
    for name, text in TYPED.items():
        film.fill(name, text)
    for name, value in CHOSEN.items():
        film.choose(name, value)
    film.click("Sign and issue")
    film.page.wait_for_selector("text=Signed and issued.")
    took = time.monotonic() - began
    film.click("Open the verdict page")
    assert film.page.inner_text("#verdict") == "Genuine and current"
    print(f"\n{len(film.steps)} steps, {film.seconds:.0f} s for a practised person, {took:.1f} s for the machine.")  # noqa: T201
    assert len(film.steps) <= 25
    assert film.seconds + took < LIMIT


def test_the_file_of_a_careers_office_is_imported_and_the_bar_moves_by_itself(open_page: OpenPage, demo: Demo) -> None:
    page = open_page(None, DESK, java_script_enabled=False)
    film = Film(page)
    found(film, demo, "careers@northfield.example", "Northfield Careers")
    page.click("nav >> text=Import")
    rows = [
        row(number, issuer="northfield-careers", **({"hours": "37,5"} if number < 3 else {})) for number in range(90)
    ]
    page.set_input_files("#file", {"name": "spring.csv", "mimeType": "text/csv", "buffer": sheet(*rows)})
    page.click("text=Check the file")
    assert "87 rows can be issued. 3 rows cannot" in page.inner_text("main")
    page.click("text=Issue 87 credentials")
    bars = [int(page.get_attribute("#progress", "value") or 0)]
    page.wait_for_selector("h1:has-text('Imported')", timeout=60_000)  # nobody clicks: the page loads itself again
    bars.append(int(page.get_attribute("#progress", "value") or 0))
    assert bars[0] < bars[1] == 87
    page.click("nav >> text=Credentials")
    page.fill("#q", "maya 42")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Found, newest first:")
    assert page.locator(".rows > li").count() == 1


@LOOKS
def test_no_barriers_in_the_console(
    open_page: OpenPage, interop: Path, demo: Demo, size: tuple[int, int], scheme: str
) -> None:
    """Every page of it, every state: WCAG 2.2 AA as far as axe-core can tell, no scrolling sideways."""
    axe = interop / "node_modules" / "axe-core" / "axe.min.js"
    page = open_page(None, size, color_scheme=scheme, bypass_csp=True)
    slug = f"eyes-{scheme}-{size[0]}"

    def look() -> None:
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        assert axe_violations(page, axe) == [], page.url
        assert sideways_scroll(page) == 0, page.url

    found(Film(page), demo, f"{slug}@acme.example", slug)
    look()
    page.goto(f"{demo.url}/console/{slug}")
    look()  # nothing issued yet
    page.goto(f"{demo.url}/console/{slug}/issue")
    for name, text in {**TYPED, "hours.total": "37,5"}.items():
        page.fill(f'[name="{name}"]', text)
    for name, value in CHOSEN.items():
        page.select_option(f'[name="{name}"]', value)
    page.click("text=Sign and issue")
    page.wait_for_selector(".fault")
    look()  # refused
    page.fill('[name="hours.total"]', "37.5")
    page.click("text=Sign and issue")
    page.wait_for_selector("text=Signed and issued.")
    look()
    page.click("text=Replace it")
    look()  # the form again, filled
    page.fill('[name="role"]', "Market researcher")
    page.click("text=Sign and replace")
    page.wait_for_selector("text=Corrected by a newer edition")
    look()
    page.fill("#reason", "Issued to look at the page.")
    page.click("text=Withdraw for good")
    page.wait_for_selector("text=Withdrawn on")
    look()
    page.goto(f"{demo.url}/console/{slug}/import")
    look()
    rows = [row(number, issuer=slug, **({"mode": "home"} if number < 3 else {})) for number in range(8)]
    page.set_input_files("#file", {"name": "spring.csv", "mimeType": "text/csv", "buffer": sheet(*rows)})
    page.click("text=Check the file")
    look()  # checked
    page.click("text=Issue 5 credentials")
    page.wait_for_selector("h1:has-text('Imported')", timeout=60_000)
    look()
    page.goto(f"{demo.url}/console/{slug}?show=withdrawn&q=maya")
    look()


def test_signing_in_leads_back_to_where_one_was_going(open_page: OpenPage, demo: Demo) -> None:
    page = open_page(None, DESK)
    sign_in_by_link(page, demo, "visitor@acme.example")
    page.goto(f"{demo.url}/console/acme-textiles")
    assert "Nothing is here" in page.inner_text("main")  # not hers, so it is not there
