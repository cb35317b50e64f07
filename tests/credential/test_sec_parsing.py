"""Signed bytes, spelled so that two parsers could read two documents: examine() refuses them before any signature.

Catalogue area 1.1, through the public door. What the reader itself does with each oddity is in test_reading.
"""

from __future__ import annotations

import gc
import json
import time
import tracemalloc
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refolio.credential.policy import DEFAULT
from refolio.credential.report import Outcome
from refolio.credential.verification import examine
from tests.credential.acme import ACME, JCS, NOW, RDFC, Document, as_bytes, examined, outcome, signed
from tests.credential.completions import ACME_DID, LIST_URL
from tests.credential.test_reading import BOMBS
from tests.credential.test_verification_mutants import at, paths, put

GENUINE = signed()
RAW, RAW_KEYS, RAW_LIST = as_bytes(GENUINE), as_bytes(ACME.did_document), as_bytes(ACME.status_list())


def code_of(raw: bytes) -> str:
    """The code with which the bytes are refused; it must be the reading that refuses them."""
    report = examined(raw)
    assert outcome(report)[:2] == ("failed", 0), report.says
    assert report.credential_id is None
    assert report.issuer_id is None, "nothing is told of a file that could be read in two ways"
    return report.decisive.code


def with_literal(literal: str | bytes) -> bytes:
    """The genuine bytes with one more member whose value is spelled just so."""
    spelled = literal if isinstance(literal, bytes) else literal.encode()
    return RAW[:-1] + b', "x": ' + spelled + b"}"


# --- SEC-001: names ------------------------------------------------------------------------------------------------


def doubled(document: Document) -> Iterator[tuple[str, bytes]]:
    """Every member of every object a second time with another value: before and after it, plain and escaped."""
    for path in [(), *paths(document)]:
        members = at(document, path)
        if not isinstance(members, dict):
            continue
        for name in members:
            escaped = f"\\u{ord(name[0]):04x}{name[1:]}"
            for spelled in (name, escaped):
                for evil_first in (True, False):
                    evil = {"EVIL": "https://mallory.example/"}
                    other = {**evil, **members} if evil_first else {**members, **evil}
                    text = json.dumps(put(document, path, other) if path else other, ensure_ascii=False)
                    yield f"/{'/'.join(map(str, (*path, name)))}", text.replace('"EVIL"', f'"{spelled}"', 1).encode()


def test_sec_001_a_name_twice_at_any_depth_in_any_spelling() -> None:
    tried = 0
    for pointer, raw in doubled(GENUINE):
        report = examined(raw)
        assert outcome(report) == ("failed", 0, "duplicate-name"), pointer
        assert report.verdict is Outcome.FAILED
        tried += 1
    assert tried > 400


def test_sec_001_a_name_twice_in_the_issuers_own_documents_leaves_it_open() -> None:
    keys = RAW_KEYS.replace(b'"id":', b'"id": "did:web:mallory.example", "id":', 1)
    assert outcome(examined(GENUINE, {ACME_DID: keys})) == ("inconclusive", 3, "unreadable-controller")
    listed = RAW_LIST.replace(b'"encodedList":', b'"encodedList": "uH4sI", "encodedList":', 1)
    assert outcome(examined(GENUINE, {LIST_URL: listed})) == ("inconclusive", 6, "STATUS_VERIFICATION_ERROR")


# --- SEC-002, 003: numbers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "literal", ["NaN", "-NaN", "Infinity", "-Infinity", "1e400", "-1e400", "nan", "inf", "01", "+1", ".5", "0x10", "٧"]
)
def test_sec_002_literals_that_are_no_json_numbers(literal: str) -> None:
    assert code_of(with_literal(literal)) in {"not-a-number", "float", "not-json"}


def counted(number: int, suites: list[str]) -> bytes:
    """A genuine badge that holds a number."""
    return as_bytes(signed(lambda content: content["credentialSubject"].update(creditsEarned=number), suites=suites))


@settings(max_examples=25)
@given(st.integers(0, 2**53 - 1), st.sampled_from([[RDFC], [JCS]]))
def test_sec_003_a_number_has_one_spelling_and_every_other_is_refused(number: int, suites: list[str]) -> None:
    raw = counted(number, suites)
    member = b'"creditsEarned": ' + str(number).encode()
    assert raw.count(member) == 1
    assert outcome(examined(raw)) == ("passed", 6, "current")
    for other in (f"{number}.0", f"{number}e0", f"{number}E+0", f"{number}0e-1", f"0{number}", f"+{number}"):
        report = examined(raw.replace(member, b'"creditsEarned": ' + other.encode()))
        assert outcome(report)[:2] == ("failed", 0), other
    assert outcome(examined(raw.replace(member, b'"creditsEarned": -0')))[2] == "negative-zero"


