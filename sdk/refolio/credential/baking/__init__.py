"""Baking: a credential carried inside a badge image, PNG or SVG, and taken out again.

    baked = bake_png(image, secured.raw)       # the picture stays as it was, bit for bit
    raw = unbake(baked)                        # what a verifier reads

Unbaking proves nothing: what comes out is as untrusted as any upload and goes through verification. Nothing is fetched,
inflated, drawn or executed, and work and memory are bounded by MAX_IMAGE_BYTES. An image that can be read in two ways
(two credentials, data after the end) is refused, because another program would read the other one.

A web server or image host that re-encodes a baked image removes the credential: serve it with ``no-transform``.
Source: Open Badges 3.0 §5.3.
"""

from __future__ import annotations

from refolio.credential.baking.payload import MAX_IMAGE_BYTES, refused
from refolio.credential.baking.png import bake_png, looks_like_png, unbake_png
from refolio.credential.baking.svg import bake_svg, unbake_svg
from refolio.credential.baking.svg_reading import looks_like_svg

__all__ = ["MAX_IMAGE_BYTES", "bake_png", "bake_svg", "is_image", "unbake", "unbake_png", "unbake_svg"]


def is_image(raw: bytes) -> bool:
    """Whether ``raw`` begins like a PNG or SVG image, and so is one for unbake(). Never raises."""
    return looks_like_png(raw) or looks_like_svg(raw)


def unbake(image: bytes) -> bytes:
    """Return the credential baked into ``image``, PNG or SVG as its first bytes tell; the file name is not asked.

    The result is UTF-8: one JSON object, or a compact JWS without white space around it. It is not verified.

    Raises DocumentRefused ``not-an-image``, and what unbake_png() and unbake_svg() raise.
    """
    if looks_like_png(image):
        return unbake_png(image)
    if looks_like_svg(image):
        return unbake_svg(image)
    raise refused("not-an-image", "The file is neither a PNG nor an SVG image.", "Send the badge image as downloaded.")
