"""Requests that are wrapped, labelled or numbered oddly, at every door of the service (catalogue rows 10, 11, 14)."""

from __future__ import annotations

import gzip
import json
import time
import zlib

from tests.platforms.test_access import doors
from tests.world import NORTHFIELD_KEY, World, maya
from verify.http.headers import PRIVATE

GOOD = json.dumps(maya()).encode()
KEY = {"Authorization": f"Bearer {NORTHFIELD_KEY}", "Idempotency-Key": "one-key"}


def multipart(charset: str, text: bytes, *, disposition: str = 'form-data; name="file"; filename="a.json"') -> bytes:
    """A form with one part that claims a character set of its own."""
    head = f"--x\r\nContent-Disposition: {disposition}\r\nContent-Type: text/plain; charset={charset}\r\n\r\n"
    return head.encode() + text + b"\r\n--x--\r\n"


FORM = "multipart/form-data; boundary=x"
WRAPPED = {
    "text": (GOOD, {"Content-Type": "text/plain"}),
    "HTML": (GOOD, {"Content-Type": "text/html"}),
    "XML": (b"<a/>", {"Content-Type": "application/xml"}),
    "nothing said": (GOOD, {"Content-Type": ""}),
    "bytes": (GOOD, {"Content-Type": "application/octet-stream"}),
    "JSON lines": (GOOD, {"Content-Type": "application/x-ndjson"}),
    "MessagePack": (b"\x81\xa6record\xa1x", {"Content-Type": "application/x-msgpack"}),
    "YAML": (b"record: x", {"Content-Type": "application/yaml"}),
    "form": (b"record=NF-2026-001", {"Content-Type": "application/x-www-form-urlencoded"}),
    "multipart": (multipart("utf-8", GOOD), {"Content-Type": FORM}),
    "UTF-7": (GOOD, {"Content-Type": "application/json; charset=utf-7"}),
    "UTF-16": (GOOD.decode().encode("utf-16"), {"Content-Type": "application/json; charset=utf-16"}),
    "punycode": (GOOD, {"Content-Type": "application/json; charset=punycode"}),
    "escapes": (GOOD, {"Content-Type": "application/json; charset=unicode_escape"}),
    "two types": (GOOD, {"Content-Type": "application/json, text/html"}),
    "gzip": (gzip.compress(GOOD), {"Content-Type": "application/json", "Content-Encoding": "gzip"}),
    "deflate": (zlib.compress(GOOD), {"Content-Type": "application/json", "Content-Encoding": "deflate"}),
    "brotli": (GOOD, {"Content-Type": "application/json", "Content-Encoding": "br"}),
    "two codings": (GOOD, {"Content-Type": "application/json", "Content-Encoding": "identity, gzip"}),
    "gzip bomb": (
        gzip.compress(bytes(40_000_000)),
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ),
}


def writing(world: World) -> list[tuple[str, str]]:
    """Every door through which a body comes in."""
    found = [(method, path) for method, path, _ in doors(world.app) if method not in ("GET", "HEAD", "OPTIONS")]
    assert found
    return found


async def test_sec_010_only_plain_json_is_taken_at_any_door(sqlite_world: World) -> None:
    before = await sqlite_world.rows()
    for name, (body, headers) in WRAPPED.items():
        for method, path in writing(sqlite_world):
            if path.startswith(PRIVATE):  # forms of people: test_forms.py
                continue
            answer = await sqlite_world.http.request(method, path, content=body, headers=KEY | headers)
            assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type"), (name, path)
    assert await sqlite_world.rows() == before


CHARSETS = ["punycode", "utf-7", "unicode_escape", "bogus", "idna", "raw_unicode_escape", "rot13", "zip", '"', "\x00"]


async def test_sec_011_the_character_set_of_a_form_part_is_never_obeyed(sqlite_world: World) -> None:
    """The framework's form parser decodes each part as its sender says: 160 kB of punycode take it seconds."""
    tried = [*writing(sqlite_world), ("GET", "/v"), ("POST", "/v"), ("POST", "/")]
    for charset in CHARSETS:
        bodies = [
            multipart(charset, b"a-" + b"9" * 160_000),
            multipart(charset, b"\xff" * 1000, disposition='form-data; name="code"'),
            multipart(charset, b"x", disposition=f"form-data; name*={charset}''%ff; filename*={charset}''%ff"),
        ]
        for body in bodies:
            for method, path in tried:
                fastest = 1.0
                for _ in range(3):  # now and then a collection of garbage falls into one
                    started = time.process_time()
                    headers = KEY | {"Content-Type": FORM}
                    answer = await sqlite_world.http.request(method, path, content=body, headers=headers)
                    assert 400 <= answer.status_code < 500, (charset, path, answer.text)
                    fastest = min(fastest, time.process_time() - started)
                    if fastest < 0.2:
                        break
                assert fastest < 0.2, (charset, path)


ODD_NUMBERS = ["-1", "1" + "0" * 18, "1_000", "٧", "NaN", "", "9" * 400]


async def test_sec_014_numbers_in_a_query_move_nothing(sqlite_world: World) -> None:
    """No door takes a number so far; whoever adds one is tried here, and may refuse an odd one by name."""
    issued = await sqlite_world.issued()
    for method, path, _ in doors(sqlite_world.app):
        if method != "GET":
            continue
        filled = path.replace("{handle:str}", "maya").replace("{code:str}", issued["code"])
        for number in ODD_NUMBERS:
            query = {"limit": number, "page": number, "offset": number, "cursor": number}
            answer = await sqlite_world.http.get(filled, params=query, headers=KEY)
            assert answer.status_code < 500, (path, number)
            assert len(answer.content) < 400_000


async def test_sec_014_ids_are_matched_and_not_computed(sqlite_world: World) -> None:
    """Another spelling of an id is another address, or none."""
    issued = await sqlite_world.issued()
    uuid = issued["uuid"]
    spellings = [
        uuid.upper(),
        uuid.replace("-", ""),
        f"{{{uuid}}}",
        f"urn:uuid:{uuid}",
        f"{uuid}%0A",
        f"%20{uuid}",
        f"+{uuid}",
    ]
    for odd in spellings:
        for path in (f"/credentials/{odd}", f"/credentials/{odd}/status", f"/api/v1/credentials/{odd}"):
            answer = await sqlite_world.http.get(path, headers=KEY)
            assert answer.status_code == 404, path
