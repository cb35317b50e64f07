"""PNG: the credential is the text of one uncompressed ``iTXt`` chunk with the keyword ``openbadgecredential``.

Pixels are never decoded: the file is read as a row of chunks (length, type, data, CRC-32) and only the row is checked.
Sources: Open Badges 3.0 §5.3.1; PNG (Third Edition) §5.3, §11.3.3.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple
from zlib import crc32

from refolio.credential.baking.payload import baked_text, refused, require_bakeable, require_size
from refolio.errors import DocumentRefused

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"openbadgecredential"
_TEXT_KINDS = (b"iTXt", b"tEXt", b"zTXt")
_MAX_CHUNKS = 10_000  # an image of 5 MB cut into IDAT chunks of 8 kB has 640
_IHDR_END = len(_SIGNATURE) + 25
_HEADER = struct.Struct(">I4s")
_CRC = struct.Struct(">I")


class _Chunk(NamedTuple):
    kind: bytes
    start: int  # of the length field
    end: int  # after the CRC
    data: bytes  # filled for text chunks with our keyword only


def looks_like_png(raw: bytes) -> bool:
    return raw.startswith(_SIGNATURE)


def bake_png(image: bytes, credential: bytes) -> bytes:
    """Return ``image`` with ``credential`` in it; a credential it already carried is replaced.

    All other chunks, and so the pixels, stay byte for byte as they are. ``credential`` is UTF-8 JSON or a compact JWS
    and comes out of unbake_png() exactly. At most 5 MB (MAX_IMAGE_BYTES) in and out.

    Raises DocumentRefused: what unbake_png() raises for a broken image, what reading.read() raises for a credential
    that is not a compact JWS.
    """
    require_bakeable(credential)
    chunks = list(_chunks(image))
    old = [chunk for chunk in chunks if chunk.data]
    if len(chunks) - len(old) >= _MAX_CHUNKS:
        raise _too_many_chunks()
    # Right after the header: some readers look for text no further than to the first pixel.
    bytes_of = memoryview(image)  # copied once, at the end
    parts: list[bytes | memoryview] = [bytes_of[:_IHDR_END], _text_chunk(credential)]
    position = _IHDR_END
    for chunk in old:
        parts.append(bytes_of[position : chunk.start])
        position = chunk.end
    parts.append(bytes_of[position:])
    baked = b"".join(parts)
    require_size(baked)
    return baked


def unbake_png(image: bytes) -> bytes:
    """Return the credential baked into the PNG ``image``: UTF-8 JSON or a compact JWS, not verified.

    Every chunk is checked, also after the credential. Compressed text is refused, not inflated: the standard forbids it
    and public verifiers do not read it, so a badge that passed here would fail elsewhere, and there is no bomb to fear.

    Raises DocumentRefused ``image-too-large``, ``not-an-image``, ``bad-chunk``, ``bad-crc``, ``too-many-chunks``,
    ``data-after-end``, ``no-credential``, ``two-credentials``, ``wrong-chunk`` (``tEXt`` or ``zTXt``),
    ``compressed-credential``, ``too-large``, ``url-instead-of-credential``, ``not-a-credential``.
    """
    found = [chunk for chunk in _chunks(image) if chunk.data]
    if not found:
        raise refused(
            "no-credential",
            "The PNG image is intact, but carries no Open Badges 3.0 credential.",
            "Sites that shrink or convert pictures remove it: download the badge again where it was issued.",
        )
    if len(found) > 1:
        raise refused(
            "two-credentials",
            "The PNG image carries more than one credential, so two programs may read two different ones.",
            "Download the badge again where it was issued.",
        )
    return baked_text(_text(found[0]))


def _text_chunk(credential: bytes) -> bytes:
    # keyword, NUL, compression flag 0, method 0, empty language tag, NUL, empty translated keyword, NUL, text
    data = b"iTXt" + _KEYWORD + b"\0\0\0\0\0" + credential
    return b"".join((_CRC.pack(len(data) - 4), data, _CRC.pack(crc32(data))))


def _text(chunk: _Chunk) -> bytes:
    if chunk.kind != b"iTXt":
        raise refused(
            "wrong-chunk",
            f"The credential stands in a {chunk.kind.decode()} chunk; the standard wants uncompressed iTXt.",
            "Ask the issuer for a badge that follows Open Badges 3.0.",
        )
    after_keyword = chunk.data[len(_KEYWORD) + 1 :]
    fields = after_keyword[2:].split(b"\0", 2)  # language tag, translated keyword, text
    if len(after_keyword) < 2 or len(fields) != 3:
        raise refused("bad-chunk", "The iTXt chunk of the credential is cut off.", "Download the badge again.")
    if after_keyword[:2] != b"\0\0":
        raise refused(
            "compressed-credential",
            "The credential is compressed, which Open Badges 3.0 forbids.",
            "Ask the issuer for a badge that follows Open Badges 3.0, or for the credential as JSON.",
        )
    return fields[2]


def _chunks(image: bytes) -> Iterator[_Chunk]:
    """Every chunk in order. All checks are made only when all chunks were taken."""
    require_size(image)
    if not looks_like_png(image):
        raise refused("not-an-image", "The file does not begin like a PNG image.", "Send a PNG image.")
    bytes_of = memoryview(image)
    position, count, kind = len(_SIGNATURE), 0, b""
    while kind != b"IEND":
        count += 1
        if count > _MAX_CHUNKS:
            raise _too_many_chunks()
        if position + 12 > len(image):
            raise refused("bad-chunk", "The PNG image ends before its last chunk.", "Download it again.")
        length, kind = _HEADER.unpack_from(image, position)
        end = position + 12 + length
        if end > len(image) or not kind.isalpha():
            raise refused(
                "bad-chunk",
                f"The chunk at byte {position:,} has no proper name, or is longer than the file.",
                "Download the image again.",
            )
        if crc32(bytes_of[position + 4 : end - 4]) != _CRC.unpack_from(image, end - 4)[0]:
            raise refused(
                "bad-crc",
                f"The checksum of the chunk at byte {position:,} does not fit: the image is damaged.",
                "Download the image again.",
            )
        if count == 1 and (kind, end) != (b"IHDR", _IHDR_END):
            raise refused("not-an-image", "The PNG image does not begin with its header.", "Save the picture again.")
        ours = kind in _TEXT_KINDS and image.startswith(_KEYWORD + b"\0", position + 8, end - 4)
        yield _Chunk(kind, position, end, image[position + 8 : end - 4] if ours else b"")
        position = end
    if position != len(image):
        raise refused(
            "data-after-end",
            f"{len(image) - position:,} bytes follow the end of the PNG image; another program may read them instead.",
            "Save the picture again.",
        )


def _too_many_chunks() -> DocumentRefused:
    return refused(
        "too-many-chunks",
        f"The PNG image has, or with a credential would have, more than {_MAX_CHUNKS:,} chunks.",
        "Save the picture again with another program.",
    )
