"""A developer gets her test key in two clicks, runs the lines beside it, and nobody takes what comes of it for real."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.browser.conftest import OpenPage
from tests.browser.pages import axe_violations, sideways_scroll
from tests.browser.test_pages import LOOKS
from tests.browser.test_signing_in import sign_in_by_link
from tests.live_demo import Demo


@LOOKS
def test_a_test_key_in_two_clicks_and_a_verdict_that_is_none(
    open_page: OpenPage, interop: Path, demo: Demo, size: tuple[int, int], scheme: str, tmp_path: Path
) -> None:
    axe = interop / "node_modules" / "axe-core" / "axe.min.js"
    page = open_page(None, size, color_scheme=scheme, bypass_csp=True)
    slug = f"keys-{scheme}-{size[0]}"
    sign_in_by_link(page, demo, f"{slug}@mills.example")
    page.goto(f"{demo.url}/console/new")
    page.fill("#name", slug)
    page.fill("#url", "mills.example")
    page.click("text=Make the organisation")

    page.click("text=API keys")
    page.click("text=Make a test key")
    key, curl, python = (box.inner_text() for box in page.query_selector_all("pre"))
    assert key.startswith("rf_test_")
    assert (axe_violations(page, axe), sideways_scroll(page)) == ([], 0)
    page.screenshot(path=tmp_path / "api-keys.png", full_page=True)

    issued = json.loads(subprocess.run(["sh", "-c", f"{curl} -s"], capture_output=True, check=True).stdout)
    assert (issued["issuer"], issued["state"]) == (slug, "current")
    ran = subprocess.run([sys.executable, "-c", python], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith(f"{demo.url}/v/")

    page.goto(issued["links"]["verify"])
    assert page.inner_text("#verdict") == "Test credential. It says nothing about anybody."
    assert "Genuine" not in page.inner_text("body")
    assert (axe_violations(page, axe), sideways_scroll(page)) == ([], 0)
    page.screenshot(path=tmp_path / "verdict.png")
    page.click("[data-fact=organisation] a")
    assert "Test issuer" in page.inner_text("main")
    assert (axe_violations(page, axe), sideways_scroll(page)) == ([], 0)
    page.screenshot(path=tmp_path / "issuer.png")

    look = "platforms/mandate?platform="
    for place in ("api-keys/live", "platforms", f"{look}northfield", f"{look}nobody"):
        page.goto(f"{demo.url}/console/{slug}/{place}")
        assert (axe_violations(page, axe), sideways_scroll(page)) == ([], 0), place
        page.screenshot(path=tmp_path / f"{place.replace('/', '-').replace('?', '-')}.png", full_page=True)
