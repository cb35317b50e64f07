"""Baking: whatever goes into a badge image comes out again, and the picture stays the picture."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from xml.dom import minidom

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from refolio.credential.baking import bake_png, bake_svg, is_image, unbake, unbake_png, unbake_svg
from refolio.credential.proof import eddsa_jcs_2022, eddsa_rdfc_2022
from refolio.credential.reading import read
from refolio.errors import DocumentRefused
from tests.credential.signing import ACME, CREATED, METHOD, badge

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>a &gt; b</title><path d="M0 0h9v9z"/></svg>'
JWS = b"eyJhbGciOiJFUzI1NiJ9.eyJpZCI6InVybjp4In0.c2ln-_bmF0dXJl"
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20) | st.sampled_from(
    ["]]>", "]]>]]>", "&lt;"]
)
DOCUMENTS = st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS, max_size=3) | st.integers(-9, 9) | st.none(), max_size=4)


def picture(image: Image.Image, info: PngImagePlugin.PngInfo | None = None) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", pnginfo=info)
    return file.getvalue()


def pixels(raw: bytes) -> tuple[str, tuple[int, int], bytes, Any]:
    with Image.open(io.BytesIO(raw), formats=["PNG"]) as image:
        image.load()
        return image.mode, image.size, image.tobytes(), image.getpalette()


def spelled(document: dict[str, Any], indent: int | None, plain: bool) -> bytes:
    return json.dumps(document, indent=indent, ensure_ascii=plain).encode()


@st.composite
def pictures(draw: st.DrawFn) -> bytes:
    """Small PNG images of every mode that Pillow writes, with other people's text chunks in them."""
    mode = draw(st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]))
    size = (draw(st.integers(1, 12)), draw(st.integers(1, 12)))
    length = len(Image.new(mode, size).tobytes())
    image = Image.frombytes(mode, size, draw(st.binary(min_size=length, max_size=length)))
    info = PngImagePlugin.PngInfo()
    for key in draw(st.lists(st.sampled_from(["Author", "openbadges", "openbadgecredentials", "XML"]), max_size=2)):
        info.add_itxt(key, draw(TEXTS), zip=draw(st.booleans()))
        info.add_text(key, "Maya's", zip=draw(st.booleans()))
    if mode == "P":
        image.putpalette(bytes(range(256)) * 3)
    return picture(image, info)


@settings(max_examples=1000)
@given(pictures(), DOCUMENTS, DOCUMENTS, st.sampled_from([None, 2]), st.booleans())
def test_sec_146_a_thousand_pictures_keep_pixels_and_chunks_and_give_the_credential_back(
    image: bytes, document: dict[str, Any], other: dict[str, Any], indent: int | None, plain: bool
) -> None:
    credential = spelled(document, indent, plain)
    baked = bake_png(image, credential)
    assert unbake(baked) == unbake_png(baked) == credential
    assert pixels(baked) == pixels(image)
    # Everything but our chunk is there byte for byte, and a second credential replaces the first.
    assert len(baked) - len(image) == len(credential) + 36
    assert baked[:33] + baked[33 + len(credential) + 36 :] == image
    for next_credential in (spelled(other, indent, plain), JWS):
        assert bake_png(baked, next_credential) == bake_png(image, next_credential)


@settings(max_examples=300)
@given(DOCUMENTS, st.sampled_from([None, 2]), st.booleans())
def test_sec_127_json_comes_out_of_an_svg_with_the_same_value_for_every_xml_parser(
    document: dict[str, Any], indent: int | None, plain: bool
) -> None:
    credential = spelled(document, indent, plain)
    baked = bake_svg(SVG, credential)
    assert read(unbake(baked)) == read(credential) == document
    if not any(odd in credential.decode() for odd in ("]]>", "\ufffe", "\uffff")):
        assert unbake(baked) == credential
    [element] = minidom.parseString(baked).getElementsByTagName("openbadges:credential")
    assert "".join(node.data for node in element.childNodes).encode() == unbake(baked)
    assert {node.nodeType for node in element.childNodes} <= {element.CDATA_SECTION_NODE}
    assert bake_svg(baked, JWS) == bake_svg(SVG, JWS)


