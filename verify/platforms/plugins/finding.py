"""Which plugins are installed. Only the metadata of distributions is read: no code of theirs is loaded here."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import entry_points

from refolio.plugin import GROUP


@dataclass(frozen=True, slots=True)
class Installed:
    """An installed plugin: its name, ``module:attribute`` of its class, and the distribution that brings it."""

    name: str
    entry: str
    distribution: str
    version: str


def installed() -> dict[str, list[Installed]]:
    """Name → the plugins of this name. Two of one name are never chosen between."""
    found: dict[str, list[Installed]] = {}
    for point in entry_points(group=GROUP):
        brought = point.dist
        one = Installed(
            point.name,
            point.value,
            brought.name if brought else "unknown",
            brought.version if brought else "unknown",
        )
        same = found.setdefault(point.name, [])
        if one not in same:  # an editable install can be seen from two places
            same.append(one)
    return found


class NotInstalled(Exception):
    """There is no plugin of this name, or more than one; the message says which."""


def find(name: str) -> Installed:
    """The installed plugin of this name. Raises NotInstalled."""
    same = installed().get(name, [])
    if not same:
        raise NotInstalled(f"No installed distribution brings a plugin {name}. Install it where the service runs.")
    if len(same) > 1:
        whose = " and ".join(sorted(one.distribution for one in same))
        raise NotInstalled(f"{whose} both bring a plugin {name}. Remove one of them.")
    return same[0]
