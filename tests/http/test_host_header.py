"""SEC-136: whatever a request says about where it was sent to, no link, DID, code or redirect follows it."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image

from tests.showing import shows
from tests.world import BROWSER, NORTHFIELD_KEY, World, another

EVIL = "mallory.example"
HEADERS = {
    "host": {"Host": EVIL},
    "host with port": {"Host": f"{EVIL}:443"},
    "host with user": {"Host": f"refolio.example@{EVIL}"},
    "forwarded host": {"X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "http", "X-Forwarded-Port": "1"},
    "forwarded": {"Forwarded": f"host={EVIL};proto=http;for=127.0.0.1"},
    "original url": {"X-Original-URL": f"https://{EVIL}/", "X-Rewrite-URL": "/healthz", "X-Host": EVIL},
    "prefix": {"X-Forwarded-Prefix": f"//{EVIL}", "X-Script-Name": f"//{EVIL}"},
    "referer": {"Referer": f"https://{EVIL}/", "Origin": f"https://{EVIL}"},
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
async def test_nothing_that_is_answered_follows_the_request(headers: dict[str, str], sqlite_world: World) -> None:
    issued = await sqlite_world.issued(another(), **{name.replace("-", "_"): value for name, value in headers.items()})
    await shows(sqlite_world, "maya@northfield.example", "maya")
    uuid, code = issued["uuid"], issued["code"]
    key = {"Authorization": f"Bearer {NORTHFIELD_KEY}"}
    document = await sqlite_world.http.get(f"/credentials/{uuid}", headers=headers)
    status_list = document.json()["credentialStatus"]["statusListCredential"]
    answers = [
        document,
        await sqlite_world.http.get(f"/credentials/{uuid}", headers=headers | BROWSER),
        await sqlite_world.http.get(f"/credentials/{uuid}/status", headers=headers),
        await sqlite_world.http.get(f"/api/v1/credentials/{uuid}", headers=headers | key),
        await sqlite_world.http.get(f"/v?code={code}", headers=headers | BROWSER),
        await sqlite_world.http.get(f"/v/{code}", headers=headers | BROWSER),
        await sqlite_world.http.get(f"/v/{code}/qr.svg", headers=headers),
        await sqlite_world.http.get("/p/maya", headers=headers | BROWSER),
        await sqlite_world.http.get("/", headers=headers | BROWSER),
        await sqlite_world.http.get("/nope", headers=headers),
        await sqlite_world.http.get("/issuers/acme/did.json", headers=headers),
        await sqlite_world.http.get(status_list.removeprefix("https://refolio.example"), headers=headers),
    ]
    for answer in answers:
        assert EVIL not in answer.text, answer.url
        assert EVIL not in str(answer.headers), answer.url
        assert "http://" not in answer.headers.get("location", ""), answer.url


async def test_sec_138_the_qr_code_holds_our_own_address_alone(sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    picture = await sqlite_world.http.get(f"/v/{issued['code']}/qr.png", headers={"Host": EVIL})
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.content)))
    assert found.text == f"HTTPS://REFOLIO.EXAMPLE/V/{issued['code']}"
