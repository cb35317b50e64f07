"""``refolio.toml``: which service the command talks to from this folder, and with which API key."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from refolio.client.requests import DEFAULT_URL
from refolio.errors import RefolioError

NAME = "refolio.toml"
_TEXT = """\
# Which service `refolio` talks to from this folder. REFOLIO_URL, REFOLIO_API_KEY and options go before it.
# The key is a secret: keep this file out of version control.
url = "{url}"
api_key = "{api_key}"
"""


class ConfigurationRefused(RefolioError):
    """The file cannot be used; the message names the line or the setting."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Address of the service, and the API key ("" where none is known)."""

    url: str = DEFAULT_URL
    api_key: str = field(default="", repr=False)


def read_configuration(
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    url: str | None = None,
    api_key: str | None = None,
) -> Configuration:
    """What is given, else the environment, else the file in ``folder`` (the present one), else a service here.

    The key in the file goes to the service in the file. Raises ConfigurationRefused when it would go elsewhere, and for
    a file that is no TOML or holds anything else.
    """
    environ = os.environ if environ is None else environ
    written = _written((folder or Path()) / NAME)
    of_file = written.get("url", DEFAULT_URL)
    url = (url or environ.get("REFOLIO_URL") or of_file).strip()
    api_key = (api_key or environ.get("REFOLIO_API_KEY") or "").strip()
    if not api_key and "api_key" in written and url.rstrip("/") != of_file.rstrip("/"):
        raise ConfigurationRefused(
            f"The API key in {NAME} is for {of_file} and is not sent to another service. Give that one's key too: "
            "--api-key or REFOLIO_API_KEY."
        )
    return Configuration(url, api_key or written.get("api_key", ""))


def write_configuration(file: Path, configuration: Configuration) -> None:
    """Write a new file that only its owner can read. Raises FileExistsError rather than replace one."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(_TEXT.format(url=configuration.url, api_key=configuration.api_key))


def _written(file: Path) -> dict[str, str]:
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8-sig"))  # some editors put a byte order mark before it
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationRefused(f"{file} cannot be read: {error}. Write it anew with: refolio init") from None
    for name, value in found.items():
        if name not in ("url", "api_key") or not isinstance(value, str):
            raise ConfigurationRefused(
                f"{file} holds {name!r}, which is no setting. Keep url and api_key, both in quotes."
            )
    return found
