"""Which plugins are switched on, for which platform and which issuers: the TOML file that ``REFOLIO_PLUGINS`` names.

[placement-records]                    # what it is called here, and in /api/v1/plugins/{name}/records
plugin = "placement-records"           # the installed one; left out when it has the same name
platform = "northfield"                # whose API key may send records to it
issuers = ["acme-textiles"]            # in whose name a completion of it may be signed
wrap = ["bwrap", "--ro-bind", …]       # put before the command that runs it; left out: nothing
[placement-records.config]             # what its manifest describes; all values are text
dates = "day/month/year"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from verify.settings import SettingRefused

NAME = re.compile(r"[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,47}")
MEMBERS = {"plugin", "platform", "issuers", "wrap", "config"}


@dataclass(frozen=True, slots=True)
class SwitchedOn:
    """One plugin that is switched on. ``config`` may hold secrets and is never shown."""

    name: str
    plugin: str
    platform: str
    issuers: frozenset[str]
    wrap: tuple[str, ...] = ()
    config: Mapping[str, str] = field(default_factory=dict, repr=False)


def switched_on(file: Path | None) -> list[SwitchedOn]:
    """What the file says. Raises SettingRefused that names the place, the reason and the fix."""
    if file is None:
        return []
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:  # also what is no UTF-8 and no TOML
        raise SettingRefused(f"REFOLIO_PLUGINS: {file} cannot be read. {error}") from None
    return [_one(file, name, members) for name, members in content.items()]


def _one(file: Path, name: str, members: Any) -> SwitchedOn:
    def refuse(says: str) -> SettingRefused:
        return SettingRefused(f"REFOLIO_PLUGINS: in {file}, [{name}]: {says}")

    if not isinstance(members, dict) or not NAME.fullmatch(name):
        raise refuse("This is no plugin. Write a section for each, named in lower-case letters, digits and hyphens.")
    if strangers := sorted(set(members) - MEMBERS):
        raise refuse(f"{strangers[0]} is not known. There are {', '.join(sorted(MEMBERS))}.")
    plugin, platform = members.get("plugin", name), members.get("platform")
    issuers, wrap, config = members.get("issuers", []), members.get("wrap", []), members.get("config", {})
    if not isinstance(plugin, str) or not isinstance(platform, str):
        raise refuse('It needs platform = "…", the short name of the platform that sends the records.')
    if not _texts(issuers) or not issuers:
        raise refuse('It needs issuers = ["…"], the short names of those in whose name it may deliver.')
    if not _texts(wrap):
        raise refuse('wrap must be a list of texts, like ["bwrap", "--ro-bind", "/", "/"].')
    if not isinstance(config, dict) or not _texts(list(config.values())):
        raise refuse('All values of config are text; write them in quotation marks, like weeks = "52".')
    return SwitchedOn(name, plugin, platform, frozenset(issuers), tuple(wrap), config)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
