"""A plugin that cannot be loaded is off, says why where the operator looks, and keeps nobody else from working."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.completions import another
from tests.records.hosting import hosting, install, send, toml
from tests.world import MALLORY_KEY, a_runtime
from verify.app import create_app
from verify.platforms.plugins.configuring import switched_on
from verify.settings import SettingRefused, Settings

OFF = {
    "unloadable": "It broke: RuntimeError at unloadable_plugin.py:3.",
    "absent-class": "It broke: AttributeError at",
    "no-such-plugin": "No installed distribution brings a plugin no-such-plugin.",
    "old": "It is written for another version of the contract than 1.",
    "misnamed": "Its manifest has another name than its entry point.",
}


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


async def test_each_that_cannot_be_loaded_says_why_and_the_rest_runs_on(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plugins = {name.replace("-", "_"): {} for name in OFF}
    async with hosting(sqlite_url, tmp_path, sound={}, **plugins) as world:
        health = (await world.http.get("/healthz")).json()
        assert health["status"] == "ok"
        for name, why in OFF.items():
            assert health["plugins"][name]["state"] == "off"
            assert why in health["plugins"][name]["why"]
            answer = await send(world, name, another())
            assert (answer.status_code, answer.json()["code"]) == (503, "plugin-fault")
            assert f"The plugin {name} is off" in caplog.text
        assert health["plugins"]["sound"] == {"state": "on"}
        assert (await send(world, "sound", another())).status_code == 201
        assert (await world.post(another())).status_code == 201, "the API needs no plugin"
    assert "maya@northfield" not in caplog.text


async def test_a_config_that_is_refused_names_the_key_and_keeps_the_value_from_the_public(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with hosting(sqlite_url, tmp_path, sound={"config": {"colour": "s3cret-blue"}}) as world:
        health = (await world.http.get("/healthz")).json()["plugins"]["sound"]
        assert health == {"state": "off", "why": "It refuses its config because of the key 'colour'."}
        assert "s3cret-blue" in caplog.text


async def test_without_plugins_the_health_page_names_none(sqlite_url: str, tmp_path: Path) -> None:
    async with hosting(sqlite_url, tmp_path) as world:
        assert (await world.http.get("/healthz")).json() == {"status": "ok", "mail": "ok"}
        assert (await send(world, "sound", another())).status_code == 404


async def test_only_its_own_platform_reaches_a_plugin(sqlite_url: str, tmp_path: Path) -> None:
    async with hosting(sqlite_url, tmp_path, sound={}, unloadable={}) as world:
        for plugin in ("sound", "unloadable", "no-such"):
            answer = await send(world, plugin, {"records": []}, api_key=MALLORY_KEY)
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
        headers = {"Authorization": "Bearer rf_live_unknown-key"}
        assert (await world.http.post("/api/v1/plugins/sound/records", json={}, headers=headers)).status_code == 401


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[sound", "cannot be read"),
        ('[sound]\nplatform = "northfield"', "needs issuers"),
        ('[sound]\nissuers = ["acme"]', "needs platform"),
        ('[Sound!]\nplatform = "northfield"\nissuers = ["acme"]'.replace("Sound!", '"Sound!"'), "This is no plugin"),
        ('sound = "on"', "This is no plugin"),
        ('[sound]\nplatform = "northfield"\nissuers = ["acme"]\ncolour = "red"', "colour is not known"),
        ('[sound]\nplatform = "northfield"\nissuers = ["acme"]\nwrap = "nice"', "wrap must be a list"),
        ('[sound]\nplatform = "northfield"\nissuers = ["acme"]\n[sound.config]\nweeks = 52', "are text"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start_with_a_sentence(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text(text)
    with pytest.raises(SettingRefused, match=says):
        switched_on(file)


def test_the_setting_that_names_no_file_stops_the_start(tmp_path: Path) -> None:
    settings = Settings.from_environ({"REFOLIO_PLUGINS": str(tmp_path / "absent.toml")})
    with pytest.raises(SettingRefused, match=r"REFOLIO_PLUGINS: .*absent\.toml cannot be read"):
        switched_on(settings.plugins)
    assert create_app(a_runtime("sqlite:///x.db")).state.plugins.health == {}


def test_one_plugin_can_be_switched_on_twice_under_other_names(tmp_path: Path) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text(toml({"first": {"plugin": "sound"}, "second": {"plugin": "sound", "config": {"colour": "red"}}}))
    first, second = switched_on(file)
    assert (first.name, first.plugin, second.config) == ("first", "sound", {"colour": "red"})
    assert "red" not in repr(second), "config may hold secrets"
