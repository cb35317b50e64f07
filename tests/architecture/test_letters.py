"""A letter's paragraph is one line, which the reader's mail program wraps: a break of ours in it comes out ragged."""

from __future__ import annotations

import ast
import re
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent
SENDERS = re.compile(r"^from verify\.(outside\.mail|people\.notifying) import ", re.MULTILINE)
# A line goes on in the next one: only an address after a colon, or what is filled in, may stand there.
BROKEN = re.compile(r"[^\n:]\n[^\n{]")


def letters(source: str) -> list[str]:
    """The texts of several lines in a file, less docstrings and comments."""
    tree = ast.parse(source)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    )
    return [text for text in texts if "\n" in text]


def test_no_paragraph_of_a_letter_is_broken() -> None:
    files = [file for file in (REPOSITORY / "verify").rglob("*.py") if SENDERS.search(file.read_text("utf-8"))]
    found = {file.name: letters(file.read_text("utf-8")) for file in files}
    assert sum(text.startswith("Hello,") for texts in found.values() for text in texts) >= 14
    broken = [
        f"{name}: {match[0]!r} in {text!r}"
        for name, texts in found.items()
        for text in texts
        if (match := BROKEN.search(text))
    ]
    assert broken == []


def test_a_broken_paragraph_is_seen() -> None:
    assert BROKEN.search("Hello,\n\nyou are\ninvited.\n")
    assert not BROKEN.search("Hello,\n\nyou are invited:\n{link}\n\nIt works once.\n")
