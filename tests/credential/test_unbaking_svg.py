"""Hostile and damaged SVG badges. The numbers are those of the catalogue."""

from __future__ import annotations

import contextlib
import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refolio.credential.baking import MAX_IMAGE_BYTES, bake_svg, unbake, unbake_svg
from refolio.errors import DocumentRefused
from tests.credential.drawings import CARRIED, DRAWING, MAYA, NS, OB, baking, code, svg


@contextlib.contextmanager
def bounded(seconds: float, megabytes: int) -> Iterator[None]:
    tracemalloc.start()
    started = time.process_time()
    yield
    assert time.process_time() - started < seconds
    assert tracemalloc.get_traced_memory()[1] < megabytes * 2**20
    tracemalloc.stop()


@pytest.mark.parametrize(
    "image",
    [
        svg(f"\n  <openbadges:credential>\n<![CDATA[\n{MAYA.decode()}\n]]>\n</openbadges:credential>"),
        svg(f"<path d=''/>{CARRIED}"),
        svg('<openbadges:credential>{&quot;name&quot;:<![CDATA["Ma]]>ya&#34;}</openbadges:credential>'),
        svg(
            f"<c:credential xmlns:c='https://purl.imsglobal.org/ob/v3p0'>{MAYA.decode()}</c:credential>", attributes=NS
        ),
        svg(f"<credential xmlns='https://purl.imsglobal.org/ob/v3p0'>{MAYA.decode()}</credential>", attributes=NS),
        svg(before='<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://127.0.0.1:9/svg11.dtd">'),
    ],
)
def test_credentials_as_others_bake_them(image: bytes) -> None:
    assert unbake(image).strip() == MAYA


def test_sec_127_what_only_looks_like_a_credential_is_not_one() -> None:
    for inside in (
        f"<!-- {CARRIED.replace('--', '')} -->",
        "<desc><![CDATA[<openbadges:credential>{}</openbadges:credential>]]></desc>",
        '<openbadges:credential xmlns:openbadges="http://openbadges.org" verify="a.b.c"/>',
        '<openbadges:assertion verify="a.b.c"/>',
        '<credential verify="a.b.c"/>',
    ):
        assert code(svg(inside)) == "no-credential"
        assert unbake(svg(inside + CARRIED)) == MAYA


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (CARRIED + CARRIED, "two-credentials"),
        (CARRIED + f"<g>{CARRIED}</g>", "two-credentials"),
        (CARRIED + '<o:credential xmlns:o="https://purl.imsglobal.org/ob/v3p0"/>', "two-credentials"),
        ('<openbadges:credential verify="a.b.c">{}</openbadges:credential>', "two-credentials"),
        (f"<g>{CARRIED}</g>", "misplaced-credential"),
        ("<openbadges:credential/>", "not-a-credential"),
        ('<openbadges:credential verify=""/>', "not-a-credential"),
        ('<openbadges:credential verify="{}"/>', "not-a-credential"),
        ('<openbadges:credential verify="&#x61;.b.c"/>', "not-a-credential"),
        ("<openbadges:credential>a.b.c</openbadges:credential>", "not-a-credential"),
        ("<openbadges:credential>{<x/>}</openbadges:credential>", "not-a-credential"),
        (f"<openbadges:credential>{CARRIED}</openbadges:credential>", "not-a-credential"),
        ('<openbadges:credential verify="https://acme.example/1"/>', "url-instead-of-credential"),
        ("<openbadges:credential> http://169.254.169.254/ </openbadges:credential>", "url-instead-of-credential"),
        (f"<openbadges:credential>{{{' ' * 2**19}</openbadges:credential>", "too-large"),
        (f'<openbadges:credential verify="a.b.{"c" * 2**19}"/>', "too-large"),
    ],
)
def test_sec_145_one_credential_in_one_place_in_one_form(inside: str, expected: str) -> None:
    assert code(svg(inside)) == expected


