"""SVG: the credential is the first child of ``<svg>``, JSON in a CDATA section or a compact JWS in ``verify``.

Baking splices bytes and leaves the rest of the file as it is. Source: Open Badges 3.0 §5.3.2.
"""

from __future__ import annotations

import re

from refolio.credential.baking.payload import baked_text, is_compact_jws, refused, require_bakeable
from refolio.credential.baking.svg_reading import OPEN_BADGES, read_svg, tag_end

_PREFIX = "openbadges"
_TAG_NAME = re.compile(rb"<[^\s/>]+")


def bake_svg(image: bytes, credential: bytes) -> bytes:
    """Return ``image`` with ``credential`` as the first child of ``<svg>``; one that it already carried is replaced.

    Everything else stays byte for byte as it is. A compact JWS comes out of unbake_svg() exactly. JSON comes out with
    the same value but, where XML demands it, spelled differently: ``]]>`` inside a string as ``]]\\u003e``, U+FFFE and
    U+FFFF as escapes, line ends as line feeds. Signatures still hold: both cryptosuites sign the value (RDFC-1.0 and
    JCS canonicalise it), not its spelling.

    ``image`` must only draw: a document type, scripts, links, animation, styles and pictures from elsewhere are
    refused, because a baked badge is handed on and opened by people who trust it. At most 5 MB (MAX_IMAGE_BYTES) in
    and out.

    Raises DocumentRefused ``active-content``, ``prefix-taken``; what unbake_svg() raises for a broken image, what
    reading.read() raises for a credential that is not a compact JWS.
    """
    require_bakeable(credential)
    drawing = read_svg(image, only_drawing=True)
    if is_compact_jws(credential):
        carried = credential
        element = b'<openbadges:credential verify="' + carried + b'"></openbadges:credential>'
    else:
        carried = _for_cdata(credential)
        element = b"<openbadges:credential><![CDATA[" + carried + b"]]></openbadges:credential>"
    position = tag_end(image, drawing.start)
    opening = _opening(image[drawing.start : position], drawing.prefixes.get(_PREFIX), element)
    parts = [image[: drawing.start], opening]
    for old in drawing.credentials:
        parts.append(image[position : old.start])
        position = old.end
    parts.append(image[position:])
    baked = b"".join(parts)
    read_back = unbake_svg(baked)  # also says when the image has become too large
    assert read_back == carried, "the baked image does not carry the credential it was given"
    return baked


def unbake_svg(image: bytes) -> bytes:
    """Return the credential baked into the SVG ``image``: UTF-8 JSON or a compact JWS, not verified.

    The whole file must be well-formed UTF-8 XML, at most 100 levels deep and 50,000 elements long. Scripts in it are of
    no concern: nothing but the credential is taken, nothing is drawn or executed.

    Raises DocumentRefused ``image-too-large``, ``not-an-image``, ``bad-xml``, ``not-utf-8``, ``document-type`` (a DTD
    in the file, or an entity), ``too-complex``, ``no-credential``, ``two-credentials``, ``misplaced-credential``,
    ``too-large``, ``url-instead-of-credential``, ``not-a-credential``.
    """
    found = read_svg(image, only_drawing=False).credentials
    if not found:
        raise refused(
            "no-credential",
            "The SVG image is intact, but carries no Open Badges 3.0 credential.",
            "Programs that edit or shrink drawings remove it: download the badge again where it was issued.",
        )
    credential = found[0]
    if len(found) > 1 or (credential.jws is not None and credential.text.strip()):
        raise refused(
            "two-credentials",
            "The SVG image carries more than one credential, so two programs may read two different ones.",
            "Download the badge again where it was issued.",
        )
    if not credential.in_root:
        raise refused(
            "misplaced-credential",
            "The credential does not stand directly in the <svg> element.",
            "Download the badge again where it was issued.",
        )
    text = baked_text((credential.text if credential.jws is None else credential.jws).encode())
    if is_compact_jws(text) is (credential.jws is None):
        raise refused(
            "not-a-credential",
            "A compact JWS belongs into the attribute “verify”, JSON between the tags; here it is the other way round.",
            "Ask the issuer for a badge that follows Open Badges 3.0.",
        )
    return text


def _for_cdata(credential: bytes) -> bytes:
    # In JSON the first three can only stand inside strings, where an escape means the same.
    text = credential.decode().replace("]]>", "]]\\u003e").replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
    return text.replace("\r\n", "\n").replace("\r", "\n").encode()  # as every XML parser does (XML 1.0 §2.11)


def _opening(tag: bytes, bound_to: str | None, element: bytes) -> bytes:
    """The start tag of ``<svg>`` with our prefix declared, followed by ``element``."""
    if bound_to not in (None, OPEN_BADGES):
        raise refused(
            "prefix-taken",
            "The SVG image uses the prefix “openbadges” for something else, perhaps a badge of an earlier version.",
            "Start from the plain drawing.",
        )
    name = _TAG_NAME.match(tag)
    assert name is not None
    if bound_to is None:
        tag = name[0] + f' xmlns:{_PREFIX}="{OPEN_BADGES}"'.encode() + tag[name.end() :]
    if tag.endswith(b"/>"):  # an empty drawing
        return tag[:-2] + b">" + element + b"</" + name[0][1:] + b">"
    return tag + element
