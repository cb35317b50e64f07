"""What a badge may not do: the allow-list for SVG images that we bake into.

An SVG opened by its address is a document that can run programs and tell strangers who is looking. A baked badge is
handed on by people who trust it, so it may only draw. Nothing is repaired: an image with more in it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from refolio.credential.baking.payload import refused
from refolio.errors import DocumentRefused

SVG = "http://www.w3.org/2000/svg"
_OTHERS_THAT_ACT = ("http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML")

# Static drawing. Left out on purpose: script, foreignObject, a, animate and its kin (they can rewrite a link), audio …
_DRAWING = re.compile(
    "svg|g|defs|symbol|use|switch|view|title|desc|metadata|style"
    "|path|rect|circle|ellipse|line|polyline|polygon|text|tspan|textPath|image"
    "|marker|pattern|linearGradient|radialGradient|stop|clipPath|mask|filter|fe[A-Z][A-Za-z]+"
)
_LABELS = ("id", "class", "data-", "aria-")  # never read as CSS, often hold odd characters
_INSIDE = re.compile(r"\s*(?:#|data:image/(?:png|jpeg|gif|webp)[;,])", re.IGNORECASE)
# CSS that loads something from elsewhere, or hides by escapes or comments that it does.
_REACHING_OUT = re.compile(
    r"\\|/\*|@import|(?:image-set|src|image)\(|url\((?!\s*[\"']?\s*(?:#|data:image/(?:png|jpeg|gif|webp)[;,]))",
    re.IGNORECASE,
)


def refuse_active_element(namespace: str, name: str, attributes: Mapping[str, str]) -> None:
    """Raise DocumentRefused ``active-content`` if the element can run something or load something from elsewhere.

    ``name`` is the local name; ``attributes`` carry the names of the source, prefixes included.
    """
    if namespace in _OTHERS_THAT_ACT or (namespace == SVG and not _DRAWING.fullmatch(name)):
        raise _active(f"the element <{name[:40]}>")
    for full_name, value in attributes.items():
        prefix, _, local = full_name.rpartition(":")
        if prefix == "xmlns" or full_name == "xmlns":
            continue
        if local.lower().startswith("on"):
            raise _active(f"the attribute {full_name[:40]}")
        if full_name == "xml:base" or (local.lower() in ("href", "src") and not _INSIDE.match(value)):
            raise _active(f"a link in {full_name[:40]}")
        if not prefix and not local.startswith(_LABELS):
            refuse_active_style(value)


def refuse_active_style(css: str) -> None:
    """Raise DocumentRefused ``active-content`` if ``css`` loads something from elsewhere, or might."""
    if _REACHING_OUT.search(css):
        raise _active("a style that reaches out of the image")


def refuse_active_instruction(target: str, data: str) -> None:
    """Raise DocumentRefused ``active-content``: a processing instruction may attach a style sheet or a program."""
    raise _active(f"the processing instruction {target[:40]}")


def _active(what: str) -> DocumentRefused:
    return refused(
        "active-content",
        f"The SVG image holds {what}; a badge may only draw.",
        "Export the drawing as plain SVG, without scripts, links, animation and remote parts.",
    )
