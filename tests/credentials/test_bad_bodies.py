"""Bodies that are no completion at all: each is refused with field, reason and fix, quickly, and nothing is stored."""

from __future__ import annotations

import gzip
import json
import time
from dataclasses import dataclass

import pytest

from tests.world import World, maya

GOOD = json.dumps(maya()).encode()
LIMIT = 512 * 1024


@dataclass(frozen=True)
class Bad:
    """A request and what is answered: status, code, the field that the first fault names, words of the sentence."""

    body: bytes
    status: int
    code: str
    field: str
    says: str
    headers: tuple[tuple[str, str], ...] = ()


def unreadable(body: bytes, field: str, says: str) -> Bad:
    return Bad(body, 400, "unreadable-body", field, says)


def refused(members: dict[str, object], field: str, says: str) -> Bad:
    return Bad(json.dumps(members).encode(), 422, "completion-refused", field, says)


def wrapped(**headers: str) -> Bad:
    ((name, _),) = headers.items()
    field = "Content-Encoding" if name == "Content_Encoding" else "Content-Type"
    return Bad(GOOD, 415, "unsupported-media-type", field, "body must", tuple(headers.items()))


def without(name: str) -> dict[str, object]:
    return {key: value for key, value in maya().items() if key != name}


def nested(levels: int) -> bytes:
    return b'{"record":' + b"[" * levels + b"]" * levels + b"}"


BAD = {
    "empty": unreadable(b"", "body", "stops being JSON"),
    "blank": unreadable(b" \n ", "body", "stops being JSON"),
    "malformed": unreadable(GOOD[:-1], "body", "stops being JSON at line 1"),
    "comment": unreadable(b"/* Maya */" + GOOD, "body", "stops being JSON"),
    "two documents": unreadable(GOOD + GOOD, "body", "stops being JSON"),
    "prefix against scripts": unreadable(b")]}'\n" + GOOD, "body", "stops being JSON"),
    "an array": unreadable(b"[" + GOOD + b"]", "body", "not an object"),
    "a string holding JSON": unreadable(json.dumps(GOOD.decode()).encode(), "body", "not an object"),
    "null": unreadable(b"null", "body", "not an object"),
    "too deep": unreadable(nested(40), "body", "more than 32"),
    "much too deep": unreadable(nested(100_000), "body", "more than 32"),
    "duplicate name": unreadable(GOOD[:-1] + b',"role":"CEO"}', "/role", "stands twice"),
    "duplicate name, escaped": unreadable(GOOD[:-1] + b',"rol\\u0065":"CEO"}', "/role", "stands twice"),
    "duplicate name, inside": unreadable(
        GOOD.replace(b'{"total"', b'{"total": 4, "total"'), "/hours/total", "stands twice"
    ),
    "UTF-16": unreadable(GOOD.decode().encode("utf-16"), "body", "not UTF-8"),
    "UTF-32 without mark": unreadable(GOOD.decode().encode("utf-32-le"), "body", "UTF-16 or UTF-32"),
    "Latin-1": unreadable(GOOD.replace(b"Okafor", b"Ok\xe1for"), "body", "not UTF-8"),
    "overlong": unreadable(GOOD.replace(b"Okafor", b"\xc1\x81kafor"), "body", "not UTF-8"),
    "encoded surrogates": unreadable(GOOD.replace(b"Okafor", b"\xed\xa0\xbd\xed\xb8\x80"), "body", "not UTF-8"),
    "half a character": unreadable(GOOD.replace(b"Okafor", b"\\ud83d"), "/intern/name", "half of a character"),
    "byte order mark": unreadable(b"\xef\xbb\xbf" + GOOD, "body", "byte order mark"),
    "NUL in a name": unreadable(GOOD.replace(b"Okafor", b"\\u0000"), "/intern/name", "U+0000"),
    "tab in a text": unreadable(GOOD.replace(b"Okafor", b"Oka\\tfor"), "/intern/name", "U+0009"),
    "fraction": unreadable(GOOD.replace(b'"42.5"', b"42.5"), "/hours/total", "fraction"),
    "exponent": unreadable(GOOD.replace(b'"42.5"', b"4e1"), "/hours/total", "exponent"),
    "NaN": unreadable(GOOD.replace(b'"42.5"', b"NaN"), "/hours/total", "not a JSON number"),
    "five thousand digits": unreadable(GOOD.replace(b'"42.5"', b"4" * 5000), "/hours/total", "lies beyond"),
    "unknown member": refused(maya(salary="12000"), "salary", "no member of this name"),
    "unknown member, inside": refused(maya(hours={"total": 4, "basis": "logged", "x": 1}), "hours.x", "no member"),
    "a proof of one's own": refused(maya(proof={"type": "DataIntegrityProof"}), "proof", "no member of this name"),
    "JSON-LD in disguise": refused(maya(**{"@context": "https://evil.example"}), "@context", "no member"),
    "prototype pollution": refused(maya(**{"__proto__": {"admin": True}}), "__proto__", "no member"),
    "missing member": refused(without("role"), "role", "required and missing"),
    "null member": refused(maya(role=None), "role", "This is nothing"),
    "number for text": refused(maya(role=7), "role", "a whole number"),
    "text for an object": refused(maya(project="Market scan"), "project", "This is text"),
    "empty text": refused(maya(role=""), "role", "must not be empty"),
    "blank text": refused(maya(role="   "), "role", "blank"),
    "text too long": refused(maya(role="x" * 201), "role", "too long"),
    "no skills": refused(maya(skills=[]), "skills", "must not be empty"),
    "one byte too large": Bad(
        GOOD + b" " * (LIMIT + 1 - len(GOOD)), 413, "body-too-large", "body", "larger than 512 kB"
    ),
    "2 MB": Bad(b'{"record": "' + b"x" * 2_000_000 + b'"}', 413, "body-too-large", "body", "larger than 512 kB"),
    "text/plain": wrapped(Content_Type="text/plain"),
    "form": wrapped(Content_Type="application/x-www-form-urlencoded"),
    "multipart": wrapped(Content_Type='multipart/form-data; boundary="x"'),
    "XML": wrapped(Content_Type="application/xml"),
    "JSON-LD": wrapped(Content_Type="application/ld+json"),
    "no content type": wrapped(Content_Type=""),
    "two content types": wrapped(Content_Type="application/json, text/plain"),
    "UTF-7": wrapped(Content_Type="application/json; charset=utf-7"),
    "Latin-1, declared": wrapped(Content_Type="application/json; charset=iso-8859-1"),
    "bogus charset": wrapped(Content_Type="application/json; charset=bogus"),
    "gzip": Bad(
        gzip.compress(GOOD),
        415,
        "unsupported-media-type",
        "Content-Encoding",
        "compressed",
        (("Content_Encoding", "gzip"),),
    ),
    "gzip, said but not done": wrapped(Content_Encoding="gzip"),
    "brotli": wrapped(Content_Encoding="br"),
}


