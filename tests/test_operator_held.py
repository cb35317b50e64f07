"""From the partner's `refolio key new` to an issuer that holds its own key, on both command lines."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from refolio import cli
from tests.test_operator import database as database
from verify.__main__ import main

Output = pytest.CaptureFixture[str]


def prints(capsys: Output, status: int) -> str:
    said = capsys.readouterr()
    assert status == 0, said.err
    return said.out


def test_a_key_is_made_proven_registered_and_changed(database: str, capsys: Output) -> None:
    key, challenge, answer = Path("brightpath.key"), Path("challenge.json"), Path("answer.json")
    public = prints(capsys, cli.main(["key", "new", str(key)])).split()[2]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    challenge.write_text(prints(capsys, main(["held", "challenge", "brightpath", public])))
    answer.write_text(prints(capsys, cli.main(["key", "prove", str(key), str(challenge)])))
    assert "its own key" in prints(capsys, main(["held", "register", str(answer), "Brightpath"]))
    assert json.loads(key.read_text())["issuer"] == json.loads(challenge.read_text())["issuer"]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert main(["held", "register", str(answer), "Brightpath"]) == 1
    assert "was used or has ended" in capsys.readouterr().err
    assert main(["audit"]) == 0


def test_a_key_file_is_never_written_over_and_nothing_else_is_taken_for_one(database: str, capsys: Output) -> None:
    key, other = Path("a.key"), Path("b.json")
    assert cli.main(["key", "new", str(key), "--issuer", "did:web:brightpath.example"]) == 0
    before = key.read_bytes()
    assert cli.main(["key", "new", str(key)]) == 2
    assert key.read_bytes() == before
    other.write_text("{}")
    assert cli.main(["key", "prove", str(key), str(other)]) == 1
    assert "is not a challenge" in capsys.readouterr().err
    assert cli.main(["lists", "sign", "brightpath", "--key", str(other), "--api-key", "rf_test_" + "x" * 20]) == 1
    assert "is not a key file" in capsys.readouterr().err
    other.write_bytes(before.replace(b"z6Mk", b"z6Mj"))
    assert cli.main(["lists", "sign", "brightpath", "--key", str(other), "--api-key", "rf_test_" + "x" * 20]) == 1
    assert "do not belong together" in capsys.readouterr().err


def test_the_key_of_a_hosted_issuer_is_changed(database: str, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFOLIO_PUBLIC_URL", "https://refolio.example")
    for name, command in (("one.key", ["register"]), ("two.key", ["key"])):
        public = prints(capsys, cli.main(["key", "new", name])).split()[2]
        Path("c.json").write_text(prints(capsys, main(["held", "challenge", "brightpath", public])))
        Path("a.json").write_text(prints(capsys, cli.main(["key", "prove", name, "c.json"])))
        more = ["Brightpath"] if command == ["register"] else []
        assert "brightpath: " in prints(capsys, main(["held", *command, "a.json", *more]))
    assert main(["audit"]) == 0


def test_the_operator_says_who_vouches_and_ends_it(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["issuer", "acme", "Acme Textiles"]) == 0
    assert main(["platform", "northfield", "Northfield Careers Service", "--issuer", "acme"]) == 0
    capsys.readouterr()
    assert main(["vouch", "acme"]) == 1
    assert main(["vouch", "acme", "nobody"]) == 1
    assert main(["vouch", "acme", "northfield"]) == 0
    assert "acme: northfield vouches for it." in capsys.readouterr().out
    assert main(["vouch", "acme", "--end"]) == 0
    assert "nobody vouches for it any more" in capsys.readouterr().out
    assert main(["audit"]) == 0
