"""The rules about what a plugin says of itself, and about its config."""

from __future__ import annotations

import re
from collections.abc import Mapping

from refolio.plugin import API_VERSION, ConfigKey, ConfigRefused, Manifest
from refolio.plugin_rules.trial import BrokenRule, Trial, in_words

STRANGER = "no-such-key"
NAME = re.compile(r"[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,47}")


def manifest(trial: Trial) -> None:
    manifest: object = getattr(trial.plugin, "manifest", None)
    if not isinstance(manifest, Manifest):
        raise BrokenRule("The class has no manifest. Write manifest = Manifest(name=…, version=…, …) into it.")
    if not NAME.fullmatch(str(manifest.name)):
        raise BrokenRule(f"{manifest.name!r} is no name. Use lower-case letters, digits and hyphens, at most 48.")
    keys = {f"config[{key!r}]": getattr(one, "says", "") for key, one in manifest.config.items()}
    layouts = {f"layouts[{name!r}]": says for name, says in manifest.layouts.items()}
    for place, text in {"version": manifest.version, "summary": manifest.summary, **layouts, **keys}.items():
        if not isinstance(text, str) or not text.strip():
            raise BrokenRule(f"In the manifest, {place} says nothing. Write a sentence for the operator.")
    if not layouts:
        raise BrokenRule("The manifest describes no layout. Name each form of record that is read, with a sentence.")


def api_version(trial: Trial) -> None:
    if (written_for := getattr(getattr(trial.plugin, "manifest", None), "api_version", None)) != API_VERSION:
        raise BrokenRule(f"It is written for version {written_for} of the contract; this is version {API_VERSION}.")


def config_taken(trial: Trial) -> None:
    try:
        made: object = trial.plugin.from_config(dict(trial.config))
    except Exception as error:
        raise BrokenRule(f"from_config() refuses the config of the samples: {in_words(error)}.") from None
    if absent := [name for name in ("read", "review", "announce") if not callable(getattr(made, name, None))]:
        raise BrokenRule(f"What from_config() gives has no {absent[0]}(). Return cls(…).")


def config_described(trial: Trial) -> None:
    if strangers := set(trial.config) - set(_keys(trial)):
        raise BrokenRule(f"The config key {min(strangers)!r} is used, but not described. Add it to manifest.config.")


def config_stranger(trial: Trial) -> None:
    trial.make()
    _refuses_config(trial, {**trial.config, STRANGER: "x"}, STRANGER, "A config key that does not exist")


def config_required(trial: Trial) -> None:
    trial.make()
    for key in (name for name, about in _keys(trial).items() if about.required):
        config = {name: value for name, value in trial.config.items() if name != key}
        _refuses_config(trial, config, key, f"That the required config key {key!r} is missing")


def _refuses_config(trial: Trial, config: Mapping[str, str], key: str, what: str) -> None:
    try:
        trial.plugin.from_config(config)
    except ConfigRefused as refused:
        if refused.key == key:
            return
        raise BrokenRule(f"{what} is blamed on {refused.key!r}. Raise ConfigRefused({key!r}, …).") from None
    except Exception as error:
        raise BrokenRule(f"{what} gives {in_words(error)}. Raise ConfigRefused({key!r}, …).") from None
    raise BrokenRule(f"{what} goes unnoticed. Raise ConfigRefused({key!r}, reason, fix).")


def _keys(trial: Trial) -> Mapping[str, ConfigKey]:
    return getattr(getattr(trial.plugin, "manifest", None), "config", {})
