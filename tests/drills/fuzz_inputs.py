"""Broken input near to good input: bytes, JSON, tokens, chunks of PNG, markup of SVG, gzip streams, key documents.

Each function takes the dice and one good input, and returns another one that gets as far as possible into its parser.
"""

from __future__ import annotations

import base64
import gzip
import json
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

from tests.drills import spellings, structure, tokens
from tests.drills.mutants import document_kinds
from tests.drills.places import Document, altered, changed, copied, of_another_type, places
from tests.drills.specimens import Specimen, specimens

Mutate = Callable[[Random, bytes], bytes]

_INTERESTING = (
    b"\0",
    b"\xff" * 4,
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
    b'"',
    b"\\",
    b"\\u0000",
    b"{}",
    b"[]",
    b"<",
    b"&",
    b"-",
)
_INTERESTING += (
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"]]>",
    b"z",
    b"=",
    b".",
    b"\xc0\x80",
    b"\n",
    b"%00",
    b"1" * 40,
    b"\xf0\x9f\x8e\x89",
)


def broken_bytes(rng: Random, raw: bytes) -> bytes:
    """One to four edits: bits, bytes, blocks, cuts."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        if not raw:
            return rng.randbytes(rng.randrange(40))
        place, choice = rng.randrange(len(raw)), rng.randrange(7)
        end = min(len(raw), place + rng.choice((1, 2, 4, 16, 200)))
        if choice <= 1:
            raw = raw[:place] + bytes([raw[place] ^ (1 << rng.randrange(8))]) + raw[place + 1 :]
        elif choice == 2:
            raw = raw[:place] + rng.choice(_INTERESTING) + raw[place + rng.choice((0, 0, 1, 4)) :]
        elif choice == 3:
            raw = raw[:place] + raw[end:]
        elif choice == 4:
            raw = raw[:end] + raw[place:end] * rng.choice((1, 2, 30)) + raw[end:]
        elif choice == 5:
            raw = raw[:place] + rng.randbytes(end - place) + raw[end:]
        else:
            raw = raw[:place]
    return raw


# --- JSON ----------------------------------------------------------------------------------------------------------


def broken_json(rng: Random, raw: bytes) -> bytes:
    """A document with one to four changes of structure or text, or one that is big, deep or full of look-alikes."""
    if rng.random() < 0.15:
        return broken_bytes(rng, raw)
    document = json.loads(raw)
    if rng.random() < 0.03:
        return _huge(rng, document)
    for _ in range(rng.choice((1, 1, 2, 4))):
        with suppress(IndexError, ValueError):  # nothing left to change in this way
            rng.choice(_SMALL)(rng, document)
    if rng.random() < 0.4:
        with suppress(IndexError):
            return rng.choice(_RESPELL)(rng, document)
    return spellings.dumped(document).encode("utf-8", "surrogatepass")


def _value(rng: Random, document: Document) -> None:
    place = rng.choice(places(document))
    place.put((changed if rng.random() < 0.5 else of_another_type)(rng, place.value))


def _tree(rng: Random, document: Document) -> None:
    """A random tree of known words in the place of a value."""
    words = [
        *{str(place.key) for place in places(document)},
        "@value",
        "@type",
        "@language",
        "@list",
        "id",
        "type",
        "x",
    ]
    values = [place.value for place in places(document) if not isinstance(place.value, dict | list)] or ["x"]

    def grow(depth: int) -> Any:
        if depth == 0 or rng.random() < 0.4:
            return rng.choice(values)
        if rng.random() < 0.4:
            return [grow(depth - 1) for _ in range(rng.randrange(4))]
        return {rng.choice(words): grow(depth - 1) for _ in range(rng.randrange(5))}

    rng.choice(places(document)).put(grow(4))


def _cut(rng: Random, document: Document) -> None:
    place = rng.choice(places(document))
    del place.holder[place.key]


_SMALL: tuple[Callable[[Random, Document], object], ...] = (
    _value,
    _value,
    _tree,
    _cut,
    structure.wrapped,
    structure.moved,
)
_SMALL += (structure.value_object, structure.null_added, structure.doubled, structure.swapped, structure.undefined_term)


_RESPELL = (spellings.spaced, spellings.escaped, spellings.name_doubled, spellings.number_respelled, spellings.encoded)


def _huge(rng: Random, document: Document) -> bytes:
    """Near a bound or beyond: depth, nodes, length, digits, blank nodes that look alike (SEC-004, 022)."""
    size = rng.choice((30, 33, 200, 5_000, 100_000))
    choice = rng.randrange(8)
    if choice == 0:
        return b'{"a":' * size + b"1" + b"}" * rng.choice((size, size - 1, 0))
    if choice == 1:
        return spellings.dumped({**document, "name": ["x"] * size}).encode()
    if choice == 2:
        return spellings.dumped({**document, "name": "x\n" * size}).encode()
    if choice == 3:
        return b'{"a":' + b"9" * size + b"}"
    if choice == 4:
        return spellings.dumped({**document, **{f"m{n}": n for n in range(min(size, 20_000))}}).encode()
    if choice == 5:
        return b"[" * size + b"]" * rng.choice((size, 0))
    if choice == 6:
        return b'{"' + b"\\" * size + b'":1}'
    same = {"type": ["Evidence"], "name": "x"}
    nested: Any = same
    for _ in range(rng.choice((1, 3, 10))):
        nested = {
            "type": ["Achievement"],
            "related": [copied(nested) for _ in range(rng.choice((1, 2)))],
            "creator": same,
        }
    many = [copied(same) for _ in range(min(size, 1_200))]
    return spellings.dumped({**document, "evidence": rng.choice((many, nested, [nested] * 20))}).encode()


# --- tokens, multibase ---------------------------------------------------------------------------------------------

_TOKENS = {one.raw: one for one in specimens() if one.is_token}
_EDITS: tuple[Callable[[Random, Specimen], bytes | None], ...] = (
    tokens.header_changed,
    tokens.payload_respelled,
    tokens.signature_changed,
    tokens.loosely_encoded,
    tokens.claim_conflict,
    tokens.forbidden_header,
    tokens.hidden_word,
    tokens.by_a_stranger,
)


def broken_token(rng: Random, raw: bytes) -> bytes:
    """Another header, payload or signature in sound base64url; sometimes broken outside it."""
    specimen = _TOKENS.get(raw)
    if specimen is None or rng.random() < 0.1:
        return broken_bytes(rng, raw)
    choice = rng.randrange(4)
    header, payload, signature = tokens.parts(raw)
    if choice == 0:
        return rng.choice(_EDITS)(rng, specimen) or raw[:-1]
    if choice == 1:
        return tokens.with_payload(raw, broken_json(rng, tokens.decode(payload)))
    if choice == 2:
        return b".".join((tokens.encode(broken_json(rng, tokens.decode(header))), payload, signature))
    kinds = document_kinds()
    return tokens.segments(rng, specimen, specimen) or rng.choice(kinds).make(rng, specimen) or raw[1:]


def broken_text(rng: Random, raw: bytes) -> bytes:
    """A short text of one alphabet with characters lost, doubled, alike or foreign, and a prefix too many."""
    text = raw.decode("utf-8", "replace")
    for _ in range(rng.choice((1, 1, 2, 3))):
        text = rng.choice(
            (
                altered(rng, text),
                text[:1] + "1" * rng.choice((1, 3, 200)) + text[1:],
                "z" + text,
                text[:-1] + rng.choice("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
                text[: rng.randrange(len(text) + 1)]
                + rng.choice("zZ9A1O0Il-_=+ é")
                + text[rng.randrange(len(text) + 1) :],
                f"did:key:{text}",
                text.removeprefix("did:key:"),
            )
        )
    return text.encode("utf-8", "surrogatepass")


# --- PNG -----------------------------------------------------------------------------------------------------------

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KINDS = (b"iTXt", b"tEXt", b"zTXt", b"IHDR", b"IDAT", b"IEND", b"acTL", b"\0\0\0\0", b"abcd", b"eXIf", b"iTXT")
_TEXTS = (b'{"name":"x"}', b"https://evil.example/badge", b"a.b.c", b"x", b"", b"\xff", b" {}\n", b"eyJ.e30.x" * 5)


def chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    found, place = [], len(_SIGNATURE)
    while place + 8 <= len(png):
        (length,) = struct.unpack_from(">I", png, place)
        found.append((png[place + 4 : place + 8], png[place + 8 : place + 8 + length]))
        place += 12 + length
    return found


def joined(parts: list[tuple[bytes, bytes]]) -> bytes:
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


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
    "<!-- x -->", "<!---->", "<![CDATA[x]]>", "<?x y?>", "<script>alert(1)</script>", "<g>", "</g>", "<g/>", "&amp;", "&x;", "&#0;", "&#x41;",
    '<openbadges:credential verify="a.b.c"/>', f'<o:credential xmlns:o="{_OB}"><![CDATA[{{"a":1}}]]></o:credential>',
    f'<credential xmlns="{_OB}">{{}}</credential>', "<openbadges:credential>", "</openbadges:credential>", "]]>", "<![CDATA[", "\0", "\ufffe",
    '<g xmlns:x="urn:x" x:y="1"/>', '<a xmlns=""/>', "<x:y/>", "<style>a{}</style>", '<image href="http://x/"/>', "<g a='>' b=\"<\"/>", "<é/>",
    "<g>" * 99 + "</g>" * 99, "<g>" * 120 + "</g>" * 120, "<g/>" * 2000, "".join(f'<g xmlns:p{n}="urn:{n}">' for n in range(101)),
    "<g " + " ".join(f'a{n}="1"' for n in range(1001)) + "/>",
)  # fmt: skip
_BEFORE = (
    "<?xml version='1.0'?>", "<?xml version='1.0' encoding='utf-16'?>", "<?xml version='1.1' encoding='UTF-8' standalone='yes'?>", "\ufeff",
    "<!DOCTYPE svg>", '<!DOCTYPE svg [<!ENTITY x "y">]>', '<!DOCTYPE svg SYSTEM "file:///etc/passwd">', "<!-- -->", "\n", "x",
    '<!DOCTYPE svg [<!ENTITY a "aa"><!ENTITY b "&a;&a;"><!ENTITY x "&b;&b;">]>', '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x">',
)  # fmt: skip


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


# --- key documents and status lists --------------------------------------------------------------------------------


def broken_key_document(rng: Random, raw: bytes) -> bytes:
    """A DID document with methods doubled, moved, embedded, retyped or in great number."""
    if rng.random() < 0.6:
        return broken_json(rng, raw)
    document = json.loads(raw)
    methods = document["verificationMethod"]
    method, choice = rng.choice(methods), rng.randrange(8)
    relationship = rng.choice(("assertionMethod", "authentication", "keyAgreement", "capabilityInvocation"))
    if choice == 0:
        methods.append({**method, "publicKeyMultibase": altered(rng, str(method.get("publicKeyMultibase", "z6Mk")))})
    elif choice == 1:
        document[relationship] = [method]
        document["verificationMethod"] = [one for one in methods if one is not method]
    elif choice == 2:
        method[rng.choice(list(method))] = of_another_type(rng, rng.choice(list(method.values())))
    elif choice == 3:
        document["verificationMethod"] = [
            {**method, "id": f"{method['id']}{n}"} for n in range(rng.choice((64, 65, 1_000)))
        ]
    elif choice == 4:
        method[rng.choice(("expires", "revoked", "secretKeyMultibase", "publicKeyJwk", "controller"))] = rng.choice(
            ("2026-09-18T00:00:00Z", "never", None, 1, {"kty": "OKP"}, {"kty": "RSA", "n": "AQAB", "e": "AQAB"}, [])
        )
    elif choice == 5:
        document[relationship] = rng.choice(
            (document["assertionMethod"] * 2, method["id"], [1], {}, [None], ["#x"], [{}])
        )
    elif choice == 6:
        document["id"] = rng.choice((document["id"] + "/", document["id"].upper(), [document["id"]], None, ""))
    else:
        method["id"] = rng.choice(
            ("#x", "x", "did:web:a#b#c", f"{document['id']}#\u200b", 1, "https://a.example#k", "")
        )
    return spellings.dumped(document).encode("utf-8", "surrogatepass")


PART = b"\n\n---\n\n"  # between a credential and the status list that it points to


def broken_status(rng: Random, raw: bytes) -> bytes:
    """The status entry, the list credential or the compressed bits in it, changed."""
    credential, listed = raw.split(PART)
    choice = rng.randrange(6)
    if choice == 0:
        document = json.loads(credential)
        entry = {"x": document["credentialStatus"]}
        (_value if rng.random() < 0.7 else _tree)(rng, entry)
        document["credentialStatus"] = entry.get("x")
        credential = spellings.dumped(document).encode("utf-8", "surrogatepass")
    elif choice == 1:
        listed = broken_json(rng, listed)
    else:
        document = json.loads(listed)
        subject = document["credentialSubject"]
        subject["encodedList"] = broken_list(rng, subject["encodedList"].encode()).decode("utf-8", "replace")
        listed = spellings.dumped(document).encode("utf-8", "surrogatepass")
    return credential + PART + listed


def broken_list(rng: Random, raw: bytes) -> bytes:
    """An encodedList whose gzip stream is cut, flagged, doubled, padded, a bomb, or of another kind (SEC-078, 081, 082)."""
    if rng.random() < 0.15:
        return broken_text(rng, raw[:200]) + raw[200:]
    packed = base64.urlsafe_b64decode(raw[1:] + b"=" * (-len(raw[1:]) % 4))
    bits = gzip.decompress(packed)
    choice = rng.choice((*range(11), 5, 8, 10, 10, 10, 10, 10))
    if choice == 0:
        made = broken_bytes(rng, packed)
    elif choice == 1:
        made = packed[: rng.randrange(len(packed))]
    elif choice == 2:
        made = packed + rng.choice((packed, b"\0", b"\0" * 8, gzip.compress(b""), b"x"))
    elif choice == 3:
        flags = rng.randrange(256)
        extra = rng.choice((b"", b"\x04\0abcd", b"\xff\xff", b"name\0", b"name\0comment\0\0\0"))
        made = packed[:3] + bytes([flags]) + packed[4:10] + extra + packed[10:]
    elif choice == 4:
        made = rng.choice((zlib.compress(bits), zlib.compress(bits, wbits=-15), bits[:40], b"BZh9" + packed[4:]))
    elif choice == 5:
        made = gzip.compress(b"\0" * rng.choice((0, 1, 16_383, 16_384, 1_048_576, 1_048_577, 9_000_000)), mtime=0)
    elif choice == 6:
        made = packed[:-8] + rng.randbytes(4) + packed[-4:]
    elif choice == 7:
        made = packed[:-4] + struct.pack("<I", rng.choice((0, len(bits) - 1, 2**32 - 1)))
    elif choice == 8:
        made = gzip.compress(
            rng.randbytes(rng.choice((16_384, 20_000, 100_000))), rng.randrange(10), mtime=rng.randrange(2**31)
        )
    elif choice == 9:
        made = gzip.compress(gzip.compress(bits))
    else:
        changed_bits = bytearray(bits)
        changed_bits[rng.randrange(len(bits))] ^= 1 << rng.randrange(8)
        made = gzip.compress(bytes(changed_bits), mtime=0)
    text = base64.urlsafe_b64encode(made).rstrip(b"=")
    if rng.random() < 0.9:
        return b"u" + text
    return rng.choice((b"u", b"", b"m", b"U", b"uu")) + text + rng.choice((b"", b"=", b"A", b"\n"))
