"""The operator's commands for partners and their API keys."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest

from tests.platforms.making import refused, show
from tests.world import PUBLIC_URL, stage
from verify.__main__ import main


@pytest.fixture
def admitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Acme, and Northfield with its mandate; the database's URL."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REFOLIO_PUBLIC_URL", PUBLIC_URL)
    monkeypatch.setenv("REFOLIO_KEK", base64.b64encode(bytes(range(32))).decode())
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main(["issuer", "acme", "Acme Textiles"]) == 0
    assert main(["platform", "northfield", "Northfield Careers Service", "--issuer", "acme"]) == 0
    capsys.readouterr()
    return "sqlite:///var/refolio.db"


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out.strip()


def test_a_key_is_made_listed_rolled_and_revoked(admitted: str, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = ("--mode", "test", "--name", "import", "--scope", "credentials:write", "--issuer", "acme")
    key = said(capsys, "key", "api", "northfield", *wanted, "--address", "127.0.0.0/8", "--days", "30")
    assert key.startswith("rf_test_")
    (line,) = said(capsys, "key", "api-list", "northfield").splitlines()
    for part in (f"{key[:12]}…", "good", "import", "credentials:write", "acme", "127.0.0.0/8", "last used never"):
        assert part in line
    assert key not in line
    new = said(capsys, "key", "api-roll", "northfield", key[:12], "--hours", "0")
    assert "expired" in said(capsys, "key", "api-list", "northfield")
    assert "is revoked" in said(capsys, "key", "api-revoke", "northfield", f"{new[:12]}…")

    async def look() -> None:
        async with stage(admitted) as world:
            assert refused(await show(world, new)) == (401, "api-key-revoked")

    asyncio.run(look())


def test_a_mandate_ends_and_an_organisation_gets_its_platform(
    admitted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    key = said(capsys, "key", "api", "northfield")
    said(capsys, "issuer", "northfield", "Northfield University")
    said(capsys, "platform", "northfield", "Northfield", "--end", "acme", "--organisation", "northfield")

    async def look() -> None:
        async with stage(admitted) as world:
            assert (await show(world, key)).json()["issuers"] == []

    asyncio.run(look())
    assert main(["platform", "northfield", "Northfield", "--end", "acme"]) == 1
    assert "has no mandate" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("api", "nobody"), "There is no platform 'nobody'."),
        (("api", "northfield", "--issuer", "nobody"), "issuers: The platform has no mandate for one of these."),
        (("api", "northfield", "--address", "10.0.0.1/8"), "has host bits set"),
        (("api", "northfield", "--days", "0"), "days: A key lives for 1 to 3650 days."),
        (("api-list", "nobody"), "There is no platform 'nobody'."),
        (("api-revoke", "northfield", "rf_live_zzzz"), "No keys of northfield begin like that."),
        (("api-roll", "northfield", "rf"), "No keys of northfield begin like that."),
    ],
)
def test_what_cannot_be_is_said(
    admitted: str, arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["key", *arguments]) == 1
    assert says in capsys.readouterr().err
