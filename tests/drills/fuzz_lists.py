"""Broken status lists near to good ones: the entry, the list credential, the gzip stream in it."""

from __future__ import annotations

import base64
import gzip
import json
import struct
import zlib
from random import Random

from tests.drills import spellings
from tests.drills.fuzz_inputs import broken_bytes, broken_json, broken_text, tree_put, value_put

PART = b"\n\n---\n\n"  # between a credential and the status list that it points to


def broken_status(rng: Random, raw: bytes) -> bytes:
    """The status entry, the list credential or the compressed bits in it, changed."""
    credential, listed = raw.split(PART)
    choice = rng.randrange(6)
    if choice == 0:
        document = json.loads(credential)
        entry = {"x": document["credentialStatus"]}
        (value_put if rng.random() < 0.7 else tree_put)(rng, entry)
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
    """An encodedList whose gzip stream is cut, flagged, doubled, padded, or a bomb (SEC-078, 081, 082)."""
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
