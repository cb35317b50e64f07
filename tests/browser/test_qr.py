"""The printed code: drawn small, turned and blurred, it still leads to the verdict."""

from __future__ import annotations

import io

import httpx
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from tests.browser.conftest import OpenPage
from tests.browser.pages import above_the_fold
from tests.browser.test_pages import PHONE
from tests.live_demo import Demo

MILLIMETRES, DPI = 16, 300
PRINTED = round(MILLIMETRES / 25.4 * DPI)  # 189 pixels


def fetched(url: str) -> bytes:
    return httpx.get(url, trust_env=False).raise_for_status().content


def printed_small(code: Image.Image, degrees: float, blur: float = 0) -> Image.Image:
    """The code at 16 mm and 300 dpi, turned on a white sheet of paper."""
    small = code.convert("L").resize((PRINTED, PRINTED), Image.Resampling.LANCZOS)
    sheet = Image.new("L", (PRINTED * 2, PRINTED * 2), 255)
    sheet.paste(small, (PRINTED // 2, PRINTED // 2))
    turned = sheet.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    return turned.filter(ImageFilter.GaussianBlur(blur)) if blur else turned


def read(image: Image.Image) -> str:
    codes = zxingcpp.read_barcodes(image)
    assert len(codes) == 1, "no code found"
    return str(codes[0].text)


@pytest.mark.parametrize(("degrees", "blur"), [(0, 0), (17, 0), (17, 1), (-40, 0.5)])
def test_a_small_turned_print_leads_to_the_verdict(
    open_page: OpenPage, demo: Demo, degrees: float, blur: float
) -> None:
    code = Image.open(io.BytesIO(fetched(f"{demo.verification}/qr.png")))
    link = read(printed_small(code, degrees, blur))
    assert link == demo.verification.upper()
    page = open_page(link, PHONE)
    assert page.inner_text("#verdict") == "Genuine and current"
    assert above_the_fold(page) == []


def test_the_code_on_the_page_is_the_same_one(open_page: OpenPage, demo: Demo) -> None:
    """As drawn by the browser from the SVG, in dark mode, where a careless code is white on black."""
    page = open_page(demo.verification, PHONE, color_scheme="dark", device_scale_factor=2)
    picture = page.locator("img[src$='qr.svg']").screenshot()
    assert read(Image.open(io.BytesIO(picture))) == demo.verification.upper()
    assert demo.verification.partition("://")[2] in page.inner_text("main")


def test_the_code_stays_small_enough_to_print(demo: Demo) -> None:
    """SEC-139: version 3, 29 modules and the quiet zone, in the alphanumeric mode."""
    code = Image.open(io.BytesIO(fetched(f"{demo.verification}/qr.png")))
    assert code.width == code.height == (29 + 2 * 4) * 12


def test_the_terminal_shows_the_same_code(demo: Demo) -> None:
    rows = [line for line in demo.printed.splitlines() if line and set(line) <= set(" ▀▄█")]
    pixels = Image.new("L", (len(rows[0]), 2 * len(rows)), 255)
    for y, row in enumerate(rows):
        for x, block in enumerate(row):
            pixels.putpixel((x, 2 * y), 0 if block in " ▄" else 255)
            pixels.putpixel((x, 2 * y + 1), 0 if block in " ▀" else 255)
    assert (
        read(pixels.resize((pixels.width * 6, pixels.height * 6), Image.Resampling.NEAREST))
        == demo.verification.upper()
    )


def test_qr_codes_may_be_kept_for_ever(demo: Demo) -> None:
    answer = httpx.get(f"{demo.verification}/qr.svg", trust_env=False)
    assert "immutable" in answer.headers["cache-control"]
    again = httpx.get(f"{demo.verification}/qr.svg", headers={"If-None-Match": answer.headers["etag"]}, trust_env=False)
    assert again.status_code == 304
