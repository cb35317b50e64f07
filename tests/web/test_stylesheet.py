"""The stylesheet and the icon: nothing is fetched from elsewhere, and text can be read in both colour schemes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from verify.web import templating

STATIC = Path(templating.__file__).parent / "static"
CSS = (STATIC / "refolio.css").read_text(encoding="utf-8")


def test_the_stylesheet_and_the_icon_load_nothing() -> None:
    icon = (STATIC / "favicon.svg").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|@font-face", CSS)
    assert not re.search(r"href|<script|<style", icon)


def luminance(colour: str) -> float:
    """Relative luminance of a hexadecimal colour (WCAG 2.2, definition of relative luminance)."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground_in_both_schemes(scheme: str) -> None:
    light, dark = CSS[: CSS.index("prefers-color-scheme: dark")], CSS[CSS.index("prefers-color-scheme: dark") :]
    colour = re.compile(r"--([a-z-]+): (#[0-9a-f]{3,6});")
    tokens = dict(colour.findall(light))
    if scheme == "dark":
        tokens |= dict(colour.findall(dark[: dark.index("}")]))
    pairs = [
        (text, ground) for text in ("text", "quiet", "link", "pass", "fail", "warn") for ground in ("paper", "sheet")
    ]
    pairs += [
        (text, band) for text in ("on-band", "on-band-quiet") for band in ("ink", "good", "withdrawn", "bad", "unsure")
    ]
    pairs += [(text, "stamp") for text in ("text", "quiet", "link")]  # the word TEST lies behind what is said
    for pair in pairs:
        bright, dim = sorted((luminance(tokens[name]) for name in pair), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 4.5, pair
