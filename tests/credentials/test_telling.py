"""The mail to the intern whose credential is withdrawn."""

from __future__ import annotations

from tests.world import MALLORY_KEY, World, another
from verify.credentials.telling import MOST_MAILS


async def test_the_intern_is_told_by_mail_why_and_where_she_can_reply(sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    await sqlite_world.withdraw(issued["uuid"], b'{"reason": "See our mail.", "kind": "duplicate"}')
    await sqlite_world.withdraw(issued["uuid"], b'{"reason": "See our mail.", "kind": "duplicate"}')
    (mail,) = await sqlite_world.mails("maya@northfield.example")
    said = mail.get_content()
    assert mail["Subject"] == "A credential of yours was withdrawn"
    assert "There is another credential for the same work. See our mail." in said
    assert f"/account/credentials/{issued['uuid']}/reply" in said
    assert f"/v/{issued['code']}" in said


async def test_sec_162_nobody_is_flooded_with_mails_about_withdrawals(world: World) -> None:
    """Mallory issues to an address and withdraws, over and over."""
    for number in range(MOST_MAILS + 3):
        completion = another(issuer="mallory-inc", intern={"name": "Maya", "email": "maya@northfield.example"})
        issued = await world.issued({**completion, "record": f"M-{number}"}, api_key=MALLORY_KEY)
        assert (await world.withdraw(issued["uuid"], "Look here.", api_key=MALLORY_KEY)).status_code == 200
    assert len(await world.mails("maya@northfield.example")) == MOST_MAILS
    world.clock.move(days=1)
    issued = await world.issued()
    await world.withdraw(issued["uuid"], "Wrong dates.")
    assert len(await world.mails("maya@northfield.example")) == MOST_MAILS + 1
