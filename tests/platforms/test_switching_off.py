"""When a webhook is switched off by itself, who is told, and what is sent to which webhook at all."""

from __future__ import annotations

from tests.client.loopback import answer
from tests.platforms.receivers import OK, ORGANISATION, Partner
from verify.platforms.delivery_outcomes import PAUSES


async def test_410_switches_the_webhook_off_and_its_people_are_told(northfield_with_admin: Partner) -> None:
    northfield = northfield_with_admin
    hook = await northfield.hook()
    northfield.outside.server.script = [OK, answer(410), OK]
    for _ in range(3):
        await northfield.issue()
        await northfield.settle()
    off = await northfield.told("GET", f"/webhooks/{hook['id']}")
    assert (off["enabled"], off["disabled_because"]) == (False, "gone")
    assert [one["state"] for one in await northfield.deliveries(hook)] == ["dead", "delivered"]
    assert len(northfield.heard) == 2  # of the third event nothing was written for it
    (mail,) = await northfield.world.mails("nora@northfield.example")
    assert mail["Subject"] == "A webhook of northfield was switched off"
    assert "410 Gone" in mail.get_content()
    assert f"/console/{ORGANISATION}/webhooks" in mail.get_content()
    on = await northfield.told("PATCH", f"/webhooks/{hook['id']}", {"enabled": True})
    assert (on["enabled"], on["disabled_because"]) == (True, None)


async def test_who_takes_nothing_for_three_days_is_switched_off_and_can_come_back(
    northfield_with_admin: Partner,
) -> None:
    northfield = northfield_with_admin
    hook = await northfield.hook()
    northfield.outside.server.script = [answer(503)]
    await northfield.issue()
    await northfield.settle()
    for pause in PAUSES[:-1]:
        await northfield.settle(seconds=1.2 * pause.total_seconds())
    assert (await northfield.told("GET", f"/webhooks/{hook['id']}"))["enabled"] is True
    await northfield.issue()
    await northfield.settle(seconds=1.2 * PAUSES[-1].total_seconds())
    off = await northfield.told("GET", f"/webhooks/{hook['id']}")
    assert (off["enabled"], off["disabled_because"]) == (False, "failing")
    dead = await northfield.deliveries(hook, "?state=dead")
    assert len(dead) == 2
    assert "three days" in (await northfield.world.mails("nora@northfield.example"))[0].get_content()
    refused = await northfield.call("POST", f"/events/{dead[0]['event']}/replay")
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook-off")
    northfield.outside.server.script = [OK]
    northfield.outside.server.received.clear()
    await northfield.told("PATCH", f"/webhooks/{hook['id']}", {"enabled": True})
    for one in dead:
        await northfield.told("POST", f"/events/{one['event']}/replay", {"webhook": hook["id"]})
    await northfield.settle()
    assert {one["id"] for one in northfield.heard} == {one["event"] for one in dead}


async def test_one_success_in_between_and_it_stays_on(northfield: Partner) -> None:
    hook = await northfield.hook()
    northfield.outside.server.script = [answer(500)]
    await northfield.issue()
    await northfield.settle()
    for pause in PAUSES[:-1]:
        await northfield.settle(seconds=1.2 * pause.total_seconds())
    northfield.outside.server.script = [OK, answer(500)]
    await northfield.issue()
    await northfield.settle()
    await northfield.settle(seconds=1.2 * PAUSES[-1].total_seconds())
    assert [one["state"] for one in await northfield.deliveries(hook)] == ["delivered", "dead"]
    assert (await northfield.told("GET", f"/webhooks/{hook['id']}"))["enabled"] is True


async def test_a_test_event_goes_to_its_webhook_alone_and_once(northfield: Partner) -> None:
    northfield.outside.server.pages = {"/other": OK, "/hook": answer(500)}
    hook, other = await northfield.hook(), await northfield.hook("/other")
    event = (await northfield.told("POST", f"/webhooks/{hook['id']}/test"))["event"]
    await northfield.settle()
    await northfield.settle(days=1)
    (delivery,) = await northfield.deliveries(hook)
    assert (delivery["event"], delivery["type"], delivery["state"]) == (event, "webhook.test", "dead")
    assert await northfield.deliveries(other) == []
    assert northfield.heard == [await northfield.told("GET", f"/events/{event}")]
    assert northfield.heard[0]["data"] == {"webhook": hook["id"]}


async def test_a_webhook_gets_the_types_and_issuers_that_it_asked_for(northfield: Partner) -> None:
    hook = await northfield.hook(types=["credential.withdrawn"], issuers=["brightline"])
    for issuer in ("acme", "brightline"):
        await northfield.world.withdraw(await northfield.issue(issuer))
    await northfield.settle()
    assert [(one["type"], one["issuer"]) for one in northfield.heard] == [("credential.withdrawn", "brightline")]
    # What it was not sent can still be sent to it by name.
    (first, *_) = await northfield.events()
    await northfield.told("POST", f"/events/{first['id']}/replay", {"webhook": hook["id"]})
    await northfield.settle()
    assert northfield.heard[-1] == first


async def test_what_waits_for_a_webhook_that_is_removed_or_off_is_not_sent(northfield: Partner) -> None:
    hook, other = await northfield.hook(), await northfield.hook("/other")
    northfield.outside.server.script = [answer(500)]
    await northfield.issue()
    await northfield.settle()
    await northfield.told("DELETE", f"/webhooks/{hook['id']}")
    await northfield.told("PATCH", f"/webhooks/{other['id']}", {"enabled": False})
    northfield.outside.server.received.clear()
    await northfield.settle(days=4)
    assert northfield.heard == []
    assert [one["state"] for one in await northfield.deliveries(other)] == ["dead"]
    assert (await northfield.call("GET", f"/webhooks/{hook['id']}/deliveries")).status_code == 404
