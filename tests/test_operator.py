"""The operator's command line: from an empty folder to a platform that can issue, in the words of docs/operating.md."""

from __future__ import annotations

import asyncio
import base64
import json
import resource
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from tests.world import PUBLIC_URL, plain, stage
from verify.__main__ import main
from verify.audit.coverage import not_covered
from verify.database import tx
from verify.outside.mail import send_mail
from verify.outside.tables import OutgoingMail

ENCRYPTION_KEY = base64.b64encode(bytes(range(32))).decode()  # the one that the tests' runtime knows


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty folder and the settings of an operator; no database in it yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REFOLIO_PUBLIC_URL", PUBLIC_URL)
    monkeypatch.setenv("REFOLIO_KEK", ENCRYPTION_KEY)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return "sqlite:///var/refolio.db"


def test_from_an_empty_folder_to_a_published_portfolio(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["issuer", "acme", "Acme Textiles", "--url", "https://acme.example", "--vouched-by", "Northfield"]) == 0
    assert main(["platform", "northfield", "Northfield Careers Service", "--issuer", "acme"]) == 0
    said = capsys.readouterr().out
    assert "acme: registered, with a new signing key." in said
    assert "northfield: admitted; may deliver for acme." in said

    assert main(["key", "api", "northfield"]) == 0
    key = capsys.readouterr().out.strip()
    assert key.startswith("rf_live_")

    async def issue() -> None:
        async with stage(database) as world:
            assert (await world.post(plain(), api_key=key)).status_code == 201

    asyncio.run(issue())
    assert main(["portfolio", "publish", "maya@northfield.example", "maya", "--headline", "Student"]) == 0
    assert capsys.readouterr().out.strip() == f"{PUBLIC_URL}/p/maya"
    assert asyncio.run(_status_of(database, "/p/maya")) == 200
    assert main(["portfolio", "hide", "maya"]) == 0
    assert asyncio.run(_status_of(database, "/p/maya")) == 404


async def _status_of(database: str, path: str) -> int:
    async with stage(database) as world:
        return (await world.http.get(path)).status_code


def test_everything_may_be_said_twice(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["issuer", "acme", "Acme Textiles"]) == 0
        assert main(["platform", "northfield", "Northfield", "--issuer", "acme"]) == 0
    assert "acme: was registered before; nothing changed." in capsys.readouterr().out


def test_domains_are_checked_by_hand_too(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["issuer", "acme", "Acme Textiles"]) == 0
    capsys.readouterr()
    assert main(["domain", "check", "--all"]) == 0
    assert capsys.readouterr().out == "0 checked.\n"
    assert main(["domain", "prove", "acme", "gmail.com"]) == 1
    assert "Anybody can have mail there." in capsys.readouterr().err