@pytest.mark.parametrize("suite", [eddsa_rdfc_2022, eddsa_jcs_2022], ids=["rdfc", "jcs"])
def test_sec_127_a_signature_holds_where_xml_forced_another_spelling(suite: Any) -> None:
    document = badge() | {"name": "Sales [[up]]> 40 %", "description": "x]]><script>alert(1)</script>"}
    document["proof"] = suite.sign(document, ACME, verification_method=METHOD, created=CREATED)
    credential = json.dumps(document, ensure_ascii=False, indent=1).replace("\n", "\r\n").encode()
    received = unbake(bake_svg(SVG, credential))
    assert received != credential
    assert b"]]>" not in received
    suite.verify(read(received), read(received)["proof"], ACME.public)


@pytest.mark.parametrize(("bake", "image"), [(bake_png, picture(Image.new("L", (3, 3)))), (bake_svg, SVG)])
def test_a_compact_jws_comes_out_exactly(bake: Any, image: bytes) -> None:
    assert unbake(bake(image, JWS)) == JWS
    assert unbake(bake(bake(image, b'{"a": 1}'), JWS)) == JWS
    assert unbake(bake(bake(image, JWS), b'{"a": 1}')) == b'{"a": 1}'


@pytest.mark.parametrize(("bake", "image"), [(bake_png, picture(Image.new("L", (3, 3)))), (bake_svg, SVG)])
@pytest.mark.parametrize(
    "credential", [b"", b"[]", b"https://acme.example/1.json", b'{"a":1,"a":2}', b"a.b", b"a.b.", JWS + b"\n", b"{"]
)
def test_only_what_a_verifier_reads_can_be_baked(bake: Any, image: bytes, credential: bytes) -> None:
    with pytest.raises(DocumentRefused):
        bake(image, credential)


@pytest.mark.parametrize(("bake", "image"), [(bake_png, picture(Image.new("L", (3, 3)))), (bake_svg, SVG)])
def test_sec_145_credentials_beyond_the_bound_are_not_baked(bake: Any, image: bytes) -> None:
    for credential in (b'{"a":"' + b"x" * 2**19 + b'"}', b"a.b." + b"x" * 2**19):
        with pytest.raises(DocumentRefused) as caught:
            bake(image, credential)
        assert caught.value.code == "too-large"
    for credential in (b'{"a":"' + b"x" * (2**19 - 8) + b'"}', b"a.b." + b"x" * (2**19 - 4)):
        assert len(credential) == 2**19
        assert unbake(bake(image, credential)) == credential


def test_published_badge_images_are_read(standards: Path) -> None:
    index = json.loads((standards / "fixtures/index.json").read_text("utf-8"))
    entries = index if isinstance(index, list) else index["fixtures"]
    images = [entry["file"] for entry in entries if entry["file"].endswith((".png", ".svg"))]
    assert sorted(Path(name).name for name in images) == ["simple-json.svg", "simple-jwt.png", "simple-jwt_v1.svg"]
    for name in images:
        image = (standards / "fixtures" / name).read_bytes()
        assert is_image(image)
        credential = unbake(image)
        if name.endswith("simple-json.svg"):
            assert read(credential)["name"] == "Teamwork Badge"
        else:
            assert credential.startswith(b"eyJ")
            assert credential.count(b".") == 2
    png = (standards / "fixtures/1edtech/ob30/simple-jwt.png").read_bytes()
    assert pixels(bake_png(png, b'{"a": 1}')) == pixels(png)


def test_the_kind_is_told_by_the_first_bytes() -> None:
    png = picture(Image.new("L", (3, 3)))
    images = [png, SVG, b'<?xml version="1.0"?>' + SVG, b"\xef\xbb\xbf\n" + SVG, b"<!-- Acme -->" + SVG, b"<s:svg />"]
    others = [b"", b"{", JWS, b"<html>", b"<!DOCTYPE html><svg/>", b"<svgx/>", b"GIF89a", b"\xff\xd8\xff", b"%PDF-1.7"]
    assert [is_image(raw) for raw in images] == [True] * len(images)
    assert [is_image(raw) for raw in others] == [False] * len(others)
    for raw in others:
        with pytest.raises(DocumentRefused) as caught:
            unbake(raw)
        assert caught.value.code == "not-an-image"
    for unbake_as, image in ((unbake_svg, png), (unbake_png, SVG)):
        with pytest.raises(DocumentRefused) as caught:
            unbake_as(image)
        assert caught.value.code == "not-an-image"