@pytest.mark.parametrize("literal", [str(2**53), str(-(2**53)), str(2**53 + 1), "9" * 5_000, "-" + "9" * 400_000])
def test_sec_003_numbers_that_javascript_would_round(literal: str) -> None:
    started = time.process_time()
    assert code_of(with_literal(literal)) == "big-integer"
    assert time.process_time() - started < 0.2


# --- SEC-004: bombs ------------------------------------------------------------------------------------------------

LARGE = [
    *(raw for raw, _ in BOMBS[::4]),
    b"{" + b",".join(b'"%d":1' % n for n in range(45_000)) + b"}",  # nothing wrong with it but the number of names
    RAW[:-1] + b"," + b",".join(b'"%d":{}' % n for n in range(40_000)) + b"}",
    b"[" * 400_000 + b"]" * 400_000,
]


@pytest.mark.parametrize("raw", LARGE, ids=lambda raw: ascii(raw[:12]))
def test_sec_004_a_bomb_is_refused_fast(raw: bytes) -> None:
    """Reading it may take half a second (see test_reading); all checks together add next to nothing to that."""
    gc.freeze()  # else most of the time goes into looking over what ten thousand other tests left behind
    took = []
    for _ in range(2):  # the faster counts: a shared machine may stop for a while
        started = time.process_time()
        report = examine(raw, {}, DEFAULT, NOW)
        took.append(time.process_time() - started)
    gc.unfreeze()
    assert min(took) < 1
    assert report.verdict is Outcome.FAILED
    assert len(json.dumps(report.members())) < 5_000


@pytest.mark.parametrize("raw", LARGE[-3:], ids=lambda raw: ascii(raw[:12]))
def test_sec_004_a_bomb_in_the_place_of_keys_or_list_is_never_passed(raw: bytes) -> None:
    for name in (ACME_DID, LIST_URL):
        assert examined(GENUINE, {name: raw}).verdict is not Outcome.PASSED


def test_sec_004_a_bomb_takes_less_than_fifty_megabytes() -> None:
    for raw in (b"[" * 100_000, b'{"a":"' + b"x" * 2_000_000 + b'"}', LARGE[-2]):
        tracemalloc.start()
        examined(raw)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 50 * 1024 * 1024


# --- SEC-005, 006: bytes and characters ----------------------------------------------------------------------------

ENCODINGS = {
    "byte order mark": b"\xef\xbb\xbf" + RAW,
    "UTF-16": RAW.decode().encode("utf-16"),
    "UTF-16 without mark": RAW.decode().encode("utf-16-le"),
    "UTF-32": RAW.decode().encode("utf-32-be"),
    "UTF-7": RAW.replace(b"Maya Okafor", b"\xff").decode("latin-1").encode("utf-7") + b"\xff",
    "Latin-1": RAW.replace(b"Maya Okafor", b"Maya Ok\xe1for"),
    "overlong": RAW.replace(b"Maya", b"\xc1\x8daya"),
    "CESU-8": RAW.replace(b"Maya", b"\xed\xa0\xbd\xed\xb8\x80"),
    "surrogate in UTF-8": RAW.replace(b"Maya", b"\xed\xa0\x80"),
    "half of a pair": RAW.replace(b"Maya", b"\\ud83d"),
    "pair the wrong way round": RAW.replace(b"Maya", b"\\ude00\\ud83d"),
}


@pytest.mark.parametrize("raw", ENCODINGS.values(), ids=ENCODINGS)
def test_sec_005_only_utf_8_without_a_mark(raw: bytes) -> None:
    assert raw != RAW
    assert code_of(raw) in {"byte-order-mark", "not-utf-8", "lone-surrogate"}
    for name, number in ((ACME_DID, 3), (LIST_URL, 6)):
        assert outcome(examined(GENUINE, {name: raw}))[:2] == ("inconclusive", number)


@pytest.mark.parametrize("point", [*range(0x00, 0x0A), *range(0x0B, 0x20), 0x7F])
def test_sec_006_control_characters_raw_and_escaped(point: int) -> None:
    for spelled in (bytes([point]), b"\\u%04x" % point, b"\\u%04X" % point):
        assert code_of(RAW.replace(b"Maya Okafor", b"Maya" + spelled + b"Okafor")) == "control-character"


# --- SEC-007: characters that look alike ---------------------------------------------------------------------------

TELLING = "Zoë \u212b\u00c5ngström ﬁ \u1e9b\u0323 K\u212a 名前"  # changed by each of the four normal forms
HIDDEN = ["\u200b", "\u202e", "\u2066", "\U000e0041", "\u00ad", "\ufeff", "\ufe0f", " "]


