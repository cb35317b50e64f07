"""Baking into SVG: what is written, and which drawings are not touched. The numbers are those of the catalogue."""

from __future__ import annotations

import pytest

from refolio.credential.baking import bake_svg, unbake
from refolio.errors import DocumentRefused
from tests.credential.drawings import CARRIED, DRAWING, MAYA, NS, OB, baking, svg

OPEN_BADGES = "https://purl.imsglobal.org/ob/v3p0"


def test_the_credential_is_the_first_child_and_the_rest_stays_as_it_was() -> None:
    assert bake_svg(DRAWING, MAYA).decode() == (f'<svg {OB} {NS} viewBox="0 0 9 9">{CARRIED}<path d="M0 0h9"/></svg>')
    assert bake_svg(DRAWING, b"a.b.c").decode() == (
        f'<svg {OB} {NS} viewBox="0 0 9 9">'
        '<openbadges:credential verify="a.b.c"></openbadges:credential><path d="M0 0h9"/></svg>'
    )


@pytest.mark.parametrize(
    "drawing",
    [
        f"<svg {NS}/>",
        f"<svg\n{NS}\n/>",
        f"<svg {NS} aria-label='a > b' class=\"x/>\"></svg>",
        f'\ufeff<?xml version="1.0" encoding="UTF-8"?>\r\n<!-- <svg> --><svg {NS} {OB}>\n<title>é&#233;</title></svg>',
        '<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:g><s:svg/></s:g></s:svg>',
        f"<svg {NS}><metadata><r:RDF xmlns:r='urn:r'><x xmlns=''/></r:RDF></metadata><use href='#a'/></svg>",
        f"<svg {NS} fill='url(#a)'><style>path {{ fill: url( \"#b\" ) }}</style></svg>",
        f"<svg {NS}><image href='data:image/png;base64,iVBORw0KGgo='/></svg>",
    ],
)
@pytest.mark.parametrize("credential", [MAYA, b"a.b.c"])
def test_sec_146_every_way_to_spell_a_drawing(drawing: str, credential: bytes) -> None:
    image = drawing.encode()
    baked = bake_svg(image, credential)
    assert unbake(baked) == credential
    assert bake_svg(baked, b"d.e.f") == bake_svg(image, b"d.e.f")


def test_sec_146_credentials_of_others_are_replaced_wherever_they_stand() -> None:
    old = '<o:credential xmlns:o="https://purl.imsglobal.org/ob/v3p0" verify="{}"'
    image = svg(f"<g>{old} />1</g>{old}>\n</o:credential >2{CARRIED}3", attributes=f"{NS} {OB}")
    assert bake_svg(image, b"a.b.c") == svg(
        '<openbadges:credential verify="a.b.c"></openbadges:credential><g>1</g>23', attributes=f"{NS} {OB}"
    )


def test_a_prefix_in_other_use_is_not_taken_over() -> None:
    assert baking(f'<svg {NS} xmlns:openbadges="http://openbadges.org"/>') == "prefix-taken"
    assert unbake(bake_svg(f'<svg {NS}><g xmlns:openbadges="urn:x"/></svg>'.encode(), MAYA)) == MAYA


def test_sec_127_text_cannot_break_out() -> None:
    credential = b'{"a":"]]>","]]>":["]]></openbadges:credential><script>alert(1)</script>","]]\\u003e","<!--"]}'
    baked = bake_svg(DRAWING, credential)
    assert baked.count(b"]]>") == 1
    assert unbake(baked) == credential.replace(b"]]>", b"]]\\u003e")
    for attack in (b'a.b.c"onload="x', b'a.b.c"><script/>', b"a.b.<c>", b"a.b.c&#34;"):
        with pytest.raises(DocumentRefused):
            bake_svg(DRAWING, attack)


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<script xlink:href='https://evil.example/x.js' xmlns:xlink='http://www.w3.org/1999/xlink'/>",
        "<foreignObject><b xmlns='http://www.w3.org/1999/xhtml'>x</b></foreignObject>",
        "<metadata><h:iframe src='#' xmlns:h='http://www.w3.org/1999/xhtml'/></metadata>",
        "<metadata><script xmlns='http://www.w3.org/1999/xhtml'>alert(1)</script></metadata>",
        "<g onload='alert(1)'/>",
        "<g ONCLICK='alert(1)'/>",
        "<a href='javascript:alert(1)'><text>x</text></a>",
        "<use href='https://evil.example/x.svg#a'/>",
        "<use x:href=' java&#10;script:alert(1)' xmlns:x='http://www.w3.org/1999/xlink'/>",
        "<image href='//evil.example/pixel.png'/>",
        "<image href='data:image/svg+xml,&lt;svg/>'/>",
        "<use xml:base='https://evil.example/' href='#a'/>",
        "<animate attributeName='href' values='javascript:alert(1)'/>",
        "<set attributeName='onclick' to='alert(1)'/>",
        "<path fill='url(https://evil.example/a#b)'/>",
        "<path style='background:URL( \"//evil.example/\")'/>",
        "<path style='background:u\\72l(//evil.example/)'/>",
        "<path style='background:u/**/rl(//evil.example/)'/>",
        "<path style='background:image-set(\"//evil.example/\" 1x)'/>",
        "<style>@import 'https://evil.example/x.css';</style>",
        "<style>@im<![CDATA[port]]> 'https://evil.example/x.css';</style>",
        "<style>a{b:u<!-- -->rl(//evil.example/)}</style>",
        "<style>a{b:u<desc>x</desc>rl(//evil.example/)}</style>",
        f"<style>a{{b:url(//evil.example/)}}<credential xmlns='{OPEN_BADGES}' verify='a.b.c'/></style>",
        "<?xml-stylesheet href='https://evil.example/x.xsl' type='text/xsl'?>",
    ],
)
def test_sec_126_active_drawings_are_not_baked_and_do_nothing_when_read(inside: str) -> None:
    assert baking(svg(inside, attributes=NS)) == "active-content"
    if "verify" not in inside:
        assert unbake(svg(CARRIED + inside)) == MAYA


def test_sec_126_nor_those_that_are_active_around_the_drawing() -> None:
    assert baking(f"<svg {NS} onload='alert(1)'/>") == "active-content"
    assert baking(f"<?xml version='1.0'?><?xml-stylesheet href='x.css'?><svg {NS}/>") == "active-content"
    # With this name browsers know &lpar; as "(", and expat leaves it out without a word.
    mathml = '<!DOCTYPE svg PUBLIC "-//W3C//DTD XHTML 1.1 plus MathML 2.0//EN" "x">'
    assert baking(f"{mathml}<svg {NS}><path style='b:url&lpar;//evil.example/)'/></svg>") == "document-type"
