"""Bitstring status lists: one bit per credential, compressed, published as a credential of its own.

Bit 0 is the left-most bit of the first byte. The codes of StatusListRefused are the W3C's error names.
Source: Bitstring Status List 1.0 §2.2, §3.3, §3.4.
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from refolio.credential import timestamps
from refolio.credential.reading import JSON
from refolio.errors import StatusListRefused

MINIMUM_ENTRIES = 131_072  # fewer would point at the holder (§2.2, herd privacy)
MAX_BYTES = 1024 * 1024  # of the bitstring: 8,388,608 entries

CONTEXT = "https://www.w3.org/ns/credentials/v2"

# Level 6 makes a list in a fifteenth of the time of level 9 at the same size. No time, no file name, operating system
# "unknown": the same bits always give the same text from the same zlib.
_LEVEL = 6
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_GZIP = 16 + zlib.MAX_WBITS
_INDEX = re.compile("0|[1-9][0-9]{0,9}")


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """A document's place in a status list; ``explanation`` is a URL, if any, that tells why the bit is set."""

    list_url: str
    index: int
    explanation: str | None = None

    def members(self) -> dict[str, JSON]:
        """The ``credentialStatus`` of the document."""
        entry: dict[str, JSON] = {
            "id": f"{self.list_url}#{self.index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(self.index),
            "statusListCredential": self.list_url,
        }
        return entry if self.explanation is None else {**entry, "statusReference": self.explanation}


def with_bits(length: int, indexes: Iterable[int]) -> bytes:
    """Return a bitstring of ``length`` bits, a multiple of 8, in which the bits at ``indexes`` are set.

    Raises StatusListRefused ``STATUS_LIST_LENGTH_ERROR`` for a length that cannot be published, ``RANGE_ERROR`` for an
    index outside the list.
    """
    if length % 8:
        raise StatusListRefused("STATUS_LIST_LENGTH_ERROR", "The length of a status list must be a multiple of 8.")
    _require_length(length // 8)
    bits = bytearray(length // 8)
    for index in indexes:
        _require_in_range(bits, index)
        bits[index >> 3] |= 0x80 >> (index & 7)
    return bytes(bits)


def is_set(bits: bytes, index: int) -> bool:
    """Whether bit ``index``, counted from the left-most, is set. Raises StatusListRefused ``RANGE_ERROR``."""
    _require_in_range(bits, index)
    return bool(bits[index >> 3] & (0x80 >> (index & 7)))


def parse_index(text: JSON) -> int:
    """Return the ``statusListIndex`` of a status entry: a string of decimal digits, without sign or leading zero.

    Raises StatusListRefused ``MALFORMED_VALUE_ERROR``.
    """
    if not isinstance(text, str) or not _INDEX.fullmatch(text):
        raise StatusListRefused("MALFORMED_VALUE_ERROR", "statusListIndex must be a whole number written as a string.")
    return int(text)


def encode(bits: bytes) -> str:
    """Return the ``encodedList`` of a bitstring: ``u`` and the base64url, without padding, of its GZIP.

    Raises StatusListRefused ``STATUS_LIST_LENGTH_ERROR`` for fewer than 131,072 entries or more than 1 MiB.
    """
    _require_length(len(bits))
    deflate = zlib.compressobj(_LEVEL, wbits=-zlib.MAX_WBITS)
    trailer = struct.pack("<II", zlib.crc32(bits), len(bits))
    packed = _GZIP_HEADER + deflate.compress(bits) + deflate.flush() + trailer
    return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def decode(encoded: str) -> bytes:
    """Return the bitstring of an ``encodedList``.

    Raises StatusListRefused as unpack() does, and ``STATUS_LIST_LENGTH_ERROR`` for fewer than 131,072 entries.
    """
    bits = unpack(encoded)
    require_length(bits)
    return bits


def unpack(encoded: str) -> bytes:
    """Return the bitstring of an ``encodedList``, however short it is.

    One GZIP member, complete, with nothing after it, is unpacked to at most 1 MiB; base64url is read strictly.
    Raises StatusListRefused ``MALFORMED_VALUE_ERROR`` for anything else.
    """
    packed = _from_base64url(encoded)
    gzip = zlib.decompressobj(_GZIP)
    try:
        bits = gzip.decompress(packed, MAX_BYTES + 1)
    except zlib.error:
        raise _malformed("is not GZIP, or its checksum does not fit") from None
    if len(bits) > MAX_BYTES:
        raise _malformed(f"unpacks to more than {MAX_BYTES:,} bytes")
    if not gzip.eof:
        raise _malformed("is cut off")
    if gzip.unused_data:
        raise _malformed("goes on after its end")
    return bits


def require_length(bits: bytes) -> None:
    """Raise StatusListRefused ``STATUS_LIST_LENGTH_ERROR`` for a list that hides nobody in it (§2.2, herd privacy)."""
    _require_length(len(bits))


def compose(
    *, list_id: str, issuer: str, valid_from: str, valid_until: str, bits: bytes, purpose: str = "revocation"
) -> dict[str, JSON]:
    """Return the unsigned BitstringStatusListCredential that publishes ``bits`` at the URL ``list_id``.

    ``issuer`` must be the issuer of the credentials that point here; ``valid_from`` and ``valid_until`` are
    dateTimeStamps, and verifiers do not use the list after the second. ``purpose`` is a plain string, because public
    verifiers compare it with one.

    Raises DocumentRefused ``timestamp``, StatusListRefused ``RANGE_ERROR`` if the validity ends before it begins, and
    what encode() raises.
    """
    if timestamps.parse(valid_until) <= timestamps.parse(valid_from):
        raise StatusListRefused("RANGE_ERROR", "The status list must be valid for some time.")
    return {
        "@context": [CONTEXT],
        "id": list_id,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": valid_from,
        "validUntil": valid_until,
        "credentialSubject": {
            "id": f"{list_id}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": encode(bits),
        },
    }


def _from_base64url(encoded: str) -> bytes:
    text = encoded[1:]
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:  # also binascii.Error
        packed = b""
    # Python skips foreign characters and ignores spare bits; only what is spelled exactly so comes back the same.
    if encoded[:1] != "u" or not packed or base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii") != text:
        raise _malformed("is not “u” and base64url without padding")
    return packed


def _require_length(size: int) -> None:
    if size * 8 < MINIMUM_ENTRIES:
        raise StatusListRefused(
            "STATUS_LIST_LENGTH_ERROR",
            f"The status list has {size * 8:,} entries; at least {MINIMUM_ENTRIES:,} are required.",
        )
    if size > MAX_BYTES:
        raise StatusListRefused("STATUS_LIST_LENGTH_ERROR", f"The status list has more than {MAX_BYTES * 8:,} entries.")


def _require_in_range(bits: bytes | bytearray, index: int) -> None:
    if not 0 <= index < len(bits) * 8:
        raise StatusListRefused(
            "RANGE_ERROR", f"Index {index} lies outside the status list of {len(bits) * 8:,} entries."
        )


def _malformed(why: str) -> StatusListRefused:
    return StatusListRefused("MALFORMED_VALUE_ERROR", f"The encodedList {why}.")
