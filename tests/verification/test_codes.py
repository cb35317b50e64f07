"""The sixteen characters beside the QR code: whatever a person makes of them still finds the one right document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.reading import Reader
from tests.world import BROWSER, PUBLIC_URL, World
from verify.credentials.codes import ALPHABET, code_of, grouped, parse_code

CODE = "0123456789ABCDEF"


@given(st.binary())
def test_a_code_is_read_back_as_it_is_shown(document: bytes) -> None:
    assert parse_code(grouped(code_of(document))) == code_of(document)


@given(st.binary(min_size=1), st.integers(0), st.integers(0, 7))
def test_another_document_has_another_code(document: bytes, place: int, bit: int) -> None:
    changed = bytearray(document)
    changed[place % len(document)] ^= 1 << bit
    assert code_of(bytes(changed)) != code_of(document)


def test_a_known_document_has_a_known_code() -> None:
    """The first 80 bits of SHA-256 in Crockford's base 32: 2CF24DBA5FB0A30E26E8 for ``hello``."""
    assert grouped(code_of(b"hello")) == "5KS4-VEJZ-P2HG-W9Q8"


@pytest.mark.parametrize(
    "typed",
    [
        "0123-4567-89AB-CDEF",
        "0123456789abcdef",
        "o1z3-4567-89ab-cdef".replace("z", "2"),
        "Ol23-4567-89AB-CDEF",
        "OI23-4567-89AB-CDEF",
        " 0123 4567 89AB CDEF ",
        "0123–4567–89AB–CDEF",
        "0123_4567_89ab_cdef",
        "0123\u201145\u00ad67\u221289AB\u2010CDEF",
        "0123\u00a04567\u200989AB\u200bCDEF",
        "(0123-4567-89AB-CDEF).",
        "“0123-4567-89AB-CDEF”,",
        "https://refolio.example/v/0123-4567-89AB-CDEF",
        "HTTPS://REFOLIO.EXAMPLE/V/0123-4567-89AB-CDEF?from=mail#top",
        "refolio.example/v/0123-4567-89ab-cdef/.",
        "/v/0123456789ABCDEF/qr.svg",
    ],
)
def test_look_alikes_case_and_grouping_do_not_matter(typed: str) -> None:
    assert parse_code(typed) == CODE


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "0123-4567-89AB-CDE",
        "0123-4567-89AB-CDEFG",
        "0123-4567-89AB-CDEU",
        "0123-4567-89AB-CDE٧",
        "0123-4567-89AB-CDEＡ",
        "0123-4567-89АВ-CDEF",
        "0123\x004567 89AB CDEF",
        "' OR 1=1 --12345",
        "../../etc/passwd",
        "https://refolio.example/p/0123456789ABCDEF",
        "https://refolio.example/v/0123-4567",
        "0123-4567-89AB-CDEF 0123-4567-89AB-CDEF",
    ],
)
def test_what_is_no_code_is_not_taken_for_one(typed: str) -> None:
    assert parse_code(typed) is None


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_code_or_none(typed: str) -> None:
    code = parse_code(typed)
    assert code is None or (len(code) == 16 and set(code) <= set(ALPHABET))


async def test_every_way_to_write_the_code_leads_to_the_verdict(world: World) -> None:
    code = (await world.issued())["code"]
    tolerant = code.replace("0", "o").replace("1", "l").lower()
    for path in (
        f"/v/{code}.",
        f"/v/{code}/",
        f"/v/{code.replace('-', '%E2%80%91')})",
        f"/v/{code}",
        f"/V/{code}",
        f"/v/{code.lower()}",
        f"/v/{code.replace('-', '')}",
        f"/v/{tolerant}",
    ):
        assert "Genuine and current" in await world.page(path), path


async def test_the_whole_link_may_be_typed_where_a_code_is_asked_for(sqlite_world: World) -> None:
    code = (await sqlite_world.issued())["code"]
    for door in ("/v", "/V"):
        answer = await sqlite_world.http.get(door, params={"code": f" {PUBLIC_URL}/v/{code}, "}, headers=BROWSER)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PUBLIC_URL}/v/{code}")


@pytest.mark.parametrize("separator", ["-", "%20", "+", ""])
async def test_a_typed_code_leads_to_its_page(separator: str, sqlite_world: World) -> None:
    code = (await sqlite_world.issued())["code"]
    typed = separator.join(code.lower().split("-"))
    answer = await sqlite_world.http.get(f"/v?code={typed}", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PUBLIC_URL}/v/{code}")


async def test_a_mistyped_code_is_explained_with_a_field_to_try_again(sqlite_world: World) -> None:
    answer = await sqlite_world.http.get("/v?code=hello", headers=BROWSER)
    page = Reader(answer.text)
    assert answer.status_code == 404
    assert "This is not a verification code" in page.text
    assert "7Q4K-9XBD-2MTR-6WFH" in page.text
    (field,) = (attributes for _, attributes in page.elements if attributes.get("name") == "code")
    assert field["value"] == "hello", "so that a letter can be put right without typing the other fifteen"


async def test_a_code_of_nothing_says_so(world: World) -> None:
    await world.issued()
    answer = await world.http.get("/v/0000-0000-0000-0000", headers=BROWSER)
    assert answer.status_code == 404
    assert "No credential has this code" in answer.text


ODD = [
    *(
        "%00",
        "%ff",
        "%c0%ae",
        "%F0%9F%91%8D",
        "%D9%A7",
        "1_000",
        "-1",
        "0",
        "9" * 400,
        "null",
        "NaN",
        "undefined",
        "[]",
        "{}",
    ),
    *(
        "..",
        "%2e%2e%2f",
        "..%5c",
        "%252e%252e",
        "a%2fb",
        "%0d%0aSet-Cookie:x=1",
        "%27%3B--",
        "%3Cscript%3E",
        "%25s%25n",
        "{{7*7}}",
    ),
    *(
        "%E2%80%AE",
        "%EF%BF%BF",
        "a" * 3000,
        ";jsessionid=1",
        "?",
        "%3F",
        "%23",
        "*",
        "%",
        "%zz",
        "~",
        "__proto__",
        "code:str",
    ),
]
ROUTES = [
    *(
        "/v/{}",
        "/V/{}",
        "/v/{}/qr.svg",
        "/v/{}/qr.png",
        "/v?code={}",
        "/p/{}",
        "/credentials/{}",
        "/credentials/{}/status",
    ),
    *("/status/{}", "/achievements/{}", "/issuers/{}/did.json", "/problems/{}", "/static/{}", "/{}"),
]


async def test_sec_014_no_address_whatsoever_breaks_the_service(world: World) -> None:
    await world.issued()
    for route in ROUTES:
        for odd in ODD:
            answer = await world.http.get(route.format(odd))
            assert answer.status_code in (200, 303, 400, 404), (route, odd)
            assert answer.status_code == 404 or odd in ("?", "%", "..", "%2e%2e%2f", "%00"), (route, odd)
            assert "x=1" not in str(answer.headers)
