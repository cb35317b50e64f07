"""Who may do what: without a key nothing, with a key only what is one's own; and the key itself is kept nowhere."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from litestar import Litestar, get
from litestar.handlers import HTTPRouteHandler

import refolio
import verify.app
from tests.comparing import alike
from tests.world import MALLORY_KEY, NORTHFIELD_KEY, World, a_runtime, another, maya, stage
from verify.app import create_app
from verify.http.access import ABOUT_PLATFORM, ANYBODY, FOR_ANYBODY, FOR_PLATFORMS, Action, Actor, Scope, can
from verify.issuers.registering import register
from verify.issuers.tables import Issuer
from verify.platforms import keying, mandating
from verify.platforms.tables import ApiKey, Mandate

ABSENT = "00000000-0000-4000-8000-000000000000"


def doors(app: Litestar) -> list[tuple[str, str, object]]:
    """Every route of the application: method, path with its parameters filled in, and the action it declares."""
    return [
        (method, route.path.replace("{credential_id:str}", ABSENT), handler.opt.get("action"))
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if isinstance(handler, HTTPRouteHandler) and handler.handler_name != "options_handler"
        for method in handler.http_methods
    ]


def closed(app: Litestar) -> list[tuple[str, str]]:
    """The doors that need a key or a sign-in."""
    return [(method, path) for method, path, action in doors(app) if action in set(Action) - FOR_ANYBODY]


CLOSED = ("api-key-missing", "api-key-malformed", "api-key-unknown", "sign-in-needed")
BAD_AUTHORIZATION = {
    "none": None,
    "empty": b"",
    "scheme alone": b"Bearer",
    "blank key": b"Bearer  ",
    "other scheme": b"Basic " + NORTHFIELD_KEY.encode(),
    "no scheme": NORTHFIELD_KEY.encode(),
    "unknown key": b"Bearer rf_live_" + b"x" * 43,
    "key cut short": f"Bearer {NORTHFIELD_KEY[:-1]}".encode(),
    "key in other case": f"Bearer {NORTHFIELD_KEY.swapcase()}".encode(),
    "key with a tail": f"Bearer {NORTHFIELD_KEY} x".encode(),
    "SQL": b"Bearer ' OR '1'='1",
    "bytes": b"Bearer \xff\xfe",
    "very long": b"Bearer " + b"x" * 60_000,
}


@pytest.mark.parametrize("authorization", BAD_AUTHORIZATION.values(), ids=BAD_AUTHORIZATION)
async def test_without_a_good_key_every_closed_door_stays_closed(
    authorization: bytes | None, sqlite_world: World
) -> None:
    """SEC-171, SEC-220: a new route is tried here without anybody thinking of it."""
    headers = [(b"Authorization", authorization)] if authorization is not None else []
    tried = closed(sqlite_world.app)
    assert {path for _, path in tried} >= {"/api/v1/credentials", f"/api/v1/credentials/{ABSENT}/withdraw"}
    for method, path in tried:
        answer = await sqlite_world.http.request(method, path, headers=headers, json=maya())
        assert answer.status_code == 401, (method, path)
        assert method == "HEAD" or answer.json()["code"] in CLOSED


# They are sent a document and change nothing.
VERIFYING = {("POST", "/credentials/verify"), ("POST", "/presentations/verify")}


def test_whatever_changes_something_is_behind_a_closed_door() -> None:
    app = create_app(a_runtime("sqlite:///unused.db"))
    unsafe = {
        (method, path)
        for method, path, action in doors(app)
        # These have secrets of their own.
        if method not in ("GET", "HEAD", "OPTIONS") and action not in (Action.SIGN_IN, Action.ANSWER_AS_REFEREE)
    }
    assert unsafe
    assert unsafe - VERIFYING <= set(closed(app))


def test_a_handler_that_declares_no_action_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    @get("/backdoor")
    async def backdoor() -> str:
        return ""

    monkeypatch.setattr(verify.app, "HANDLERS", [*verify.app.HANDLERS, backdoor])
    with pytest.raises(RuntimeError, match="backdoor"):
        create_app(a_runtime("sqlite:///unused.db"))


async def test_a_revoked_key_opens_nothing_any_more(world: World) -> None:
    issued = await world.issued()
    await ApiKey.update({ApiKey.revoked_at: world.clock()}).where(ApiKey.sha256 == keying.fingerprint(NORTHFIELD_KEY))
    for answer in (await world.post(another()), await world.withdraw(issued["uuid"])):
        assert (answer.status_code, answer.json()["code"]) == (401, "api-key-revoked")


async def test_a_second_key_works_beside_the_first(world: World) -> None:
    """SEC-179."""
    second = await keying.new_api_key(world.runtime, "northfield")
    assert second.startswith("rf_live_")
    await world.issued(another(), api_key=second)
    await world.issued(another())


@pytest.mark.parametrize("issuer", ["mallory-inc", "nobody"])
async def test_sec_178_nobody_delivers_for_an_issuer_without_a_mandate(issuer: str, world: World) -> None:
    before = await world.rows()
    answer = await world.post(maya(issuer=issuer))
    assert (answer.status_code, answer.json()["code"]) == (403, "issuer-not-allowed")
    assert await world.rows() == before


async def test_sec_178_mallory_cannot_sign_as_acme(world: World) -> None:
    """SEC-033: with a key of her own platform, whatever the body says."""
    before = await world.rows()
    assert (await world.post(maya(), api_key=MALLORY_KEY)).status_code == 403
    assert await world.rows() == before


async def test_with_its_mandate_a_platform_loses_sight_of_what_it_delivered(world: World) -> None:
    issued = await world.issued()
    await Mandate.delete().where(Mandate.platform == "northfield", Mandate.issuer == "acme")
    headers = {"Authorization": f"Bearer {NORTHFIELD_KEY}"}
    looked_up = await world.http.get(f"/api/v1/credentials/{issued['uuid']}", headers=headers)
    answers = [looked_up, await world.withdraw(issued["uuid"]), await world.post(another())]
    assert [answer.status_code for answer in answers] == [404, 404, 403]
    assert (await world.http.get(f"/credentials/{issued['uuid']}")).status_code == 200, "the credential itself stays"


async def test_sec_171_what_another_platform_delivered_looks_absent(world: World) -> None:
    issued = await world.issued()
    headers = {"Authorization": f"Bearer {MALLORY_KEY}"}
    hers, absent = [
        await world.http.get(f"/api/v1/credentials/{uuid}", headers=headers) for uuid in (issued["uuid"], ABSENT)
    ]
    assert hers.status_code == 404
    assert alike(hers, issued["uuid"]) == alike(absent, ABSENT)


async def test_sec_171_two_platforms_of_one_issuer_do_not_see_each_others(world: World) -> None:
    await mandating.mandate(world.runtime, "mallory", "acme")
    issued = await world.issued()
    with pytest.raises(refolio.RequestRefused) as caught:
        await world.mallory.credentials.get(issued["uuid"])
    assert caught.value.status == 404
    assert (await world.withdraw(issued["uuid"], api_key=MALLORY_KEY)).status_code == 404
    assert (await world.northfield.credentials.get(issued["uuid"])).state == "current"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PROPFIND", "GET"])
async def test_sec_220_no_other_method_gets_around_the_key(method: str, sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    before = await sqlite_world.rows()
    path, override = f"/api/v1/credentials/{issued['uuid']}", {"X-HTTP-Method-Override": "POST", "X-Method": "POST"}
    for at in (path, f"{path}/withdraw"):
        answer = await sqlite_world.http.request(method, at, headers=override)
        assert answer.status_code in (401, 405) or (method, answer.status_code, answer.content) == ("OPTIONS", 204, b"")
        assert issued["record"] not in answer.text
    assert await sqlite_world.rows() == before


@pytest.mark.parametrize("place", ["query", "cookie", "other header"])
async def test_a_key_is_taken_from_its_header_alone(place: str, sqlite_world: World) -> None:
    path, headers = f"/api/v1/credentials/{ABSENT}", {}
    if place == "query":
        path += f"?api_key={NORTHFIELD_KEY}&access_token={NORTHFIELD_KEY}"
    else:
        headers = {"Cookie" if place == "cookie" else "X-API-Key": f"Authorization=Bearer {NORTHFIELD_KEY}"}
    answer: httpx.Response = await sqlite_world.http.get(path, headers=headers)
    assert answer.status_code == 401


async def test_sec_177_no_key_is_kept_in_the_database(sqlite_url: str) -> None:
    async with stage(sqlite_url) as world:
        secret = await keying.new_api_key(world.runtime, "northfield")
        await world.issued(api_key=secret)
    kept = b"".join(file.read_bytes() for file in Path(sqlite_url.removeprefix("sqlite:///")).parent.iterdir())
    assert keying.fingerprint(secret).encode() in kept, "looked in the right place"
    for key in (secret, NORTHFIELD_KEY, MALLORY_KEY):
        assert key.encode() not in kept
        assert key.removeprefix("rf_live_")[:43].encode() not in kept


async def test_only_what_can_be_recognised_of_a_key_is_kept(world: World) -> None:
    secret = await keying.new_api_key(world.runtime, "northfield")
    row = await ApiKey.select().where(ApiKey.sha256 == keying.fingerprint(secret)).first()
    assert row
    assert row["hint"] == secret[:12]
    assert not [value for value in row.values() if isinstance(value, str) and secret in value]


def test_no_is_the_answer_unless_a_rule_says_yes() -> None:
    northfield = Actor("northfield", frozenset({"acme"}), scopes=frozenset(Scope))
    for action in ABOUT_PLATFORM:
        assert can(northfield, action)
        assert not can(ANYBODY, action)
    for action in set(Action) - FOR_ANYBODY - ABOUT_PLATFORM:
        assert can(northfield, action, "acme") is (action in FOR_PLATFORMS)
        assert can(northfield, action, "acme") is (action in FOR_PLATFORMS)
        assert not can(northfield, action, "mallory-inc")
        assert can(northfield, action) is (action in ABOUT_PLATFORM)
        assert can(Actor("northfield"), action) is (action is Action.SHOW_KEY)
        assert not can(ANYBODY, action, "acme")
        assert not can(Actor(None, frozenset({"acme"})), action, "acme")
    assert can(ANYBODY, Action.READ_PUBLIC)


async def test_a_platform_cannot_take_over_an_issuer_by_its_name(world: World) -> None:
    """Registering a taken name changes nothing: the key, the DID and the name stay."""
    before = await Issuer.select().where(Issuer.slug == "acme")
    assert await register(world.runtime, "acme", "Mallory Incorporated") is False
    assert await Issuer.select().where(Issuer.slug == "acme") == before
