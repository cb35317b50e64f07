"""The mail to the intern whose credential is withdrawn."""

from __future__ import annotations

from email.message import EmailMessage

from tests.world import MALLORY_KEY, World, another
from verify.credentials.telling import MOST_MAILS


async def about_withdrawals(world: World) -> list[EmailMessage]:
    mails = await world.mails("maya@northfield.example")
    return [mail for mail in mails if "withdrawn" in str(mail["Subject"])]


async def test_the_intern_is_told_by_mail_why_and_where_she_can_reply(sqlite_world: World) -> None:
    issued = await sqlite_world.issued()
    await sqlite_world.withdraw(issued["uuid"], b'{"reason": "See our mail.", "kind": "duplicate"}')
    await sqlite_world.withdraw(issued["uuid"], b'{"reason": "See our mail.", "kind": "duplicate"}')
    mail, *more = await about_withdrawals(sqlite_world)
    assert more == []
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
    assert len(await about_withdrawals(world)) == MOST_MAILS
    world.clock.move(days=1)
    issued = await world.issued()
    await world.withdraw(issued["uuid"], "Wrong dates.")
    assert len(await about_withdrawals(world)) == MOST_MAILS + 1