def reworded(text: str, number: int) -> Iterator[str]:
    """The text in the other normal forms, and with two characters hidden in it: the ``number`` says which."""
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        yield unicodedata.normalize(form, text)
    for character in (HIDDEN[number % len(HIDDEN)], HIDDEN[(number + 3) % len(HIDDEN)]):
        yield text[: len(text) // 2] + character + text[len(text) // 2 :]


@pytest.mark.parametrize("suites", [[RDFC], [JCS]], ids="+".join)
def test_sec_007_every_string_counts_character_by_character(suites: list[str]) -> None:
    """Nothing is normalised before the signature is checked, so whatever looks alike is a change."""

    def telling(content: Document) -> None:
        content["credentialSubject"]["role"] = TELLING
        content["credentialSubject"]["achievement"]["name"] = TELLING

    document = signed(telling, suites=suites)
    assert outcome(examined(document)) == ("passed", 6, "current")
    tried = 0
    for number, path in enumerate(paths(document)):
        text = at(document, path)
        if not isinstance(text, str):
            continue
        for other in reworded(text, number):
            if other == text:
                continue
            report = examined(put(document, path, other))
            assert report.verdict is not Outcome.PASSED, (path, ascii(other))
            if path[0] not in ("@context", "proof"):
                assert report.verdict is Outcome.FAILED, (path, ascii(other))
            tried += 1
    assert tried > 200


@pytest.mark.parametrize("character", HIDDEN, ids=ascii)
def test_sec_007_a_name_with_something_hidden_in_it_is_another_name(character: str) -> None:
    for suites in ([RDFC], [JCS]):
        document = signed(suites=suites)
        subject = document["credentialSubject"]
        subject[f"role{character}"] = "Chief executive officer"
        assert outcome(examined(document)) == ("failed", 1, "undefined-term")


# --- SEC-008, 012, 013: what surrounds or replaces the document ----------------------------------------------------

SURROUNDED = {
    "two documents": RAW + RAW,
    "two lines": RAW + b"\n" + RAW,
    "record separators": b"\x1e" + RAW + b"\n\x1e" + RAW,
    "comma": RAW + b",",
    "NUL": RAW + b"\0",
    "comment before": b"/* genuine */" + RAW,
    "comment after": RAW + b"// genuine",
    "hash": b"# genuine\n" + RAW,
    "trailing comma": RAW[:-1] + b",}",
    "callback": b"callback(" + RAW + b");",
    "assignment": b"var x = " + RAW,
    "prefix against scripts": b")]}',\n" + RAW,
    "HTML": b"<html>" + RAW + b"</html>",
    "no-break space": "\u00a0".encode() + RAW,
    "cut": RAW[:-1],
    "single quotes": RAW.replace(b'"', b"'"),
}


@pytest.mark.parametrize("raw", SURROUNDED.values(), ids=SURROUNDED)
def test_sec_008_anything_but_one_json_text(raw: bytes) -> None:
    assert code_of(raw) in {"not-json", "control-character"}


def test_sec_008_white_space_is_no_garbage() -> None:
    assert outcome(examined(b" \r\n\t" + RAW + b"\n\n")) == ("passed", 6, "current")


@pytest.mark.parametrize("wrap", [json.dumps, lambda text: json.dumps(json.dumps(text))], ids=["once", "twice"])
def test_sec_012_a_text_that_holds_a_document(wrap: Any) -> None:
    assert code_of(wrap(RAW.decode()).encode()) == "not-an-object"
    inside = put(GENUINE, ("credentialSubject",), wrap(json.dumps(GENUINE["credentialSubject"])))
    assert outcome(examined(inside)) == ("failed", 1, "no-subject")


@pytest.mark.parametrize("name", ["__proto__", "constructor", "prototype", "hasOwnProperty", "toString", "__class__"])
@pytest.mark.parametrize("suites", [[RDFC], [JCS]], ids="+".join)
def test_sec_013_names_that_mean_something_in_javascript_are_undefined_terms(name: str, suites: list[str]) -> None:
    document = signed(suites=suites)
    for path in ((), ("issuer",), ("credentialSubject",), ("credentialSubject", "achievement")):
        polluted = {**at(document, path), name: {"verdict": "passed", "name": "Mallory"}}
        report = examined(put(document, path, polluted) if path else polluted)
        assert outcome(report) == ("failed", 1, "undefined-term")
    in_proof = put(document, ("proof", 0, name), {"type": "DataIntegrityProof"})
    assert examined(in_proof).verdict is Outcome.FAILED
