"""From bytes to the document in them: JSON, a JWT, or a badge image with either inside. Check 0."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from refolio.credential.baking import is_image, unbake
from refolio.credential.proof import jwt
from refolio.credential.proof.jwt import SignedJwt
from refolio.credential.reading import JSON, read
from refolio.credential.shape import is_of_type
from refolio.errors import DocumentRefused, ProofRefused

# What is wrong with the token as a text; every other refusal of it is about how it is signed.
_FORM = frozenset({"too-large", "not-compact", "base64url"})


class Opened(msgspec.Struct, frozen=True):
    """A document taken out of what it came in.

    ``jwt`` is what was around it, if it was a JWT; the document is then its payload without the claims that speak of
    the token. ``text`` is the JSON in which it was written, empty for a part of another document.
    ``is_presentation`` is true for a VerifiablePresentation, which is signed by its holder.
    """

    document: Mapping[str, JSON]
    jwt: SignedJwt | None = None
    text: bytes = b""
    is_presentation: bool = False

    def __post_init__(self) -> None:
        is_presentation = is_of_type(self.document, "VerifiablePresentation")
        msgspec.structs.force_setattr(self, "is_presentation", is_presentation)


class JwtRefused(Exception):
    """The JWT can be read, but it is not signed in a way that is accepted; ``refused`` says why."""

    def __init__(self, refused: ProofRefused) -> None:
        super().__init__(refused.says)
        self.refused = refused


def open_document(raw: bytes) -> Opened:
    """Return the document in ``raw``. Raises DocumentRefused for what cannot be read, JwtRefused (see there)."""
    raw = unbake(raw) if raw[:1] != b"{" and is_image(raw) else raw
    text = raw.strip()
    if text[:3] == b"eyJ" and b"." in text:  # {" in base64url; what else may be wrong with a token, its reader says
        return open_jwt(text)
    return Opened(read(raw), text=raw)


def open_jwt(text: bytes) -> Opened:
    """Return the document in a compact VC-JWT or VP-JWT; raises as open_document()."""
    try:
        signed = jwt.parse_either(text)
    except ProofRefused as fault:
        if fault.code in _FORM:
            raise DocumentRefused(fault.code, "", fault.says) from None
        raise JwtRefused(fault) from None
    return Opened(signed.credential, signed, signed.payload)
