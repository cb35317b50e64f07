"""Public documents can be kept by any cache and are never sent twice; what is private or may change is not kept."""

from __future__ import annotations

import json

import pytest

from tests.showing import shows
from tests.world import BROWSER, NORTHFIELD_KEY, World

SECONDS = "public, max-age=2, must-revalidate"
FOREVER = "public, max-age=31536000, immutable"
ARTEFACTS = {
    "credential": ("/credentials/{uuid}", SECONDS),
    "credential by code": ("/v/{code}", SECONDS),
    "why and when withdrawn": ("/credentials/{uuid}/status", SECONDS),
    "status list": ("{status_list}", SECONDS),
    "issuer": ("/issuers/acme/did.json", SECONDS),
    "achievement": ("{achievement}", SECONDS),
    "QR drawing": ("/v/{code}/qr.svg", FOREVER),
    "QR picture": ("/v/{code}/qr.png", FOREVER),
    "file to keep": ("/v/{code}/signed.json", SECONDS),
}
CREDENTIAL = {"Accept": "application/vc"}


async def addresses(world: World) -> dict[str, str]:
    """Where the artefacts of a fresh credential are."""
    issued = await world.issued()
    document = json.loads(await world.document(issued["uuid"]))
    return {
        "uuid": issued["uuid"],
        "code": issued["code"],
        "status_list": document["credentialStatus"]["statusListCredential"],
        "achievement": document["credentialSubject"]["achievement"]["id"],
    }


@pytest.mark.parametrize(("path", "lasts"), ARTEFACTS.values(), ids=ARTEFACTS)
async def test_a_document_that_is_at_hand_is_not_sent_again(path: str, lasts: str, sqlite_world: World) -> None:
    """RFC 9110 §13.1.2, §15.4.5."""
    path = path.format(**await addresses(sqlite_world))
    first = await sqlite_world.http.get(path, headers=CREDENTIAL)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == lasts
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await sqlite_world.http.get(path, headers=CREDENTIAL | {"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b""), known
        assert again.headers["etag"] in (tag, tag.replace("-gzip", "")), known
        assert again.headers["cache-control"] == lasts
    for unknown in ('"other"', tag.strip('"'), ""):
        again = await sqlite_world.http.get(path, headers=CREDENTIAL | {"If-None-Match": unknown})
        assert (again.status_code, again.content) == (200, first.content), unknown


async def test_the_compressed_form_has_a_tag_of_its_own(sqlite_world: World) -> None:
    """RFC 9110 §8.8.3: other bytes, other strong validator; either one is known again."""
    path = (await addresses(sqlite_world))["uuid"].join(["/credentials/", ""])
    plain = await sqlite_world.http.get(path, headers={"Accept-Encoding": "identity"})
    packed = await sqlite_world.http.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.content == packed.content
    assert packed.headers["etag"] == plain.headers["etag"].removesuffix('"') + '-gzip"'
    for tag in (plain.headers["etag"], packed.headers["etag"]):
        assert (await sqlite_world.http.get(path, headers={"If-None-Match": tag})).status_code == 304


async def test_a_withdrawal_changes_the_list_and_its_reason_but_not_the_document(sqlite_world: World) -> None:
    where = await addresses(sqlite_world)
    paths = [ARTEFACTS[name][0].format(**where) for name in ("credential", "status list", "why and when withdrawn")]
    before = [(await sqlite_world.http.get(path)).headers["etag"] for path in paths]
    await sqlite_world.withdraw(where["uuid"])
    answers = [
        await sqlite_world.http.get(path, headers={"If-None-Match": tag})
        for path, tag in zip(paths, before, strict=True)
    ]
    assert [answer.status_code for answer in answers] == [304, 200, 200]


async def test_caches_keep_apart_what_differs_by_what_was_asked_for(sqlite_world: World) -> None:
    where = await addresses(sqlite_world)
    for path in ("/credentials/{uuid}", "/v/{code}", "{status_list}"):
        for headers in (CREDENTIAL, BROWSER):
            answer = await sqlite_world.http.get(path.format(**where), headers=headers)
            assert "accept" in answer.headers["vary"].lower().replace(" ", "").split(","), (path, headers)


async def test_a_compressed_answer_says_that_it_depends_on_that(sqlite_world: World) -> None:
    where = await addresses(sqlite_world)
    path = f"/credentials/{where['uuid']}"
    compressed = await sqlite_world.http.get(path, headers={"Accept-Encoding": "gzip"})
    plain = await sqlite_world.http.get(path, headers={"Accept-Encoding": "identity"})
    assert compressed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in compressed.headers["vary"]
    assert "content-encoding" not in plain.headers
    assert plain.content == compressed.content


async def test_pages_are_kept_for_two_seconds(sqlite_world: World) -> None:
    where = await addresses(sqlite_world)
    await shows(sqlite_world, "maya@northfield.example", "maya")
    for path in (f"/v/{where['code']}", "/p/maya"):
        assert (await sqlite_world.http.get(path, headers=BROWSER)).headers["cache-control"] == SECONDS


async def test_sec_110_answers_to_a_platform_and_refusals_are_kept_by_nobody_else(sqlite_world: World) -> None:
    where = await addresses(sqlite_world)
    headers = {"Authorization": f"Bearer {NORTHFIELD_KEY}"}
    mine = await sqlite_world.http.get(f"/api/v1/credentials/{where['uuid']}", headers=headers)
    refused = await sqlite_world.http.get("/p/nobody")
    assert mine.headers["cache-control"] == "private, no-cache", "by the platform itself, if it asks each time"
    assert refused.headers["cache-control"] == "no-store"
    assert "etag" not in refused.headers


async def test_what_did_something_is_answered_in_full_whatever_the_caller_has_already(sqlite_world: World) -> None:
    """304 is for GET and HEAD (RFC 9110 §13.1.2): elsewhere it would hide what came of the request."""
    headers = {"Authorization": f"Bearer {NORTHFIELD_KEY}", "If-None-Match": "*"}
    asked = await sqlite_world.http.post(
        "/api/v1/grants", json={"email": "zoe@x.example", "name": "Zoe"}, headers=headers
    )
    assert asked.status_code == 200, asked.text
    path = f"/api/v1/grants/{asked.json()['id']}"
    assert (await sqlite_world.http.get(path, headers=headers)).status_code == 304
    ended = await sqlite_world.http.delete(path, headers=headers)
    assert (ended.status_code, ended.json()["state"]) == (200, "refused")
