"""``python -m verify plugins``: which are installed and switched on, and whether one holds its contract."""

from __future__ import annotations

import argparse
from typing import Any

from refolio.plugin_rules import RULES
from verify.platforms.plugins.configuring import switched_on
from verify.platforms.plugins.containing import Contained, PluginFault
from verify.platforms.plugins.finding import Installed, NotInstalled, find, installed
from verify.platforms.plugins.hosting import Hosted, try_out
from verify.settings import Settings

RULE_SECONDS = 20.0
KEPT = 500


def add_to(acts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``list`` and ``check``."""
    act = acts.add_parser("list", help="what is installed, what is switched on, and how to switch on the rest")
    act.set_defaults(run=_list)
    act = acts.add_parser("check", help="try an installed plugin by its own samples against every rule of the contract")
    act.add_argument("name")
    act.set_defaults(run=_check)


def _list(options: argparse.Namespace) -> int:
    on = switched_on(Settings.from_environ().plugins)
    failed = False
    for one in on:
        hosted = Hosted(one)
        said = try_out(hosted)
        failed = failed or said is not None
        for_whom = f"for {one.platform}, in the name of {', '.join(sorted(one.issuers))}"
        print(f"{one.name}  {'off' if said else 'on'}  {one.plugin}, {for_whom}" + (f"\n  {said}" if said else ""))
    for name, same in sorted(installed().items()):
        if name not in {one.plugin for one in on}:
            for brought in same:
                print(f"{name}  installed, not switched on  {brought.distribution} {brought.version}")
                _show_section(brought)
    if not on and not installed():
        print("No plugin is installed.")
    return 1 if failed else 0


def _show_section(brought: Installed) -> None:
    try:
        with Contained(brought.entry, None) as contained:
            config: dict[str, Any] = contained.manifest["config"]
    except PluginFault as fault:
        print(f"  {fault}")
        return
    print("  To switch it on, write this into the file that REFOLIO_PLUGINS names:")
    print(f'    [{brought.name}]\n    platform = "…"\n    issuers = ["…"]\n    [{brought.name}.config]')
    for key, (says, required) in config.items():
        print(f'    {"" if required else "# "}{key} = "…"   # {says}')


def _check(options: argparse.Namespace) -> int:
    try:
        found = find(options.name)
    except NotInstalled as error:
        print(error)
        return 1
    print(f"{found.name}, from {found.distribution} {found.version}")
    broken = [rule.name for rule in RULES if not _holds(found, rule.name, rule.says)]
    print(f"{len(RULES) - len(broken)} of {len(RULES)} rules hold." if broken else f"All {len(RULES)} rules hold.")
    return 1 if broken else 0


def _holds(found: Installed, name: str, says: str) -> bool:
    """Each rule in a process of its own, so that a plugin that hangs breaks one rule and not the others."""
    contained, tried = Contained(found.entry, None), True
    try:
        with contained:
            if contained.manifest.get("name") != found.name and name == "manifest":
                raise PluginFault(f"The manifest's name is not that of the entry point, {found.name}.")
            answer = contained.ask({"do": "judge", "rule": name}, RULE_SECONDS, among=("held", "broken", "not_reached"))
            why, tried = answer.get("broken") or answer.get("not_reached"), "not_reached" not in answer
    except PluginFault as fault:
        why = f"{fault} {contained.printed[-KEPT:].decode(errors='replace').strip()}".rstrip()
    print(f"  {('broken' if tried else 'not tried') if why else 'holds':<11}{name:<18}{says}")
    if why:
        print(f"{'':13}{''.join(one if one.isprintable() else ' ' for one in str(why))}")
    return not why
