"""What may be sent where a file is expected: the form of our own page, in UTF-8, of a bounded size."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from tests.credentials.console import ACME, hidden, row, sheet, upload
from tests.world import World
from verify.credentials import import_checking
from verify.credentials.tables import ImportJob

BOUNDARY = "----refolio"
MEGABYTE = 1024 * 1024


def multipart(*parts: tuple[str, bytes]) -> bytes:
    """Parts (headers, body) as a browser joins them."""
    joined = b"".join(
        f"--{BOUNDARY}\r\n{headers}\r\n\r\n".encode("latin-1") + body + b"\r\n" for headers, body in parts
    )
    return joined + f"--{BOUNDARY}--\r\n".encode()


def field(name: str, value: str, more: str = "") -> tuple[str, bytes]:
    return f'Content-Disposition: form-data; name="{name}"{more}', value.encode()


FILE = ('Content-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv', sheet(row(1)))


async def send(http: httpx.AsyncClient, body: bytes, content_type: str | None = None) -> httpx.Response:
    headers = {"Content-Type": content_type or f"multipart/form-data; boundary={BOUNDARY}"}
    return await http.post(f"{ACME}/import", content=body, headers=headers)


async def csrf_of(http: httpx.AsyncClient) -> str:
    return hidden((await http.get(f"{ACME}/import")).text)["csrf"]


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "unknown", '"utf-7"', "cp037"])
@pytest.mark.parametrize("part", ["file", "csrf"])
async def test_sec_011_a_part_in_another_charset_is_refused_before_it_is_decoded(
    sqlite_world: World, part: str, charset: str
) -> None:
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        csrf = field("csrf", await csrf_of(ann))
        declared = f"text/plain; charset={charset}"
        parts = {
            "csrf": (f"{csrf[0]}\r\nContent-Type: {declared}", csrf[1]) if part == "csrf" else csrf,
            "file": (FILE[0].replace("text/csv", declared), FILE[1]) if part == "file" else FILE,
        }
        answer = await send(ann, multipart(*parts.values()))
        assert answer.status_code == 415
        assert (await send(ann, multipart(csrf, FILE))).status_code == 303
        utf_8 = (FILE[0] + "; charset=UTF-8", FILE[1])
        assert (await send(ann, multipart(csrf, utf_8))).status_code == 303


async def test_sec_011_nothing_but_the_form_of_the_page_is_taken(sqlite_world: World) -> None:
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        csrf = field("csrf", await csrf_of(ann))
        good = multipart(csrf, FILE)
        refused = {
            "urlencoded": (b"csrf=x", "application/x-www-form-urlencoded", 415),
            "no boundary": (good, "multipart/form-data", 415),
            "charset of the whole": (good, f"multipart/form-data; boundary={BOUNDARY}; charset=utf-16", 415),
            "field twice": (multipart(csrf, csrf, FILE), None, 400),
            "file twice": (multipart(csrf, FILE, FILE), None, 422),
            "unknown field": (multipart(csrf, FILE, field("_charset_", "utf-16")), None, 400),
            "no csrf": (multipart(FILE), None, 403),
            "another csrf": (multipart(field("csrf", "x"), FILE), None, 403),
            "long field": (multipart(field("csrf", "x" * 5000), FILE), None, 400),
            "broken csrf": (multipart((csrf[0], b"\xff"), FILE), None, 400),
            "other header": (multipart(csrf, (FILE[0] + "\r\nContent-Transfer-Encoding: base64", FILE[1])), None, 400),
            "many headers": (multipart(csrf, (FILE[0] + "\r\nContent-Type: text/csv" * 9, FILE[1])), None, 400),
            "long header": (multipart(csrf, (FILE[0].replace("a.csv", "a" * 5000), FILE[1])), None, 400),
            "cut off": (good[:-30], None, 400),
            "nothing": (b"", None, 400),
            "many parts": (multipart(csrf, *(field(f"f{n}", "x") for n in range(50)), FILE), None, 400),
            "no file": (multipart(csrf), None, 422),
        }
        for case, (body, content_type, status) in refused.items():
            answer = await send(ann, body, content_type)
            assert answer.status_code == status, case
        elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        headers = {**elsewhere, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        assert (await ann.post(f"{ACME}/import", content=good, headers=headers)).status_code == 403
    assert await ImportJob.count() == 0


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\work\\list.csv", "list.csv"),
        ("/", "file without a name"),
        ("a\u202egnp.csv", "agnp.csv"),
        ("x" * 700, "x" * 100),
        ("<b>bold</b>.csv", "b&gt;.csv"),
        ("CON", "CON"),
    ],
)
async def test_sec_148_the_name_of_a_file_is_a_label_and_nothing_else(
    sqlite_world: World, name: str, shown: str
) -> None:
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        answer = await upload(ann, "acme", sheet(row(1)), name)
        page = (await ann.get(answer.headers["location"])).text
        results = await ann.get(f"{answer.headers['location']}/results.csv")
    assert re.search(r"<h1>Checked: <bdi>(.*?)</bdi></h1>", page)[1] == shown  # type: ignore[index]
    assert results.headers["content-disposition"] == 'attachment; filename="acme-import-results.csv"'


async def test_sec_149_a_file_that_is_too_large_is_refused_on_the_page_and_kept_nowhere(sqlite_world: World) -> None:
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        for megabytes in (10.5, 30):
            answer = await upload(ann, "acme", b"x" * int(megabytes * MEGABYTE))
            assert answer.status_code == 413
            assert "The file is larger than 10 MB." in answer.text
        far = await upload(ann, "acme", b"x" * (70 * MEGABYTE))  # more than is even read
        assert (far.status_code, "The file is larger than 10 MB." in far.text) == (413, True)
        answer = await upload(ann, "acme", b"", "empty.csv")
        assert "The file is empty." in answer.text
    assert await ImportJob.count() == 0


async def test_sec_149_many_files_at_once_are_put_off_and_the_rest_is_served(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_checking, "_reading", asyncio.Semaphore(1))
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        content = sheet(*(row(number) for number in range(500)))
        answers = await asyncio.gather(*(upload(ann, "acme", content) for _ in range(4)), ann.get(ACME))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses[0] == 200
        assert 303 in statuses
        assert set(statuses[1:]) <= {303, 503}
        assert 503 in statuses
        assert (await upload(ann, "acme", content)).status_code == 303
