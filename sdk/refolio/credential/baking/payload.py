"""What may be baked and what may come out: one JSON object or one compact JWS, within bounds, never a link."""

from __future__ import annotations

import re

from refolio.credential.reading import MAX_BYTES, read
from refolio.errors import DocumentRefused

MAX_IMAGE_BYTES = 5 * 1024 * 1024

_COMPACT_JWS = re.compile(
    rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"
)  # RFC 7515 §3.1; an unsigned one has no end
_URL = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*:")
_WHITE_SPACE = b" \t\r\n"


def refused(code: str, says: str, fix: str = "") -> DocumentRefused:
    """The refusal of an image as a whole: there is no JSON Pointer into a picture."""
    return DocumentRefused(code, "", says, fix)


def require_size(image: bytes) -> None:
    if len(image) > MAX_IMAGE_BYTES:
        raise refused(
            "image-too-large",
            f"The image has {len(image):,} bytes; at most {MAX_IMAGE_BYTES:,} are read.",
            "Use a smaller picture.",
        )


def is_compact_jws(text: bytes) -> bool:
    return _COMPACT_JWS.fullmatch(text) is not None


def require_bakeable(credential: bytes) -> None:
    """Refuse what no verifier would read back. JSON passes the same reader as in verification, which also bounds it."""
    if len(credential) > MAX_BYTES or not is_compact_jws(credential):
        read(credential)


def baked_text(text: bytes) -> bytes:
    """Return the credential in ``text``, as it stood in an image, or refuse it. JSON stays exactly as it is."""
    if len(text) > MAX_BYTES:
        raise refused(
            "too-large", f"The credential has {len(text):,} bytes; at most {MAX_BYTES:,} are read.", "Ask its issuer."
        )
    bare = text.strip(_WHITE_SPACE)
    if bare.startswith(b"{"):
        return text
    if is_compact_jws(bare):
        return bare
    if _URL.match(bare):
        raise refused(
            "url-instead-of-credential",
            "The image holds a link instead of a credential, as early Open Badges did. Such links are not followed.",
            "Open the link yourself if you trust it, and verify the credential you find there.",
        )
    raise refused(
        "not-a-credential",
        "What the image holds is neither a JSON object nor a compact JWS.",
        "Ask the issuer for the credential.",
    )