def test_sec_209_another_encryption_key_stops_every_command_before_anything_happens(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["issuer", "acme", "Acme Textiles"]) == 0
    monkeypatch.setenv("REFOLIO_KEK", base64.b64encode(bytes(32)).decode())
    for command in (["serve"], ["issuer", "brightline", "Brightline Studio"]):
        assert main(command) == 1
        assert "Check that REFOLIO_KEK is the one it was stored with" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["issuer", "Acme!", "Acme"], "'Acme!' is not a short name"),
        (["platform", "northfield", "Northfield", "--issuer", "nobody"], "There is no issuer 'nobody'"),
        (["key", "api", "nobody"], "There is no platform 'nobody'"),
        (["portfolio", "publish", "nobody@northfield.example", "nobody"], "Nobody with this address"),
        (["portfolio", "hide", "nobody"], "There is no portfolio 'nobody'"),
    ],
)
def test_a_mistake_is_a_sentence_and_not_a_trace(
    command: list[str], says: str, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 1
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("url", ["mysql://localhost/refolio", "postgresql://localhost:1/refolio", "sqlite:///"])
def test_an_unusable_database_is_a_sentence(
    url: str, database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert main(["issuer", "acme", "Acme Textiles"]) == 1
    assert capsys.readouterr().err.startswith("refolio: ")


def test_a_port_that_is_none_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--port", "70000"])
    assert "give a number from 1 to 65535" in capsys.readouterr().err


def test_a_misspelt_setting_stops_every_command(
    database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFOLIO_PUBLIC_ULR", "https://refolio.example")
    assert main(["key", "api", "northfield"]) == 1
    assert "REFOLIO_PUBLIC_ULR is not a setting" in capsys.readouterr().err


def test_a_new_encryption_key_is_one_that_the_settings_take(
    capsys: pytest.CaptureFixture[str], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = []
    for _ in range(2):
        assert main(["key", "encryption"]) == 0
        keys.append(capsys.readouterr().out.strip())
    assert keys[0] != keys[1]
    monkeypatch.setenv("REFOLIO_KEK", keys[0])
    assert main(["issuer", "acme", "Acme Textiles"]) == 0


def test_without_arguments_it_says_what_it_can_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_an_audit_says_what_was_changed_and_ends_with_one(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    """SEC-205."""
    assert main(["issuer", "acme", "Acme Textiles"]) == 0
    capsys.readouterr()
    assert main(["audit", "--witness", "witness.json"]) == 0
    assert "0 mismatches" in capsys.readouterr().out
    assert json.loads(Path("witness.json").read_text())["acme"][0] == 1
    with sqlite3.connect("var/refolio.db") as file:
        file.execute("UPDATE issuer SET name = 'Acme Forgeries'")
    file.close()
    assert main(["audit", "--witness", "witness.json"]) == 1
    said = capsys.readouterr().out
    assert "MISMATCH issuer acme: it is not as the last act left it" in said
    for table, names in not_covered().items():
        assert f"\n  {table}: {', '.join(names)}\n" in said, "each column that is not covered, by its name"
    Path("witness.json").write_text("no")
    assert main(["audit", "--witness", "witness.json"]) == 1
    assert "is no witness file" in capsys.readouterr().err


def test_the_keys_of_an_issuer_from_the_first_to_the_end(
    database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SEC-210, SEC-224: and no core file is ever written of a process that holds keys."""

    def said(*command: str) -> list[str]:
        assert main(["key", *command]) == 0, capsys.readouterr().err
        return capsys.readouterr().out.splitlines()

    assert main(["issuer", "acme", "Acme Textiles"]) == 0
    capsys.readouterr()
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
    assert [line.split()[1:3] for line in said("list", "acme")] == [["credentials", "active,"], ["status", "active,"]]
    (first,) = [line.split()[0] for line in said("list", "acme") if " credentials " in line]
    waiting = said("rotate", "acme")[0].split()[1]
    assert any(line.startswith(waiting) and "pending, signs from" in line for line in said("list", "acme"))
    assert said("retire", "acme", waiting) == [f"acme: {waiting} is retired; what it signed stays valid."]
    assert "signs credentials from now on" in said("rotate", "acme", "--now")[0]
    since = "2026-01-01T00:00:00Z"
    assert said("compromised", "acme", first, "--since", since)[0].endswith("is not to be trusted since " + since + ".")

    new = base64.b64encode(bytes([3]) * 32).decode()
    assert main(["key", "compromised-kek", "--since", since]) == 1
    assert "Set a new REFOLIO_KEK first" in capsys.readouterr().err
    monkeypatch.setenv("REFOLIO_KEK", new)
    monkeypatch.setenv("REFOLIO_KEK_PREVIOUS", ENCRYPTION_KEY)
    assert said("compromised-kek", "--since", since)[:2] == ["acme: 3 keys.", "1 issuers affected."]
    assert "new ones sign from now on" in said("compromised-kek", "--since", since, "--declare")[0]
    assert said("rewrap")[-1].startswith("REFOLIO_KEK_PREVIOUS is not needed any more")
    monkeypatch.delenv("REFOLIO_KEK_PREVIOUS")
    assert "keys destroyed" in said("close", "acme")[0]
    for command, says in (
        (["rotate", "acme"], "acme is closed."),
        (["list", "nobody"], "There is no issuer 'nobody'."),
        (["retire", "acme", "z6Mk"], "acme has no key z6Mk."),
    ):
        assert main(["key", *command]) == 1
        assert says in capsys.readouterr().err
    for usage in (["compromised", "acme", first, "--since", "yesterday"], ["rotate", "acme", "--hours", "-1"]):
        with pytest.raises(SystemExit):
            main(["key", *usage])
    capsys.readouterr()
    assert main(["audit"]) == 0


def test_the_operator_names_the_first_admin_and_can_remove_the_last(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["issuer", "acme", "Acme Textiles"]) == 0
    assert main(["member", "add", "acme", "Ann@Acme.example", "viewer"]) == 0
    assert main(["member", "add", "acme", "ann@acme.example", "admin"]) == 0
    capsys.readouterr()
    assert main(["member", "list", "acme"]) == 0
    assert capsys.readouterr().out.startswith("ann@acme.example  admin  since 20")
    assert main(["member", "remove", "acme", "ann@acme.example"]) == 0
    assert main(["member", "remove", "acme", "ann@acme.example"]) == 1
    assert "ann@acme.example is no member of 'acme'" in capsys.readouterr().err
    assert main(["member", "add", "nobody", "ann@acme.example", "admin"]) == 1
    assert main(["member", "add", "acme", "not an address", "admin"]) == 1
    assert main(["audit"]) == 0


def test_sec_168_the_operator_ends_sign_ins_and_closes_accounts(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The operator can neither sign in as somebody nor shorten a way back; what he does is in the trail."""
    maya = "maya@northfield.example"
    assert main(["person", "sign-out", maya]) == 1
    assert "Nobody here has this address." in capsys.readouterr().err

    async def issue_and_sign_in() -> None:
        async with stage(database) as world, world.signed_in(maya) as http:
            assert (await http.get("/account")).status_code == 200

    asyncio.run(issue_and_sign_in())
    for act, says in (("sign-out", "signed out everywhere"), ("disable", "closed"), ("enable", "open again")):
        assert main(["person", act, maya]) == 0
        assert f"{maya}: {says}" in capsys.readouterr().out
    assert main(["audit"]) == 0


def test_mails_that_were_given_up_are_listed_and_sent_again(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    async def leave_behind() -> None:
        async with stage(database) as world, tx():
            for subject, days in (("Letter", 36_500), ("Link", 0)):
                await send_mail(world.runtime, "maya@x.example", subject, "Text", useless_after=timedelta(days=days))
            await OutgoingMail.update({OutgoingMail.state: "dead", OutgoingMail.fault: "No."}, force=True)

    asyncio.run(leave_behind())
    assert main(["mail", "list"]) == 0
    letter, link, summary = capsys.readouterr().out.splitlines()
    assert letter.endswith("2026-11-23 10:00  maya@x.example  Letter  0 attempts: No.")
    assert link.endswith("maya@x.example  Link  0 attempts: No. Too old to be sent again.")
    assert summary == "2 given up, 0 waiting."
    assert main(["mail", "retry", link.split()[0]]) == 1
    assert "what it held has ended since" in capsys.readouterr().err
    assert main(["mail", "retry"]) == 0
    assert capsys.readouterr().out == "1 mail will be sent by the running service.\n"
    assert main(["mail", "retry"]) == 0
    assert main(["mail", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 given up, 1 waiting."