async def send(world: World, bad: Bad) -> None:
    """Send it, and compare the answer with what is expected."""
    answer = await world.post(bad.body, "the-same-key", **dict(bad.headers))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (bad.status, bad.code), problem
    assert answer.headers["content-type"] == "application/problem+json"
    fault = problem["faults"][0]
    assert fault["field"] == bad.field
    assert bad.says in fault["reason"]
    assert fault["reason"] in problem["detail"]
    assert fault["fix"]


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_a_bad_body_is_refused_and_nothing_is_stored(bad: Bad, sqlite_world: World) -> None:
    """SEC-001, SEC-002, SEC-003, SEC-004, SEC-005, SEC-006, SEC-008, SEC-010, SEC-012, SEC-013, SEC-046."""
    before = await sqlite_world.rows()
    await send(sqlite_world, bad)
    assert await sqlite_world.rows() == before


async def test_sec_199_both_databases_refuse_alike_and_the_key_is_still_free(world: World) -> None:
    before = await world.rows()
    for bad in BAD.values():
        await send(world, bad)
    assert await world.rows() == before
    assert (await world.post(GOOD, "the-same-key")).status_code == 201


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON", "application/json; charset=UTF-8"])
async def test_json_in_utf_8_is_taken_however_it_is_announced(content_type: str, sqlite_world: World) -> None:
    assert (await sqlite_world.post(GOOD, Content_Type=content_type)).status_code == 201


async def test_a_body_of_just_the_greatest_size_is_read(sqlite_world: World) -> None:
    assert (await sqlite_world.post(GOOD + b" " * (LIMIT - len(GOOD)))).status_code == 201


async def test_sec_004_the_worst_bodies_are_refused_in_no_time(sqlite_world: World) -> None:
    names = ("much too deep", "2 MB", "five thousand digits")
    many = json.dumps({f"member-{number}": number for number in range(20_000)}).encode()
    started = time.monotonic()
    for body in [*(BAD[name].body for name in names), many, b'{"' + b"k" * 500_000 + b'":1}']:
        assert 400 <= (await sqlite_world.post(body)).status_code < 500
    assert time.monotonic() - started < 5 * 0.5


@pytest.mark.parametrize(
    "name", ["id", "uuid", "state", "platform", "code", "issued_at", "withdrawn_at", "status_index"]
)
async def test_sec_172_nobody_sets_what_is_the_services_to_set(name: str, sqlite_world: World) -> None:
    answer = await sqlite_world.post(maya(**{name: "x"}))
    assert (answer.status_code, answer.json()["faults"][0]["field"]) == (422, name)


@pytest.mark.parametrize("value", ["maybe", "", "2", "true,false"])
async def test_an_unusable_query_is_refused_by_name(value: str, sqlite_world: World) -> None:
    before = await sqlite_world.rows()
    answer = await sqlite_world.post(GOOD, query=f"?allow_duplicate={value}")
    assert (answer.status_code, answer.json()["faults"][0]["field"]) == (400, "allow_duplicate")
    assert await sqlite_world.rows() == before
