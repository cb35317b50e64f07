"""Hostile and damaged PNG badges. The numbers are those of the catalogue."""

from __future__ import annotations

import contextlib
import io
import struct
import time
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from refolio.credential.baking import MAX_IMAGE_BYTES, bake_png, unbake, unbake_png
from refolio.errors import DocumentRefused

MAYA = b'{"name":"Maya"}'
MALLORY = b'{"name":"Mallory"}'
KEYWORD = b"openbadgecredential"


def picture() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((40, 40), 50).save(file, "PNG")
    return file.getvalue()


PLAIN = picture()
END = len(PLAIN) - 12  # where IEND begins


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def itxt(text: bytes, *, keyword: bytes = KEYWORD, flags: bytes = b"\0\0", tags: bytes = b"\0\0") -> bytes:
    return chunk(b"iTXt", keyword + b"\0" + flags + tags + text)


def with_chunks(*chunks: bytes, at: int = END) -> bytes:
    return PLAIN[:at] + b"".join(chunks) + PLAIN[at:]


def code(image: bytes) -> str:
    with pytest.raises(DocumentRefused) as caught:
        unbake(image)
    assert caught.value.says
    assert caught.value.fix
    return caught.value.code


def positions(image: bytes) -> Iterator[tuple[bytes, int]]:
    at = 8
    while at < len(image):
        length, kind = struct.unpack_from(">I4s", image, at)
        yield kind, at
        at += 12 + length


@pytest.mark.parametrize("at", [33, END], ids=["before the pixels", "after the pixels"])
@pytest.mark.parametrize("tags", [b"\0\0", b"en\0\0", b"x-json\0" + "Zeugnis ü".encode() + b"\0"])
def test_a_conformant_chunk_of_others_is_read(at: int, tags: bytes) -> None:
    assert unbake_png(with_chunks(itxt(MAYA, tags=tags), at=at)) == MAYA
    assert unbake_png(with_chunks(itxt(b" a.b.c\r\n", tags=tags), at=at)) == b"a.b.c"


def test_the_credential_stands_before_the_pixels() -> None:
    """Some readers stop looking for text where the pixels begin."""
    kinds = [kind for kind, _ in positions(bake_png(PLAIN, MAYA))]
    assert kinds[:2] == [b"IHDR", b"iTXt"]


def test_sec_145_two_credentials() -> None:
    for one, two in [(MAYA, MALLORY), (MALLORY, MAYA), (MAYA, MAYA)]:
        assert code(with_chunks(itxt(one), itxt(two))) == "two-credentials"
        assert code(PLAIN[:33] + itxt(one) + PLAIN[33:END] + itxt(two) + PLAIN[END:]) == "two-credentials"


@pytest.mark.parametrize(
    "second",
    [
        chunk(b"tEXt", KEYWORD + b"\0" + MALLORY),
        chunk(b"zTXt", KEYWORD + b"\0\0" + zlib.compress(MALLORY)),
        itxt(zlib.compress(MALLORY), flags=b"\1\0"),
        itxt(b""),
        chunk(b"iTXt", KEYWORD + b"\0"),
    ],
    ids=["tEXt", "zTXt", "compressed", "empty", "cut"],
)
def test_sec_145_a_second_credential_in_any_kind_of_text_is_refused_and_removed_by_baking(second: bytes) -> None:
    assert code(with_chunks(itxt(MAYA), second)) == "two-credentials"
    assert bake_png(with_chunks(second, itxt(MALLORY), second), MAYA) == bake_png(PLAIN, MAYA)


def test_sec_145_legacy_kinds_of_text() -> None:
    assert code(with_chunks(chunk(b"tEXt", KEYWORD + b"\0" + MAYA))) == "wrong-chunk"
    assert code(with_chunks(chunk(b"zTXt", KEYWORD + b"\0\0" + zlib.compress(MAYA)))) == "wrong-chunk"
    assert code(with_chunks(chunk(b"tEXt", b"openbadges\0https://acme.example/1.json"))) == "no-credential"
    for keyword in (b"OpenBadgeCredential", KEYWORD + b" ", b" " + KEYWORD, b"openbadges"):
        assert code(with_chunks(itxt(MAYA, keyword=keyword))) == "no-credential"
    assert code(PLAIN) == "no-credential"


def test_sec_145_compressed_bomb_is_not_inflated() -> None:
    bomb = zlib.compress(bytes(2**28), 9)
    image = with_chunks(itxt(bomb, flags=b"\1\0"))
    tracemalloc.start()
    assert code(image) == "compressed-credential"
    assert tracemalloc.get_traced_memory()[1] < 4 * len(image)
    tracemalloc.stop()
    assert code(with_chunks(itxt(zlib.compress(MAYA), flags=b"\1\0"))) == "compressed-credential"
    assert code(with_chunks(itxt(MAYA, flags=b"\0\1"))) == "compressed-credential"


