"""The signed file, kept by a click: the link on the page leads to it, not back to the page."""

from __future__ import annotations

from pathlib import Path

from tests.browser.conftest import OpenPage
from tests.browser.test_pages import PHONE
from tests.live_demo import Demo


def test_priya_keeps_the_signed_file(open_page: OpenPage, demo: Demo) -> None:
    page = open_page(demo.verification, PHONE, java_script_enabled=False)
    page.click("summary:has-text('Verify this yourself')")
    with page.expect_download() as kept:
        page.click("a:has-text('Signed file')")
    code = demo.verification.rpartition("/")[2]
    assert kept.value.suggested_filename == f"refolio-{code}.json"
    assert Path(kept.value.path()).read_bytes() == demo.document(demo.credential)