@pytest.mark.parametrize(
    ("before", "inside"),
    [
        ('<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;"),
        ('<!DOCTYPE svg [<!ENTITY x "y">]>', ""),
        ('<!DOCTYPE svg [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>', ""),
        ('<!DOCTYPE svg [<!ATTLIST svg onload CDATA "alert(1)">]>', ""),
        ("<!DOCTYPE svg []>", ""),
        ('<!DOCTYPE svg SYSTEM "http://127.0.0.1:9/x.dtd">', "&x;"),
        ('<!DOCTYPE svg SYSTEM "http://127.0.0.1:9/x.dtd">', "<openbadges:credential>{&x;}</openbadges:credential>"),
    ],
)
def test_sec_147_document_types_and_entities(before: str, inside: str) -> None:
    image = svg(inside, before=before)
    assert code(image) == "document-type"
    assert baking(image) == "document-type"


def test_sec_147_billion_laughs() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    with bounded(0.2, 4):
        assert code(svg("&l11;", before=f'<!DOCTYPE svg [<!ENTITY l0 "ha">{laughs}]>')) == "document-type"


@pytest.mark.parametrize(
    "image",
    [
        svg("<g>" * 20_000 + CARRIED + "</g>" * 20_000),
        svg("<g>" * 1_700_000),
        svg("<g/>" * 1_200_000),
        # Names of namespaces: expat's own resolution writes them out for every element that uses them.
        svg("<x:a/>" * 600_000, attributes=f"{NS} xmlns:x='{'u' * 1_000_000}'"),
        svg(
            "<x:a " + " ".join(f"x:a{n}=''" for n in range(300_000)) + "/>", attributes=f"{NS} xmlns:x='{'u' * 10**6}'"
        ),
        svg(attributes=f"{NS} {OB} " + " ".join(f"xmlns:a{n}='u'" for n in range(250_000))),
        svg("<g xmlns:a='u'>" * 99 + "<g xmlns:b='u'/>" * 200_000, attributes=NS),
    ],
    ids=["20,000 levels", "all levels", "elements", "long namespace", "its attributes", "prefixes", "scopes"],
)
@pytest.mark.parametrize("act", [unbake, lambda image: bake_svg(image, MAYA)], ids=["unbake", "bake"])
def test_sec_147_work_and_memory_are_bounded(image: bytes, act: Callable[[bytes], object]) -> None:
    assert len(image) <= 5.3e6
    with bounded(4, 200), contextlib.suppress(DocumentRefused):
        act(image[:MAX_IMAGE_BYTES])


def test_sec_147_depth_and_number() -> None:
    assert unbake(svg(CARRIED + "<g>" * 99 + "</g>" * 99)) == MAYA
    assert code(svg(CARRIED + "<g>" * 100 + "</g>" * 100)) == "too-complex"
    assert code(svg(CARRIED + "<g/>" * 50_000)) == "too-complex"
    assert code(svg("<g>" * 20_000 + CARRIED + "</g>" * 20_000)) == "too-complex"
    assert code(svg(attributes=f"{NS} {OB} " + " ".join(f"xmlns:a{n}='u'" for n in range(100)))) == "too-complex"
    assert code(svg(CARRIED + "<g " + " ".join(f"a{n}=''" for n in range(1_001)) + "/>")) == "too-complex"


def test_sec_147_images_beyond_the_bound() -> None:
    space = " " * (MAX_IMAGE_BYTES - len(svg()))
    assert unbake(svg(CARRIED + space)) == MAYA
    assert code(svg(CARRIED + space + " ")) == "image-too-large"
    assert baking(svg(space + " ", attributes=NS)) == "image-too-large"


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (svg(before='<?xml version="1.0" encoding="UTF-16"?>'), "not-utf-8"),
        (svg(before='<?xml version="1.0" encoding="iso-8859-1"?>'), "not-utf-8"),
        (svg(before='<?xml version="1.0" encoding="UTF-7"?>'), "not-utf-8"),
        (svg().decode().encode("utf-16"), "not-an-image"),
        (svg("\xff").decode().encode("latin-1"), "bad-xml"),
        (svg("\0"), "bad-xml"),
        (svg("&nbsp;"), "bad-xml"),
        (svg("<g>"), "bad-xml"),
        (svg("<x:g/>"), "bad-xml"),
        (svg("<g a='1' a='2'/>"), "bad-xml"),
        (svg() + b"<svg/>", "bad-xml"),
        (svg() + b"PK\3\4", "bad-xml"),
        (svg()[:-1], "bad-xml"),
        (svg(attributes=OB), "not-an-image"),
        (svg(attributes=f'xmlns="http://www.w3.org/1999/xhtml" {OB}'), "not-an-image"),
        (b'<?xml version="1.0"?><html/>', "not-an-image"),
        (DRAWING, "no-credential"),
    ],
)
def test_sec_147_what_is_not_a_plain_svg(image: bytes, expected: str) -> None:
    assert code(image) == expected


@given(st.data())
def test_sec_147_damaged_images_are_refused_or_read_never_anything_else(data: st.DataObject) -> None:
    image = bytearray(svg("<!-- x --><g class='a'>&amp;</g>" + CARRIED, before='<?xml version="1.0"?>'))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(image)))
        piece = st.binary(max_size=3) | st.sampled_from(
            [b"<", b">", b"]]>", b"<g>", b"</g>", b"&", b"/", b"<!", b"<?", b"'"]
        )
        image[at : at + data.draw(st.integers(0, 5))] = data.draw(piece)
    for act in (unbake_svg, lambda raw: bake_svg(raw, MAYA)):
        with contextlib.suppress(DocumentRefused):
            assert act(bytes(image))
