"""Status lists as weapons and as excuses: what examine() says, and what it costs (catalogue area 1.6)."""

from __future__ import annotations

import base64
import gzip
import time
import tracemalloc
import zlib
from contextlib import suppress
from typing import Any

import pytest

from refolio.credential.policy import DEFAULT
from refolio.credential.report import Outcome
from refolio.credential.status_list import MINIMUM_ENTRIES
from refolio.credential.verification import examine
from refolio.errors import DocumentRefused
from tests.credential.acme import (
    ACME,
    INDEX,
    JCS,
    NOW,
    RDFC,
    Document,
    as_bytes,
    examined,
    fetched,
    outcome,
    published,
    signed,
)
from tests.credential.completions import ACME_DID, LIST_URL

BITS = bytes(MINIMUM_ENTRIES // 8)


def spelled(packed: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def list_of(encoded: Any, **members: Any) -> Document:
    """Acme's own list, well signed, whose bits are spelled like this."""
    return ACME.status_list(change=lambda listed: listed["credentialSubject"].update(encodedList=encoded, **members))


def bomb(mebibytes: int = 256) -> bytes:
    """A GZIP of so many MiB of nothing, in about a kilobyte for each."""
    deflate = zlib.compressobj(9, wbits=-15)
    one = deflate.compress(bytes(1024 * 1024)) + deflate.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(BITS, mtime=0)[:10] + mebibytes * one + b"\x03\x00" + bytes(8)


def eight_lists() -> tuple[Document, dict[str, bytes]]:
    """A badge with as many status entries as are let in, each pointing at a bomb of its own."""
    urls = [f"{LIST_URL}/{number}" for number in range(8)]

    def change(content: Document) -> None:
        entry = content["credentialStatus"]
        content["credentialStatus"] = [{**entry, "id": f"{url}#1", "statusListCredential": url} for url in urls]

    packed = spelled(bomb())
    lists = {
        url: ACME.status_list(list_id=url, change=lambda listed: listed["credentialSubject"].update(encodedList=packed))
        for url in urls
    }
    return signed(change), {url: as_bytes(listed) for url, listed in lists.items()}


def test_sec_081_eight_bombs_at_once_cost_little() -> None:
    """Each unpacks to 256 MB; all are properly signed, and all stay packed."""
    document, lists = eight_lists()
    raw, found = as_bytes(document), published() | lists
    tracemalloc.start()
    report = examine(raw, found, DEFAULT, NOW)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert outcome(report) == ("inconclusive", 6, "MALFORMED_VALUE_ERROR")
    assert peak < 50 * 1024 * 1024
    started = time.process_time()
    examine(raw, found, DEFAULT, NOW)
    assert time.process_time() - started < 2


PACKED = gzip.compress(BITS, mtime=0)
ODD = {
    "zlib": zlib.compress(BITS),
    "raw deflate": zlib.compressobj(wbits=-15).compress(BITS) + b"\x03\x00",
    "not packed": BITS,
    "two members": PACKED + PACKED,
    "empty member behind": PACKED + gzip.compress(b"", mtime=0),
    "tail": PACKED + b"\0",
    "cut": PACKED[:-1],
    "half": PACKED[: len(PACKED) // 2],
    "wrong checksum": PACKED[:-8] + bytes(8),
    "wrong length": PACKED[:-4] + b"\0\0\0\1",
    "nothing": b"",
}


@pytest.mark.parametrize("packed", ODD.values(), ids=ODD)
def test_sec_081_a_list_that_is_not_one_whole_gzip_says_nothing(packed: bytes) -> None:
    assert outcome(examined(signed(), {LIST_URL: list_of(spelled(packed))})) == (
        "inconclusive",
        6,
        "MALFORMED_VALUE_ERROR",
    )


@pytest.mark.parametrize(
    "index", [None, 7, 7.0, True, ["7"], [], {}, {"@value": "7"}, "-0", "７", "1e1", "0x7"], ids=str
)
@pytest.mark.parametrize("suite", [RDFC, JCS])
def test_sec_078_an_index_that_is_no_string_of_digits_is_never_passed(index: Any, suite: str) -> None:
    """Signed by Acme itself, so that nothing but the index stands against it, if it can be signed at all."""
    document = signed(suites=[suite])
    document["credentialStatus"]["statusListIndex"] = index
    content = {name: value for name, value in document.items() if name != "proof"}
    with suppress(DocumentRefused):  # what cannot be signed shows as a change
        document = ACME.sign(content, [suite])
    for bit in ((), (7,), (INDEX,)):
        report = examined(document, {LIST_URL: ACME.status_list(*bit)})
        assert report.verdict is not Outcome.PASSED


def test_sec_080_a_list_of_lists_is_not_followed() -> None:
    """Neither asked for nor believed: of a list its own status does not count, so that no circle can be built."""
    entry = signed()["credentialStatus"]
    for own in (entry, {**entry, "statusListCredential": f"{LIST_URL}/2", "id": f"{LIST_URL}/2#1"}, [entry, entry]):
        listed = as_bytes(ACME.status_list(change=lambda document, own=own: document.update(credentialStatus=own)))  # type: ignore[misc]
        source = published() | {LIST_URL: listed}
        assert fetched(as_bytes(signed()), source)[1] == [(ACME_DID,), (LIST_URL,)]
        assert examine(as_bytes(signed()), source, DEFAULT, NOW).verdict is not Outcome.FAILED


@pytest.mark.parametrize("ttl", [0, -1, 1, 10**15, "300000", None, [300_000]], ids=str)
def test_sec_084_no_ttl_keeps_a_list_alive_past_its_end(ttl: Any) -> None:
    """``validUntil`` ends every copy, whatever else the list says of itself; a verifier keeps none on its own."""
    with suppress(DocumentRefused):  # a list that cannot be signed cannot be shown either
        kept = list_of(spelled(PACKED), ttl=ttl)
        report = examined(signed(), {LIST_URL: kept}, now=NOW.replace(year=2027))
        assert report.verdict is Outcome.INCONCLUSIVE


def test_sec_077_every_index_of_a_byte_and_both_ends() -> None:
    """Left-most first: a list in which one bit is set withdraws exactly that credential."""
    for index in (0, 1, 6, 7, 8, 15, MINIMUM_ENTRIES - 8, MINIMUM_ENTRIES - 1):
        document = signed(lambda content, index=index: content["credentialStatus"].update(statusListIndex=str(index)))  # type: ignore[misc]
        for neighbour in {index, index ^ 7, index ^ 1, (index + 8) % MINIMUM_ENTRIES}:
            report = examined(document, {LIST_URL: ACME.status_list(neighbour)})
            assert report.withdrawn is (neighbour == index), (index, neighbour)
