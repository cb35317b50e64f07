"""What a real browser can tell about a page: is it in sight, does it fit, can everybody use it.

Works on an open Playwright page (sync API) with scripts allowed; evaluation goes past the page's own CSP.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any  # Playwright's evaluate() returns plain JSON

from playwright.sync_api import Page

VERDICT_AND_FACTS = (
    "#verdict",
    *(f'[data-fact="{fact}"]' for fact in ("who", "organisation", "when", "hours", "skills", "feedback")),
)

_HIDDEN_PART = """selector => {
  const element = document.querySelector(selector);
  if (!element) return "is not on the page";
  const box = element.getBoundingClientRect();
  if (box.width === 0 || box.height === 0) return "takes no room";
  if (box.top < 0 || box.left < 0) return `starts outside the screen (${box.left}, ${box.top})`;
  if (Math.floor(box.bottom) > innerHeight) return `ends ${Math.ceil(box.bottom - innerHeight)} px below the fold`;
  if (Math.floor(box.right) > innerWidth) return `ends ${Math.ceil(box.right - innerWidth)} px beyond the right edge`;
  return "";
}"""


def above_the_fold(page: Page, selectors: Iterable[str] = VERDICT_AND_FACTS) -> list[str]:
    """Say of each selector that is not wholly on the first screen why; an empty list means all are.

    Call it before anything has scrolled, with the viewport set to the screen in question.
    """
    found = ((selector, page.evaluate(_HIDDEN_PART, selector)) for selector in selectors)
    return [f"{selector} {reason}" for selector, reason in found if reason]


def sideways_scroll(page: Page) -> int:
    """By how many CSS pixels the page is wider than its window; 0 means nobody has to scroll sideways."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


def axe_violations(page: Page, axe_source_path: Path) -> list[str]:
    """Run axe-core (``axe.min.js``): WCAG 2.0 to 2.2 A and AA, and best practice; one line per violation."""
    page.evaluate(axe_source_path.read_text(encoding="utf-8"))
    result: dict[str, Any] = page.evaluate(
        """() => axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa",
        "wcag22aa", "best-practice"]})"""
    )
    return [
        f"{violation['id']}: {violation['help']} – {node['html'][:160]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
