"""Webhooks as a platform keeps them: made, changed, given new secrets, removed; and how their secrets are kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.cursors import WRONG_NUMBERS, forged
from tests.platforms.making import a_key, a_test_key
from tests.platforms.receivers import OK, Partner
from tests.world import World
from verify.audit.checking import audit
from verify.issuers.rewrapping import rewrap
from verify.outside.key_custody import KeyUnreadable
from verify.platforms import webhook_secrets
from verify.platforms.tables import Webhook, WebhookSecret
from verify.runtime import KeyEncryptionKey
from verify.trail.tables import TrailEntry

URL = "https://hooks.northfield.example/refolio?key=s3cret"


async def test_a_webhook_is_made_looked_at_changed_and_removed(northfield: Partner) -> None:
    body = {"url": URL, "types": ["credential.withdrawn"], "description": "The careers office"}
    made = await northfield.told("POST", "/webhooks", body, key="k")
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert made == {
        "id": made["id"],
        "url": URL,
        "description": "The careers office",
        "types": ["credential.withdrawn"],
        "issuers": None,
        "enabled": True,
        "disabled_because": None,
        "created_at": "2026-11-23T10:00:00Z",
        "failing_since": None,
        "old_secret_until": None,
    }
    path = f"/webhooks/{made['id']}"
    assert await northfield.told("GET", path) == made
    assert await northfield.told("GET", "/webhooks") == {"items": [made], "next": None}
    changed = await northfield.told("PATCH", path, {"types": None, "enabled": False})
    assert changed == made | {"types": None, "enabled": False}
    assert await northfield.told("DELETE", path) is None
    assert (await northfield.call("GET", path)).status_code == 404
    assert (await northfield.call("DELETE", path)).status_code == 204, "again changes nothing"
    assert await northfield.told("GET", "/webhooks") == {"items": [], "next": None}


async def test_sec_180_the_same_request_gives_the_same_webhook_and_secret_however_parallel(northfield: Partner) -> None:
    body = {"url": URL}
    made = await asyncio.gather(*(northfield.told("POST", "/webhooks", body, key="k") for _ in range(8)))
    assert len({str(one) for one in made}) == 1
    other = await northfield.call("POST", "/webhooks", {"url": URL + "x"}, key="k")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
    assert (await northfield.call("POST", "/webhooks", body)).json()["code"] == "idempotency-key-missing"
    path = f"/webhooks/{made[0]['id']}/roll"
    rolled = await asyncio.gather(*(northfield.told("POST", path, key="r") for _ in range(8)))
    assert len({one["secret"] for one in rolled}) == 1
    assert await WebhookSecret.count() == 2
    assert (await northfield.call("POST", "/webhooks", body, key="r")).status_code == 409


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["url"]),
        ({"url": 7}, ["url"]),
        ({"url": URL, "types": []}, ["types"]),
        ({"url": URL, "types": ["credential.issued", "webhook.test"]}, ["types"]),
        ({"url": URL, "types": "credential.issued"}, ["types"]),
        ({"url": URL, "issuers": ["acme", "mallory-inc"]}, ["issuers"]),
        ({"url": URL, "description": "x" * 201}, ["description"]),
        ({"url": URL, "description": "two\nlines"}, ["description"]),
        ({"url": URL, "description": 1}, ["description"]),
        # SEC-172: what is not the caller's to say
        ({"url": URL, "platform": "mallory", "state": "on", "secret": "whsec_AAAA"}, ["platform", "secret", "state"]),
        ({"url": URL, "enabled": True}, ["enabled"]),
    ],
)
async def test_sec_172_what_cannot_be_meant_is_refused_by_name(
    northfield_on_sqlite: Partner, body: dict[str, Any], fields: list[str]
) -> None:
    refused = await northfield_on_sqlite.call("POST", "/webhooks", body, key="k")
    assert refused.status_code == 422
    assert [fault["field"] for fault in refused.json()["faults"]] == fields
    assert all(fault["fix"] for fault in refused.json()["faults"])
    assert await Webhook.count() == 0


@pytest.mark.parametrize("body", [{"url": "http://x.example/"}, {"enabled": "yes"}, {"nothing": 1}, {"url": None}])
async def test_a_change_that_cannot_be_meant_changes_nothing(
    northfield_on_sqlite: Partner, body: dict[str, Any]
) -> None:
    northfield = northfield_on_sqlite
    made = await northfield.told("POST", "/webhooks", {"url": URL}, key="k")
    path = f"/webhooks/{made['id']}"
    assert (await northfield.call("PATCH", path, body)).status_code == 422
    assert await northfield.told("GET", path) == {name: made[name] for name in made if name != "secret"}


async def test_ten_are_enough(northfield_on_sqlite: Partner) -> None:
    northfield = northfield_on_sqlite
    for number in range(10):
        await northfield.told("POST", "/webhooks", {"url": f"{URL}{number}"}, key=f"{number}")
    refused = await northfield.call("POST", "/webhooks", {"url": URL}, key="k")
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook-limit")
    (first, *_) = (await northfield.told("GET", "/webhooks"))["items"]
    await northfield.told("DELETE", f"/webhooks/{first['id']}")
    assert (await northfield.call("POST", "/webhooks", {"url": URL}, key="k")).status_code == 201


async def test_sec_201_ten_are_enough_however_many_are_asked_for_at_once(northfield: Partner) -> None:
    asked = [(f"{n}", {"url": f"{URL}{n}"}) for n in range(30)]
    asked += asked[:1] * 5  # the same again counts once, and always gets its answer
    answers = await asyncio.gather(*(northfield.call("POST", "/webhooks", body, key=key) for key, body in asked))
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert {answer.json()["code"] for answer in answers if answer.status_code != 201} == {"webhook-limit"}
    assert len(made) == len((await northfield.told("GET", "/webhooks"))["items"]) == 10
    assert len({answer.status_code for answer, (key, _) in zip(answers, asked, strict=True) if key == "0"}) == 1


async def test_removing_many_times_at_once_removes_once(northfield: Partner) -> None:
    hook = await northfield.hook()
    answers = await asyncio.gather(*(northfield.call("DELETE", f"/webhooks/{hook['id']}") for _ in range(8)))
    assert {answer.status_code for answer in answers} == {204}
    assert await TrailEntry.count().where(TrailEntry.act == "webhook-removed") == 1


async def test_sec_180_an_idempotency_key_is_one_for_tests_and_another_in_earnest(northfield: Partner) -> None:
    test_key = await a_test_key(northfield.world)
    live = await northfield.told("POST", "/webhooks", {"url": URL}, key="k")
    for _ in range(2):
        test = await northfield.call("POST", "/webhooks", {"url": URL}, key="k", api_key=test_key)
        assert test.status_code == 201, test.text
        assert test.json()["id"] != live["id"]
    rolled = {
        (await northfield.call("POST", f"/webhooks/{test.json()['id']}/roll", key="k", api_key=test_key)).status_code
        for _ in range(2)
    }
    assert rolled == {409}, "the key made the webhook"


async def test_sec_180_the_secret_that_a_key_for_all_issuers_made_is_not_given_to_one_for_some(
    northfield: Partner,
) -> None:
    narrow = await a_key(northfield.world, issuers=["brightline"])
    await northfield.told("POST", "/webhooks", {"url": URL}, key="k")
    refused = await northfield.call("POST", "/webhooks", {"url": URL}, key="k", api_key=narrow)
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency-key-reused")


async def test_sec_183_rolling_again_ends_the_oldest_secret_at_once(northfield: Partner) -> None:
    made = await northfield.told("POST", "/webhooks", {"url": URL}, key="k")
    path = f"/webhooks/{made['id']}/roll"
    first = await northfield.told("POST", path, {"overlap": 7200}, key="1")
    assert first["old_secret_until"] == "2026-11-23T12:00:00Z"
    await northfield.told("POST", path, key="2")
    kept = await WebhookSecret.select().where(WebhookSecret.wrapped != b"")
    assert len(kept) == 2
    at_once = await northfield.told("POST", path, {"overlap": 0}, key="3")
    assert at_once["old_secret_until"] is None
    assert len(await WebhookSecret.select().where(WebhookSecret.wrapped != b"")) == 1
    for body in ({"overlap": -1}, {"overlap": 604801}, {"overlap": True}, {"overlap": "1"}, {"x": 1}):
        assert (await northfield.call("POST", path, body, key="4")).status_code == 422
    # A request whose secret has ended gets no other one.
    assert (await northfield.call("POST", path, {"overlap": 7200}, key="1")).json()["code"] == "idempotency-key-reused"


async def test_a_secret_is_emptied_when_its_overlap_is_over_or_its_webhook_removed(northfield: Partner) -> None:
    made = await northfield.told("POST", "/webhooks", {"url": URL}, key="k")
    await northfield.told("POST", f"/webhooks/{made['id']}/roll", {"overlap": 60}, key="r")
    northfield.clock.move(seconds=60)
    await northfield.world.app.state.webhooks.clean()
    assert len(await WebhookSecret.select().where(WebhookSecret.wrapped != b"")) == 1
    await northfield.told("DELETE", f"/webhooks/{made['id']}")
    assert await WebhookSecret.select().where(WebhookSecret.wrapped != b"") == []


async def test_every_act_on_a_webhook_stands_in_the_trail_and_the_audit_finds_nothing(northfield: Partner) -> None:
    made = await northfield.hook()
    path = f"/webhooks/{made['id']}"
    await northfield.told("POST", f"{path}/roll", {"overlap": 0}, key="r")
    await northfield.told("PATCH", path, {"description": "x"})
    await northfield.issue()
    northfield.outside.server.script = [b"HTTP/1.1 410 Gone\r\n\r\n", OK]
    await northfield.settle()
    await northfield.told("DELETE", path)
    acts = await TrailEntry.select(TrailEntry.act).where(TrailEntry.about == made["id"]).order_by(TrailEntry.number)
    assert [entry["act"] for entry in acts] == [
        "webhook-added",
        "webhook-secret-rolled",
        "webhook-changed",
        "webhook-gone",
        "webhook-removed",
    ]
    assert (await audit(northfield.world.runtime)).mismatches == ()
    entries = await TrailEntry.select(TrailEntry.body)
    assert all("whsec_" not in entry["body"] and "hooks.northfield" not in entry["body"] for entry in entries)


async def test_a_secret_lies_wrapped_and_opens_in_its_own_row_only(northfield: Partner) -> None:
    one, other = await northfield.hook(), await northfield.hook("/other")
    rows = await WebhookSecret.select().order_by(WebhookSecret.created_at)
    assert all(one["secret"].encode() not in bytes(row["wrapped"]) for row in rows)
    runtime = northfield.world.runtime
    assert len(await webhook_secrets.to_sign_with(runtime, one["id"])) == 1
    by_hook = {row["webhook"]: row for row in rows}
    first, second = by_hook[one["id"]], by_hook[other["id"]]
    await WebhookSecret.update({WebhookSecret.wrapped: bytes(first["wrapped"])}).where(WebhookSecret.id == second["id"])
    with pytest.raises(KeyUnreadable):
        await webhook_secrets.to_sign_with(runtime, other["id"])


async def test_sec_209_secrets_move_under_another_key_encryption_key_with_all_others(northfield: Partner) -> None:
    made = await northfield.hook()
    before = northfield.world.runtime
    runtime = replace(before, kek=KeyEncryptionKey(bytes([200]) * 32), previous_keks=(before.kek,))
    (secret,) = await webhook_secrets.to_sign_with(before, made["id"])
    result = await rewrap(runtime, lambda done, total: None, await webhook_secrets.places())
    assert result.unreadable == ()
    alone = replace(runtime, previous_keks=())
    assert await webhook_secrets.to_sign_with(alone, made["id"]) == [secret]
    assert (await rewrap(alone, lambda done, total: None, await webhook_secrets.places())).moved == 0
    assert (await audit(alone)).mismatches == ()


async def test_nothing_is_said_without_a_key(sqlite_world: World) -> None:
    for path in ("/events", "/events/evt_x", "/webhooks", "/webhooks/whk_x"):
        assert (await sqlite_world.http.get(f"/api/v1{path}")).status_code == 401


async def test_deliveries_are_listed_page_by_page_and_by_state(northfield: Partner) -> None:
    hook = await northfield.hook()
    for _ in range(5):
        await northfield.issue()
    await northfield.settle()
    events = [one["id"] for one in reversed(await northfield.events())]
    path, seen, after = f"/webhooks/{hook['id']}/deliveries?limit=2", list[str](), ""
    while after is not None:
        page = await northfield.told("GET", path + after)
        seen += [one["event"] for one in page["items"]]
        after = f"&after={page['next']}" if page["next"] else None  # type: ignore[assignment]
    assert seen == events
    assert await northfield.deliveries(hook, "?state=dead") == []
    next_ = (await northfield.told("GET", path))["next"]
    mine = [f"?after={forged(next_, place)}" for place in WRONG_NUMBERS]
    for query in ("?state=lost", "?limit=0", "?after=x", f"?state=dead&after={next_}", *mine):
        assert (await northfield.call("GET", f"/webhooks/{hook['id']}/deliveries{query}")).status_code == 400


async def test_a_replay_names_what_it_means(northfield_on_sqlite: Partner) -> None:
    northfield = northfield_on_sqlite
    await northfield.hook()
    await northfield.issue()
    (event,) = await northfield.events()
    path = f"/events/{event['id']}/replay"
    for body in ({"webhook": 7}, {"hook": "x"}):
        assert (await northfield.call("POST", path, body)).status_code == 422
    for name in ("whk_x", ""):  # an empty name is none of theirs, and does not stand for all of them
        assert (await northfield.call("POST", path, {"webhook": name})).status_code == 404
    # Before it was tried, a replay makes no second delivery.
    await northfield.told("POST", path)
    await northfield.settle()
    assert len(northfield.heard) >= 1
    northfield.outside.server.received.clear()
    for _ in range(2):
        await northfield.told("POST", path)
    await northfield.settle()
    assert {one["id"] for one in northfield.heard} == {event["id"]}


async def test_sixty_tests_an_hour_are_enough(northfield_on_sqlite: Partner) -> None:
    northfield = northfield_on_sqlite
    hook = await northfield.hook()
    path = f"/webhooks/{hook['id']}/test"
    answers = [(await northfield.call("POST", path)).status_code for _ in range(61)]
    assert answers == [202] * 60 + [429]
    await northfield.told("PATCH", f"/webhooks/{hook['id']}", {"enabled": False})
    assert (await northfield.call("POST", path)).json()["code"] == "webhook-off"
