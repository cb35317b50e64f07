"""The plugins of a running service: tried when it starts, asked in threads of their own, their health remembered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from refolio.credential.reading import JSON
from refolio.plugin import API_VERSION
from verify.http.refusals import Refused
from verify.platforms.plugins.asking import Answer, ask
from verify.platforms.plugins.configuring import SwitchedOn, switched_on
from verify.platforms.plugins.containing import ConfigFault, Contained, PluginFault
from verify.platforms.plugins.finding import NotInstalled, find
from verify.settings import Settings

AT_ONCE = 4  # processes of plugins
WAITING = 32  # deliveries that may wait for one of them
ANNOUNCE_SECONDS = 30.0

log = logging.getLogger(__name__)


@dataclass
class Hosted:
    """One plugin that is switched on. ``off`` says why nothing can be delivered by it, ``fault`` what it did last."""

    setting: SwitchedOn
    entry: str = ""
    announces: bool = False
    off: str | None = None
    fault: str | None = None

    @property
    def health(self) -> dict[str, str]:
        """For the health page, which anybody may read."""
        if self.off is not None:
            return {"state": "off", "why": self.off}
        return {"state": "faulty", "why": self.fault} if self.fault else {"state": "on"}


class PluginHost:
    """All plugins that are switched on. Raises SettingRefused when the file that names them cannot be used."""

    def __init__(self, settings: Settings) -> None:
        self._hosted = {one.name: Hosted(one) for one in switched_on(settings.plugins)}
        self._asked = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Try each plugin, and be ready for the time of the block. One that cannot be used stays off."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="plugin") as self._threads:
            loop = asyncio.get_running_loop()
            tried = await asyncio.gather(
                *(loop.run_in_executor(self._threads, try_out, one) for one in self._hosted.values())
            )
            for name, why in zip(self._hosted, tried, strict=True):
                if why:
                    log.error("The plugin %s is off. %s", name, why)
            yield

    @property
    def health(self) -> dict[str, dict[str, str]]:
        """How each plugin does, by name."""
        return {name: hosted.health for name, hosted in self._hosted.items()}

    def of(self, platform: str | None, name: str) -> Hosted:
        """The plugin of this name, if it is this platform's and can be used. Raises Refused (404, 503)."""
        hosted = self._hosted.get(name)
        if hosted is None or hosted.setting.platform != platform:
            raise Refused("not-found", "Your platform has no plugin of this name.")
        if hosted.off is not None:
            raise Refused("plugin-fault", f"The plugin {name} is off. {hosted.off}")
        return hosted

    def named(self, name: str) -> Hosted | None:
        """The plugin of this name, if it is on."""
        hosted = self._hosted.get(name)
        return hosted if hosted and hosted.off is None else None

    async def answers(self, hosted: Hosted, records: Sequence[Mapping[str, JSON]]) -> list[Answer]:
        """What the plugin makes of each record. Raises Refused (503) when too many wait already."""
        asked = await self._in_thread(ask, hosted.setting, hosted.entry, records)
        faults = [answer.fault for answer in asked.answers if answer.fault]
        if asked.printed:
            log.warning("The plugin %s prints, which no plugin should; nothing of it is kept", hosted.setting.name)
        for fault in faults:
            log.error("Plugin fault of %s: %s", hosted.setting.name, fault)
        hosted.fault = faults[0] if faults else None
        answers: list[Answer] = asked.answers
        return answers

    async def announce(self, hosted: Hosted, event: dict[str, JSON]) -> str | None:
        """Let it announce an event; return why that has to be tried again, None when it is done. Raises PluginFault."""
        why: str | None = await self._in_thread(_announce, hosted, event)
        return why

    async def _in_thread(self, act: Any, *arguments: Any) -> Any:
        if self._asked >= AT_ONCE + WAITING:
            raise Refused("unavailable", "Too many records are being read by plugins at this moment.")
        self._asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, act, *arguments)
        finally:
            self._asked -= 1


def try_out(hosted: Hosted) -> str | None:
    """Load the plugin with its config; return, for the operator alone, why it is off. None when it is on."""
    one = hosted.setting
    try:
        hosted.entry = find(one.plugin).entry
        with Contained.of(one, hosted.entry) as contained:
            manifest = contained.manifest
        hosted.announces = manifest["announces"] is True
        if manifest["name"] != one.plugin:
            raise PluginFault("Its manifest has another name than its entry point.")
        if manifest["api_version"] != API_VERSION:
            raise PluginFault(f"It is written for another version of the contract than {API_VERSION}.")
    except ConfigFault as fault:
        hosted.off = f"It refuses its config because of the key {fault.key!a}."
        return str(fault)
    except (PluginFault, NotInstalled) as fault:
        hosted.off = str(fault)
    except (KeyError, TypeError):
        hosted.off = "It has no manifest that could be read."
    return hosted.off


def _announce(hosted: Hosted, event: dict[str, JSON]) -> str | None:
    with Contained.of(hosted.setting, hosted.entry) as contained:
        message: dict[str, Any] = {"do": "announce", "event": event}
        said = contained.ask(message, ANNOUNCE_SECONDS, among=("announced", "temporary"))
    return str(said["temporary"])[:200] if "temporary" in said else None
