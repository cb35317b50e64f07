"""Broken input near to good input: bytes, JSON, tokens, multibase texts, key documents.

Each function takes the dice and one good input, and returns another one that gets as far as possible into its parser.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

from tests.drills import forged_tokens, spellings, structure, tokens
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
            document = copied(document)  # nothing stands in two places as one object
    if rng.random() < 0.4:
        with suppress(IndexError):
            return rng.choice(_RESPELL)(rng, document)
    return spellings.dumped(document).encode("utf-8", "surrogatepass")


def value_put(rng: Random, document: Document) -> None:
    place = rng.choice(places(document))
    place.put((changed if rng.random() < 0.5 else of_another_type)(rng, place.value))


def tree_put(rng: Random, document: Document) -> None:
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
    value_put,
    value_put,
    tree_put,
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
    forged_tokens.claim_conflict,
    forged_tokens.forbidden_header,
    forged_tokens.hidden_word,
    forged_tokens.by_a_stranger,
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
