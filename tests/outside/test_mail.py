"""Mail comes with what causes it or not at all, reaches a real mail server, and survives its bad days."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path
from typing import cast

import pytest

from tests.outside.mail_server import MailServer, mail_server
from tests.outside.strangers import certificate
from tests.world import Clock, World, a_runtime, text_of
from verify.database import TransactionMisused, bind, engine_from_url, tx
from verify.outside.mail import is_address, send_mail
from verify.outside.mail_delivery import LEASE, MailWorker
from verify.outside.mail_retrying import given_up, mail_counts, mail_state, retry
from verify.outside.tables import OutgoingMail
from verify.runtime import Network, Runtime

MAYA = "maya@northfield.example"


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server(MailServer()) as running:
        yield running


@pytest.fixture
async def runtime(database_url: str, tmp_path: Path) -> AsyncIterator[Runtime]:
    """A database and a clock without the service, whose own worker would be faster than the test."""
    engine = engine_from_url(database_url)
    bind(engine)
    await engine.open()
    yield a_runtime(database_url, now=Clock(), data=tmp_path)
    await engine.close()


def sending_to(runtime: Runtime, url: str, **changes: object) -> Runtime:
    settings = replace(runtime.settings, smtp=url, mail_from="Refolio <hello@refolio.example>")
    return replace(runtime, settings=settings, **changes)  # type: ignore[arg-type]


def clock_of(runtime: Runtime) -> Clock:
    return cast(Clock, runtime.now)


async def write_mail(
    runtime: Runtime, subject: str = "Hello", body: str = "Good morning.\n", address: str = MAYA
) -> None:
    async with tx():
        await send_mail(runtime, address, subject, body)


async def test_a_mail_reaches_the_mail_server_whole(runtime: Runtime, server: MailServer) -> None:
    sending = sending_to(runtime, f"smtp://localhost:{server.port}")
    await write_mail(runtime, "Grüße, Maya", "Ein Link:\n\nhttps://refolio.example/" + "x" * 90 + "\n.\nÄnde\n")
    await MailWorker(sending).settled()
    ((sender, addresses, mail),) = server.received
    assert (sender, addresses) == ("hello@refolio.example", ["maya@northfield.example"])
    assert (str(mail["Subject"]), mail["Auto-Submitted"]) == ("Grüße, Maya", "auto-generated")
    assert mail["Date"].datetime == runtime.now()
    assert text_of(mail) == "Ein Link:\n\nhttps://refolio.example/" + "x" * 90 + "\n.\nÄnde\n"
    assert await OutgoingMail.count() == 0  # nothing of it is kept


async def test_no_mail_without_its_cause(runtime: Runtime) -> None:
    with suppress(LookupError):
        async with tx():
            await send_mail(runtime, "maya@northfield.example", "Hello", "Good morning.")
            raise LookupError
    assert await OutgoingMail.count() == 0
    with pytest.raises(TransactionMisused):
        await send_mail(runtime, "maya@northfield.example", "Hello", "Good morning.")


async def test_the_worker_of_the_service_is_woken_by_the_commit(world: World) -> None:
    await write_mail(world.runtime)
    (mail,) = await world.mails()
    assert text_of(mail) == "Good morning.\n"


async def test_mails_without_a_mail_server_are_files_for_their_owner_only(world: World) -> None:
    await write_mail(world.runtime)
    await world.app.state.mail.settled()
    (file,) = (world.runtime.settings.data / "outbox").iterdir()
    assert (file.suffix, file.stat().st_mode & 0o777) == (".eml", 0o600)
    assert BytesParser(policy=SMTP).parsebytes(file.read_bytes())["To"] == "maya@northfield.example"


async def test_a_mail_that_is_not_taken_waits_longer_each_time_and_is_given_up(
    runtime: Runtime, server: MailServer
) -> None:
    sending = sending_to(runtime, f"smtp://localhost:{server.port}", random_below=lambda below: 0)
    worker = MailWorker(sending)
    server.script = ["451 later"] * 100
    await write_mail(runtime)
    pauses, last = [], runtime.now()
    while (row := await OutgoingMail.select().first())["state"] == "waiting":
        await worker.settled()
        if (row := await OutgoingMail.select().first())["state"] == "waiting":
            pauses.append((row["due_at"] - last).total_seconds())
            last = clock_of(runtime).time = row["due_at"]
    assert pauses[:4] == [30, 60, 120, 240]
    assert max(pauses) == 3 * 3600
    assert 72 * 3600 - 3 * 3600 <= sum(pauses) <= 72 * 3600 + 3 * 3600
    assert (row["state"], row["fault"]) == ("dead", "The mail server answered 451.")
    assert server.received == []


async def test_what_was_given_up_can_be_sent_again_while_it_is_worth_something(
    runtime: Runtime, server: MailServer
) -> None:
    worker = MailWorker(sending_to(runtime, f"smtp://localhost:{server.port}"))
    server.refused[MAYA] = "550 relaying denied"
    await write_mail(runtime, "A letter")
    async with tx():
        await send_mail(runtime, MAYA, "A link", "/sign-in/link/secret", useless_after=timedelta(minutes=10))
    await worker.settled()
    assert [(one.subject, one.can_be_retried) for one in await given_up(runtime)] == [
        ("A letter", True),
        ("A link", True),
    ]
    assert await mail_counts() == {"waiting": 0, "given_up": 2}
    clock_of(runtime).move(minutes=10)
    assert [one.can_be_retried for one in await given_up(runtime)] == [True, False]
    del server.refused[MAYA]
    assert await retry(runtime) == 1
    assert await mail_counts() == {"waiting": 1, "given_up": 1}
    await worker.settled()
    ((_, _, mail),) = server.received
    assert (str(mail["Subject"]), text_of(mail)) == ("A letter", "Good morning.\n")
    (left,) = await given_up(runtime)
    assert [await retry(runtime, mail_id) for mail_id in (left.id, "nonsense")] == [0, 0]


async def test_a_mail_server_that_takes_nothing_is_seen_until_it_does_again(
    runtime: Runtime, server: MailServer
) -> None:
    worker = MailWorker(sending_to(runtime, f"smtp://localhost:{server.port}", random_below=lambda below: 0))
    server.refused["nobody@northfield.example"] = "550 no such user"
    await write_mail(runtime, address="nobody@northfield.example")
    await worker.settled()
    assert await mail_state(runtime) == "ok", "an address that does not exist says nothing about the server"
    server.script = ["451 later"] * 2
    await write_mail(runtime)
    for _ in range(2):
        await worker.settled()
        clock_of(runtime).move(minutes=2)
    assert await mail_state(runtime) == "late"
    await worker.settled()
    assert [str(mail["To"]) for _, _, mail in server.received] == [MAYA]
    assert await mail_state(runtime) == "ok"


async def test_a_link_that_could_not_be_sent_in_time_is_seen_for_an_hour(runtime: Runtime, server: MailServer) -> None:
    worker = MailWorker(sending_to(runtime, f"smtp://localhost:{server.port}", random_below=lambda below: 0))
    server.script = ["451 later"] * 100
    async with tx():
        await send_mail(runtime, MAYA, "A link", "/sign-in/link/secret", useless_after=timedelta(minutes=10))
    for _ in range(6):
        await worker.settled()
        clock_of(runtime).move(minutes=2)
    assert [one.subject for one in await given_up(runtime)] == ["A link"]
    assert await mail_state(runtime) == "late"
    clock_of(runtime).move(hours=1)
    assert await mail_state(runtime) == "ok"


async def test_of_what_is_useless_no_text_is_kept_and_after_a_month_nothing(
    runtime: Runtime, server: MailServer
) -> None:
    worker = MailWorker(sending_to(runtime, f"smtp://localhost:{server.port}"))
    server.script = ["451 later"] * 100
    async with tx():
        await send_mail(runtime, MAYA, "A link", "/sign-in/link/secret", useless_after=timedelta(minutes=10))
    clock_of(runtime).move(minutes=10)
    await worker.settled()
    (row,) = await OutgoingMail.select()
    assert (row["state"], row["body"], row["fault"]) == ("dead", "", "It was not sent in time.")
    clock_of(runtime).move(days=30)
    server.script = []
    server.refused[MAYA] = "550 no"
    await write_mail(runtime)
    await worker.settled()
    assert [one.subject for one in await given_up(runtime)] == ["Hello"]


async def test_an_address_that_does_not_exist_is_given_up_at_once(runtime: Runtime, server: MailServer) -> None:
    sending = sending_to(runtime, f"smtp://localhost:{server.port}")
    server.refused["maya@northfield.example"] = "550 nobody of that name"
    await write_mail(runtime)
    await MailWorker(sending).settled()
    row = await OutgoingMail.select().first()
    assert (row["state"], row["attempts"]) == ("dead", 1)
    assert "maya" not in row["fault"]


async def test_several_workers_send_each_mail_once(runtime: Runtime, server: MailServer) -> None:
    sending = sending_to(runtime, f"smtp://localhost:{server.port}")
    for number in range(12):
        await write_mail(runtime, f"Number {number}")
    await asyncio.gather(*(MailWorker(sending).settled() for _ in range(4)))
    assert sorted(str(mail["Subject"]) for _, _, mail in server.received) == sorted(f"Number {n}" for n in range(12))


async def test_sec_186_a_mail_in_the_hands_of_a_worker_that_died_is_sent_by_another(
    runtime: Runtime, server: MailServer
) -> None:
    class Dying:
        def send(self, mail: EmailMessage, mail_id: str) -> None:
            raise KeyError("the worker is gone")

    sending = sending_to(runtime, f"smtp://localhost:{server.port}")
    await write_mail(runtime)
    with pytest.raises(KeyError):
        await MailWorker(sending, Dying()).settled()
    await MailWorker(sending).settled()
    assert server.received == []  # it is still leased
    clock_of(runtime).move(seconds=LEASE.total_seconds())
    await MailWorker(sending).settled()
    assert len(server.received) == 1


async def test_sec_130_nobody_writes_headers_through_a_subject_or_an_address(runtime: Runtime) -> None:
    for address, subject in (
        ("maya@northfield.example\r\nBcc: oscar@evil.example", "Hello"),
        ("maya@northfield.example\n", "Hello"),
        ("maya@northfield.example, oscar@evil.example", "Hello"),
        ('"maya\r\n"@northfield.example', "Hello"),
        ("<maya@northfield.example>", "Hello"),
        ("maya@northfield.example", "Hello\r\nBcc: oscar@evil.example"),
        ("maya@northfield.example", "Hello\nX: y"),
        ("maya@northfield.example", "Hello\u2028X: y"),
        ("maya@northfield.example", "Hello\x00"),
        ("maya@northfield.example", ""),
        ("maya@northfield.example", "x" * 200),
    ):
        with pytest.raises(ValueError, match=r"address|subject"):
            await write_mail(runtime, subject, address=address)
    assert await OutgoingMail.count() == 0


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("maya@northfield.example", True),
        ("maya.o'neil+jobs@mail.northfield.example", True),
        ("m@xn--bcher-kva.example", True),
        ("a@b@northfield.example", False),
        ('"maya okafor"@northfield.example', False),
        ("maya@northfield.example.", False),
        ("maya@localhost", False),
        ("maya@[127.0.0.1]", False),
        (".maya@northfield.example", False),
        ("ma..ya@northfield.example", False),
        ("maya@-northfield.example", False),
        ("máya@northfield.example", False),
        ("maya@bücher.example", False),
        (f"{'m' * 65}@northfield.example", False),
        (f"m@{'n' * 64}.example", False),
    ],
)
def test_sec_163_what_is_an_address(text: str, sound: bool) -> None:
    assert is_address(text) is sound


@pytest.mark.parametrize("implicit", [True, False], ids=["smtps", "STARTTLS"])
async def test_name_and_password_go_over_tls_alone(runtime: Runtime, tmp_path: Path, implicit: bool) -> None:
    authority, context = certificate(tmp_path, ("localhost",))
    async with mail_server(MailServer(context, implicit, login=("refolio", "p@ss/word"))) as server:
        scheme = "smtps" if implicit else "smtp"
        url = f"{scheme}://refolio:p%40ss%2Fword@localhost:{server.port}"
        trusting = replace(runtime, network=Network(authorities=authority))
        await write_mail(trusting)
        await MailWorker(sending_to(trusting, url)).settled()
        assert len(server.received) == 1
        assert [line for line in server.heard if line.startswith("AUTH")] == [
            line for line in server.safe if line.startswith("AUTH")
        ]
        assert "p@ss" not in repr(sending_to(trusting, url))


async def test_a_mail_server_of_somebody_else_gets_nothing(runtime: Runtime, tmp_path: Path) -> None:
    """Its TLS certificate is not trusted here."""
    _, context = certificate(tmp_path, ("localhost",))
    async with mail_server(MailServer(context, implicit=True)) as server:
        await write_mail(runtime)
        await MailWorker(sending_to(runtime, f"smtps://localhost:{server.port}")).settled()
        assert server.received == []
    assert (await OutgoingMail.select().first())["state"] == "waiting"