@pytest.mark.parametrize("kind", [b"IHDR", b"iTXt", b"IDAT", b"IEND"])
def test_sec_145_wrong_crc(kind: bytes) -> None:
    image = bytearray(bake_png(PLAIN, MAYA))
    at = dict(positions(bytes(image)))[kind]
    length = struct.unpack_from(">I", image, at)[0]
    image[at + 8 + length + 3] ^= 1
    assert code(bytes(image)) == "bad-crc"
    with pytest.raises(DocumentRefused):
        bake_png(bytes(image), MAYA)


def test_sec_145_after_the_end() -> None:
    assert code(PLAIN + itxt(MAYA)) == "data-after-end"
    assert code(bake_png(PLAIN, MAYA) + itxt(MALLORY)) == "data-after-end"
    assert code(bake_png(PLAIN, MAYA) + b"\n") == "data-after-end"
    with pytest.raises(DocumentRefused):
        bake_png(PLAIN + itxt(MALLORY), MAYA)


def test_sec_145_huge_and_false_lengths() -> None:
    for length in (0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, len(PLAIN), 13 + 1):
        image = bytearray(with_chunks(itxt(MAYA), at=33))
        image[33:37] = struct.pack(">I", length)
        assert code(bytes(image)) in ("bad-chunk", "bad-crc")
    assert code(PLAIN[:END]) == "bad-chunk"
    assert code(PLAIN[:8]) == "bad-chunk"
    assert code(with_chunks(chunk(b"a b\0", b""))) == "bad-chunk"
    assert code(PLAIN[:8] + PLAIN[33:]) == "not-an-image"  # no header
    assert code(PLAIN[:8] + chunk(b"IHDR", b"") + PLAIN[33:]) == "not-an-image"
    for data in (KEYWORD + b"\0", KEYWORD + b"\0\0", KEYWORD + b"\0\0\0", KEYWORD + b"\0\0\0en\0" + MAYA):
        assert code(with_chunks(chunk(b"iTXt", data))) == "bad-chunk"


def test_sec_145_fifty_thousand_chunks() -> None:
    for many in (chunk(b"tEXt", b"a\0b") * 50_000, itxt(MAYA) * 50_000):
        image = with_chunks(many)
        started = time.process_time()
        assert code(image) == "too-many-chunks"
        assert time.process_time() - started < 1  # 0.02 s, and what the garbage collector takes
    assert unbake_png(with_chunks(chunk(b"tEXt", b"a\0b") * 9_000, itxt(MAYA))) == MAYA
    full = with_chunks(chunk(b"tEXt", b"a\0b") * (10_000 - len(list(positions(PLAIN)))))
    with pytest.raises(DocumentRefused, match="chunks"):  # one more would not be read back
        bake_png(full, MAYA)


@pytest.mark.parametrize(
    "text", [b"https://acme.example/1.json", b" \nHTTP://169.254.169.254/", b"urn:uuid:1", b"data:,{}", b"file:///etc"]
)
def test_sec_145_a_link_is_refused_not_followed(text: bytes) -> None:
    assert code(with_chunks(itxt(text))) == "url-instead-of-credential"


def test_sec_145_text_that_is_no_credential() -> None:
    for text in (b"", b"Maya", b"a.b", b"a..c", b"[{}]", b"<x/>", b"\xef\xbb\xbf{}", "{}".encode("utf-16")):
        assert code(with_chunks(itxt(text))) == "not-a-credential"
    assert code(with_chunks(itxt(b"{" + b" " * 2**19))) == "too-large"


def test_sec_145_images_beyond_the_bound() -> None:
    filler = chunk(b"prVt", bytes(MAX_IMAGE_BYTES - len(PLAIN) - 12))
    assert len(with_chunks(filler)) == MAX_IMAGE_BYTES
    assert code(with_chunks(filler)) == "no-credential"
    assert code(with_chunks(filler) + b"x") == "image-too-large"
    with pytest.raises(DocumentRefused) as caught:
        bake_png(with_chunks(filler), MAYA)
    assert caught.value.code == "image-too-large"


@pytest.mark.parametrize(
    "tail", [b"PK\3\4 and a zip", b"<script>alert(1)</script>", b"%PDF-1.7"], ids=["zip", "html", "pdf"]
)
def test_sec_144_polyglots(tail: bytes) -> None:
    """What follows the image is refused; what hides inside a chunk never comes out."""
    assert code(bake_png(PLAIN, MAYA) + tail) == "data-after-end"
    assert code(tail + bake_png(PLAIN, MAYA)) == "not-an-image"
    assert unbake(bake_png(with_chunks(chunk(b"prVt", tail)), MAYA)) == MAYA


@given(st.data())
def test_sec_145_damaged_images_are_refused_or_read_never_anything_else(data: st.DataObject) -> None:
    image = bytearray(bake_png(PLAIN, MAYA))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(8, len(image) - 1))
        match data.draw(st.sampled_from(["change", "cut", "insert"])):
            case "change":
                image[at] ^= data.draw(st.integers(1, 255))
            case "cut":
                del image[at : at + data.draw(st.integers(1, 50))]
            case _:
                image[at:at] = data.draw(st.binary(min_size=1, max_size=20))
        if len(image) < 10:
            break
    with contextlib.suppress(DocumentRefused):
        assert unbake_png(bytes(image)) == MAYA
