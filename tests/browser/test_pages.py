"""The two pages as Maya's readers meet them: real Chromium, a phone and a desk, light and dark, without script."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import httpx
import pytest

from refolio import Client, completion_from
from tests.browser.conftest import OpenPage
from tests.browser.pages import above_the_fold, axe_violations, sideways_scroll
from tests.live_demo import REPOSITORY, Demo

PHONE = (360, 640)
DESK = (1280, 800)
# For pages behind a sign-in; those for everybody are looked at in all four ways.
LOOKS = pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone-light", "desk-dark"]
)
BUDGET = 50 * 1024


@pytest.fixture(scope="session")
def withdrawn(demo: Demo) -> str:
    """The verdict page of a credential that was issued and withdrawn."""
    members = json.loads((REPOSITORY / "examples" / "completion.json").read_text())
    with Client(demo.api_key, demo.url) as client:
        issued = client.credentials.issue(
            completion_from(members), allow_duplicate=True, idempotency_key="to-be-withdrawn"
        )
        client.credentials.withdraw(issued, reason="The dates were those of another project.")
    return issued.links.verify


@pytest.fixture(params=["verification", "portfolio", "withdrawn", "home", "issuer", "unknown code", "api"])
def address(request: pytest.FixtureRequest, demo: Demo, withdrawn: str) -> str:
    """Every kind of page that a person can come to."""
    return {
        "verification": demo.verification,
        "portfolio": demo.portfolio,
        "withdrawn": withdrawn,
        "home": demo.url,
        "issuer": f"{demo.url}/issuers/acme-textiles",
        "unknown code": f"{demo.url}/v/0000-0000-0000-0000",
        "api": f"{demo.url}/docs/api",
    }[request.param]


def test_the_verdict_and_six_facts_are_on_the_first_screen_of_a_phone(open_page: OpenPage, demo: Demo) -> None:
    page = open_page(demo.verification, PHONE)
    assert page.inner_text("#verdict") == "Genuine and current"
    assert above_the_fold(page) == []


def test_every_demo_credential_fits_the_first_screen(open_page: OpenPage, demo: Demo) -> None:
    """Not only the one picked for the print: long titles and many skills too."""
    links = sorted({line.split()[-1] for line in demo.printed.splitlines() if "/v/" in line})
    assert len(links) >= 12
    page = open_page(links[0], PHONE)
    misfits = {}
    for link in links:
        page.goto(link)
        misfits[link] = above_the_fold(page)
    assert {link: why for link, why in misfits.items() if why} == {}


def test_a_withdrawn_credential_says_so_first_with_date_and_reason(open_page: OpenPage, withdrawn: str) -> None:
    page = open_page(withdrawn, PHONE)
    assert page.inner_text("#verdict").startswith("Genuine, withdrawn by the issuer on ")
    assert "The dates were those of another project." in page.inner_text("main")
    assert above_the_fold(page, ["#verdict"]) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_no_barriers(open_page: OpenPage, interop: Path, address: str, size: tuple[int, int], scheme: str) -> None:
    """WCAG 2.2 AA as far as axe-core can tell, with every details element open."""
    page = open_page(address, size, color_scheme=scheme, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    assert axe_violations(page, interop / "node_modules" / "axe-core" / "axe.min.js") == []


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nobody_scrolls_sideways(open_page: OpenPage, address: str, width: int) -> None:
    assert sideways_scroll(open_page(address, (width, 640))) == 0


def test_the_same_without_script(open_page: OpenPage, address: str) -> None:
    with_script = open_page(address, PHONE).inner_text("main")
    without = open_page(address, PHONE, java_script_enabled=False).inner_text("main")
    assert without.partition("Checked by this server")[0] == with_script.partition("Checked by this server")[0]


def test_nothing_is_asked_of_anybody_else(open_page: OpenPage, demo: Demo, address: str) -> None:
    """SEC-216: no third-party request, no cookie, nothing that the content security policy had to stop."""
    page = open_page(None, PHONE)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(address, wait_until="load")
    assert [url for url in asked if not url.startswith((demo.url, "data:"))] == []
    assert page.context.cookies() == []
    assert [text for text in complaints if "404" not in text] == []


def test_all_of_a_page_is_under_fifty_kilobytes(open_page: OpenPage, demo: Demo, address: str) -> None:
    """Page, stylesheet, icon and QR code, compressed as they go over the wire."""
    page = open_page(None, PHONE)
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    page.goto(address, wait_until="load")
    sizes = {}
    with httpx.Client(trust_env=False, headers={"Accept-Encoding": "gzip", "Accept": "text/html,*/*"}) as client:
        for url in asked:
            with client.stream("GET", url) as response:
                sizes[url] = len(b"".join(response.iter_raw()))
    assert len(asked) >= 2
    assert sum(sizes.values()) < BUDGET, sizes


def test_text_pages_are_compressed(demo: Demo) -> None:
    with httpx.stream("GET", demo.verification, headers={"Accept-Encoding": "gzip"}, trust_env=False) as response:
        assert response.headers["content-encoding"] == "gzip"
        assert b"Genuine and current" in gzip.decompress(b"".join(response.iter_raw()))


def test_keyboard_reaches_the_details_and_focus_is_seen(open_page: OpenPage, demo: Demo) -> None:
    page = open_page(demo.verification, DESK)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#checks > summary')"):
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    assert page.locator("#checks li").count() == 8
    assert page.locator("#checks li").first.is_visible()


def test_a_code_can_be_typed(open_page: OpenPage, demo: Demo) -> None:
    page = open_page(demo.url, PHONE)
    typed = demo.verification.rpartition("/")[2].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    page.fill("input[name=code]", typed)
    page.keyboard.press("Enter")
    page.wait_for_selector("#verdict")
    assert page.url == demo.verification


def test_from_the_portfolio_to_the_verdict_and_back(open_page: OpenPage, demo: Demo) -> None:
    page = open_page(demo.portfolio, PHONE)
    page.locator("a[href^='/v/']").first.click()
    page.wait_for_selector("#verdict")
    page.locator("a[href='/p/maya']").click()
    page.wait_for_selector("h1:has-text('Maya Okafor')")
