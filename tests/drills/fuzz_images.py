"""Broken images near to good ones: chunks of PNG with mended checksums, markup of SVG."""

from __future__ import annotations

import zlib
from random import Random

from tests.drills.fuzz_inputs import broken_bytes
from tests.drills.images import chunks, joined

# --- PNG -----------------------------------------------------------------------------------------------------------

_KINDS = (b"iTXt", b"tEXt", b"zTXt", b"IHDR", b"IDAT", b"IEND", b"acTL", b"\0\0\0\0", b"abcd", b"eXIf", b"iTXT")
_TEXTS = (b'{"name":"x"}', b"https://evil.example/badge", b"a.b.c", b"x", b"", b"\xff", b" {}\n", b"eyJ.e30.x" * 5)


def broken_png(rng: Random, raw: bytes) -> bytes:
    """Chunks added, dropped, moved, renamed and edited, their checksums mended; sometimes the bytes around them."""
    if rng.random() < 0.12:
        return broken_bytes(rng, raw)
    parts = chunks(raw)
    for _ in range(rng.choice((1, 1, 2, 3))):
        if not parts:
            break
        place, choice = rng.randrange(len(parts)), rng.randrange(9)
        kind, data = parts[place]
        if choice == 0:
            parts[place] = (rng.choice(_KINDS), data)
        elif choice == 1:
            parts[place] = (kind, broken_bytes(rng, data))
        elif choice == 2:
            del parts[place]
        elif choice == 3:
            parts.insert(rng.randrange(1, len(parts) + 1), parts[place])
        elif choice == 4:
            parts[1:-1] = rng.sample(parts[1:-1], len(parts[1:-1]))
        elif choice == 5:
            parts.insert(rng.randrange(len(parts) + 1), (rng.choice(_KINDS), rng.randbytes(rng.randrange(50))))
        elif choice == 6 and rng.random() < 0.1:
            parts[1:1] = [(b"IDAT", b"")] * rng.choice((100, 9_990, 10_100))
        else:
            parts.insert(rng.randrange(1, len(parts) + 1), (rng.choice(_KINDS[:3]), _text_data(rng)))
    made = joined(parts)
    return broken_bytes(rng, made) if rng.random() < 0.05 else made


def _text_data(rng: Random) -> bytes:
    text = rng.choice(_TEXTS)
    fields = rng.choice(
        (
            b"\0\0\0\0",
            b"\0\0",
            b"\x01\0\0\0",
            b"\0\x01\0\0",
            b"\0\0en\0x\0",
            b"",
            b"\0",
            b"\0\0" + b"\xff" * 9 + b"\0\0",
        )
    )
    packed = zlib.compress(text * 1000) if fields[:1] == b"\x01" else text
    return (
        rng.choice((b"openbadgecredential", b"openbadgecredential", b"openbadges", b"Comment", b""))
        + b"\0"
        + fields
        + packed
    )


# --- SVG -----------------------------------------------------------------------------------------------------------

_OB = "https://purl.imsglobal.org/ob/v3p0"
_MARKUP = (
    *("<!-- x -->", "<!---->", "<![CDATA[x]]>", "<?x y?>", "<script>alert(1)</script>", "<g>", "</g>", "<g/>", "&amp;"),
    *(
        "&x;",
        "&#0;",
        "&#65;",
        "]]>",
        "<![CDATA[",
        "\0",
        "\ufffe",
        '<g xmlns:x="urn:x" x:y="1"/>',
        '<a xmlns=""/>',
        "<x:/>",
    ),
    *("<style>a{}</style>", '<image href="http://x/"/>', "<g a='>' b=\"<\"/>", "<é/>", "<openbadges:credential>"),
    *(
        "</openbadges:credential>",
        '<openbadges:credential verify="a.b"/>',
        f'<credential xmlns="{_OB}">{{}}</credential>',
    ),
    f'<o:credential xmlns:o="{_OB}"><![CDATA[{{"a":1}}]]></o:credential>',
    *("<g>" * 99 + "</g>" * 99, "<g>" * 120 + "</g>" * 120, "<g/>" * 2000),
    "".join(f'<g xmlns:p{n}="urn:{n}">' for n in range(101)),
    "<g " + " ".join(f'a{n}="1"' for n in range(1001)) + "/>",
)
_BEFORE = (
    *("<?xml version='1.0'?>", "<?xml version='1.0' encoding='utf-16'?>", "\ufeff", "<!DOCTYPE svg>", "<!---->", "x"),
    "<?xml version='1.1' encoding='UTF-8' standalone='yes'?>",
    '<!DOCTYPE svg [<!ENTITY x "y">]>',
    '<!DOCTYPE svg SYSTEM "file:///etc/passwd">',
    '<!DOCTYPE svg [<!ENTITY a "aa"><!ENTITY b "&a;&a;"><!ENTITY x "&b;&b;">]>',
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x">',
)


def broken_svg(rng: Random, raw: bytes) -> bytes:
    """Elements, attributes, sections, entities and prefixes put in and taken out between the tags."""
    if rng.random() < 0.12:
        return broken_bytes(rng, raw)
    text = raw.decode("utf-8", "replace")
    for _ in range(rng.choice((1, 1, 2, 3))):
        cuts = [n for n, c in enumerate(text) if c in "<>"] or [0]
        place, choice = rng.choice(cuts), rng.randrange(9)
        if choice <= 3:
            at = place + (text[place : place + 1] == ">")
            text = text[:at] + rng.choice(_MARKUP) + text[at:]
        elif choice == 4:
            text = rng.choice(_BEFORE) + text if rng.random() < 0.5 else text.replace("\n", rng.choice(_MARKUP), 1)
        elif choice == 5:
            other = rng.choice(cuts)
            one, two = min(place, other), max(place, other) + 1
            text = text[:one] + rng.choice(("", text[one:two] * 2)) + text[two:]
        elif choice == 6:
            text = text.replace(
                *rng.choice((("openbadges:", "svg:"), (_OB, _OB + "/"), ("credential", "Credential"), ('"', "'")))
            )
        elif choice == 7:
            text = text.replace(
                *rng.choice(
                    (("<svg", "<s:svg xmlns:s='http://www.w3.org/2000/svg'"), ("xmlns", "xml:ns"), ("{", "&#123;"))
                )
            )
        else:
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice((" verify=", "<", ">", "&", '"', "/", ":", "\u2028", "𝒳")) + text[at:]
    return text.encode("utf-8", "surrogatepass")
