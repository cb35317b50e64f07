"""Everything an operator can set, read once from the environment and frozen.

| variable | meaning | default |
| --- | --- | --- |
| ``REFOLIO_PUBLIC_URL`` | the origin in every link, DID and QR code; never from a request | ``http://localhost:8000`` |
| ``REFOLIO_DATA`` | folder of the embedded database and of the key file | ``var`` |
| ``REFOLIO_KEK`` | key-encryption key: 32 bytes, base64 | – |
| ``REFOLIO_KEK_FILE`` | file that holds it instead | ``<REFOLIO_DATA>/kek`` |
| ``REFOLIO_KEK_PREVIOUS`` | key-encryption keys of before, with commas between | – |
| ``REFOLIO_KEK_PREVIOUS_FILE`` | files that hold such, with commas between | – |
| ``REFOLIO_KMS`` | ``package.module:factory`` of a key management service, instead of ``REFOLIO_KEK`` | – |
| ``DATABASE_URL`` | ``sqlite:///path`` or ``postgresql://…`` | ``sqlite:///<REFOLIO_DATA>/refolio.db`` |
| ``REFOLIO_BIND`` | address to listen on | ``localhost`` |
| ``PORT`` | port to listen on | the port of the public URL, or 8000 |
| ``REFOLIO_PROXIES`` | addresses or networks of proxies whose ``X-Forwarded-For`` is believed | none |
| ``REFOLIO_DNS`` | IP addresses of name servers, commas between; several must agree | the system's |
| ``REFOLIO_SMTP`` | mail server: ``smtp://name:password@host:587`` or ``smtps://…`` | none: files |
| ``REFOLIO_MAIL_FROM`` | sender of mails | ``refolio@`` the host of the public URL |
| ``REFOLIO_PLUGINS`` | TOML file of the plugins that are switched on | none |
| ``REFOLIO_RATE_PER_KEY`` | requests of one API key in so many seconds, or ``off`` | ``1000/10`` |
| ``REFOLIO_RATE_PER_ADDRESS`` | the same for one address without a key | ``300/10`` |
| ``REFOLIO_SUITE`` | ``on`` adds the conformance suites' endpoints; public URL on localhost only | ``off`` |
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit


class SettingRefused(Exception):
    """A setting cannot be used; the message names the variable, the reason and the fix."""


VARIABLES = frozenset(
    {
        "REFOLIO_PUBLIC_URL",
        "REFOLIO_DATA",
        "REFOLIO_KEK",
        "REFOLIO_KEK_FILE",
        "REFOLIO_KEK_PREVIOUS",
        "REFOLIO_KEK_PREVIOUS_FILE",
        "REFOLIO_KMS",
        "REFOLIO_BIND",
        "REFOLIO_PROXIES",
        "REFOLIO_DNS",
        "REFOLIO_SMTP",
        "REFOLIO_MAIL_FROM",
        "REFOLIO_PLUGINS",
        "REFOLIO_RATE_PER_KEY",
        "REFOLIO_RATE_PER_ADDRESS",
        "REFOLIO_SUITE",
    }
)
_SENDER = re.compile(r"(?:[^<>@\"\\\x00-\x1f]*<)?[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+>?")
_ORIGIN = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?")


class Rate(NamedTuple):
    """At most so many requests in so many seconds."""

    most: int
    seconds: int


PER_KEY, PER_ADDRESS = Rate(1000, 10), Rate(300, 10)


@dataclass(frozen=True)
class Settings:
    """Frozen settings of one process. ``public_url`` has no trailing slash; ``kek`` is base64 text or None."""

    public_url: str = "http://localhost:8000"
    data: Path = Path("var")
    database_url: str = field(default="sqlite:///var/refolio.db", repr=False)  # may hold a password
    kek: str | None = field(default=None, repr=False)
    kek_file: Path = Path("var/kek")
    bind: str = "localhost"
    port: int = 8000
    name_servers: tuple[str, ...] = ()
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    suite: bool = False
    previous_keks: tuple[str, ...] = field(default=(), repr=False)
    previous_kek_files: tuple[Path, ...] = ()
    kms: str | None = None
    smtp: str | None = field(default=None, repr=False)  # holds a password
    mail_from: str = ""
    outbox: bool = False  # show all mail on a page: for the demo and the emulator, which set it themselves
    plugins: Path | None = None
    rate_per_key: Rate | None = PER_KEY
    rate_per_address: Rate | None = PER_ADDRESS

    def __post_init__(self) -> None:
        if not self.mail_from:
            host = urlsplit(self.public_url).hostname or "localhost"
            object.__setattr__(self, "mail_from", f"Refolio <refolio@{host}>")
        if self.outbox and (self.smtp or urlsplit(self.public_url).hostname != "localhost"):
            raise SettingRefused("The page that shows all mail is for trying things out on this machine only.")
        if self.suite and urlsplit(self.public_url).hostname != "localhost":
            raise SettingRefused(
                f"REFOLIO_SUITE is for conformance tests on this machine: its issuers sign whatever they are sent. "
                f"The public URL is {self.public_url}; set REFOLIO_SUITE=off, or use https://localhost:8443."
            )

    @property
    def host(self) -> str:
        """Host and port of the public URL, as they stand in links and DIDs: ``localhost:8000``."""
        return urlsplit(self.public_url).netloc

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings. Raises SettingRefused for an unknown ``REFOLIO_*`` variable or an unusable value."""
        environ = os.environ if environ is None else environ
        if unknown := sorted(name for name in environ if name.startswith("REFOLIO_") and name not in _ACCEPTED):
            raise SettingRefused(f"{unknown[0]} is not a setting. Known are: {', '.join(sorted(VARIABLES))}.")
        public_url = environ.get("REFOLIO_PUBLIC_URL", cls.public_url).rstrip("/")
        if not _is_origin(public_url):
            raise SettingRefused(
                f"REFOLIO_PUBLIC_URL is {public_url!r}. Give scheme and host in lower case only, like https://refolio.example."
            )
        data = Path(environ.get("REFOLIO_DATA", "var"))
        return cls(
            public_url=public_url,
            data=data,
            database_url=environ.get("DATABASE_URL") or f"sqlite:///{data / 'refolio.db'}",
            kek=environ.get("REFOLIO_KEK"),
            kek_file=Path(environ.get("REFOLIO_KEK_FILE") or data / "kek"),
            previous_keks=_list(environ.get("REFOLIO_KEK_PREVIOUS")),
            previous_kek_files=tuple(Path(name) for name in _list(environ.get("REFOLIO_KEK_PREVIOUS_FILE"))),
            kms=_kms(environ),
            bind=environ.get("REFOLIO_BIND", cls.bind),
            port=_port(environ.get("PORT"), urlsplit(public_url).port or cls.port),
            name_servers=_addresses("REFOLIO_DNS", environ.get("REFOLIO_DNS")),
            proxies=_networks("REFOLIO_PROXIES", environ.get("REFOLIO_PROXIES")),
            suite=_switch("REFOLIO_SUITE", environ.get("REFOLIO_SUITE")),
            smtp=_mail_server(environ.get("REFOLIO_SMTP")),
            mail_from=_sender(environ.get("REFOLIO_MAIL_FROM")),
            plugins=Path(named) if (named := environ.get("REFOLIO_PLUGINS")) else None,
            rate_per_key=_rate("REFOLIO_RATE_PER_KEY", environ, cls.rate_per_key),
            rate_per_address=_rate("REFOLIO_RATE_PER_ADDRESS", environ, cls.rate_per_address),
        )


# Variables of tests and of the partner's command line share the prefix; they are no settings of the service.
_ACCEPTED = VARIABLES | {"REFOLIO_STANDARDS", "REFOLIO_API_KEY", "REFOLIO_URL"}


def _is_origin(url: str) -> bool:
    try:
        return _ORIGIN.fullmatch(url) is not None and urlsplit(url).port != 0
    except ValueError:  # a port beyond 65535
        return False


def _port(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise SettingRefused(f"PORT is {text!r}. Give a number from 1 to 65535.")
    return int(text)


def _list(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _kms(environ: Mapping[str, str]) -> str | None:
    reference = environ.get("REFOLIO_KMS")
    if reference is None:
        return None
    if not re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", reference):
        raise SettingRefused(f"REFOLIO_KMS is {reference!r}. Give package.module:factory.")
    if "REFOLIO_KEK" in environ or "REFOLIO_KEK_FILE" in environ:
        raise SettingRefused(
            "REFOLIO_KMS is set together with REFOLIO_KEK or REFOLIO_KEK_FILE, so it is not clear which of them wraps. "
            "Give the key of before as REFOLIO_KEK_PREVIOUS or REFOLIO_KEK_PREVIOUS_FILE."
        )
    return reference


def _addresses(name: str, text: str | None) -> tuple[str, ...]:
    try:
        return tuple(str(ip_address(one.strip())) for one in text.split(",")) if text else ()
    except ValueError:
        raise SettingRefused(
            f"{name} is {text!r}. Give IP addresses with commas between, like 9.9.9.9,1.1.1.1."
        ) from None


def _networks(name: str, text: str | None) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(one) for one in _list(text))
    except ValueError:
        raise SettingRefused(
            f"{name} is {text!r}. Give addresses or networks with commas between, like 127.0.0.1,10.0.0.0/8."
        ) from None


def _mail_server(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port beyond 65535
        sound = False
    if not sound or parts.path.strip("/") or parts.query or parts.fragment:  # the message must not repeat a password
        raise SettingRefused(
            "REFOLIO_SMTP must look like smtp://name:password@mail.example:587 (STARTTLS) or smtps://…:465; "
            "characters such as / or @ in a password are written %2F, %40."
        )
    return text


def _sender(text: str | None) -> str:
    if text is not None and not _SENDER.fullmatch(text):
        raise SettingRefused(f"REFOLIO_MAIL_FROM is {text!r}. Give an address, or a name and an address in <>.")
    return text or ""


def _rate(name: str, environ: Mapping[str, str], default: Rate | None) -> Rate | None:
    text = environ.get(name)
    if text is None:
        return default
    if text == "off":
        return None
    found = re.fullmatch(r"([1-9][0-9]{0,6})/([1-9][0-9]{0,3})", text)
    if not found:
        raise SettingRefused(f"{name} is {text!r}. Give requests/seconds, like 1000/10, or off.")
    return Rate(int(found[1]), int(found[2]))


def _switch(name: str, text: str | None) -> bool:
    if text not in (None, "on", "off"):
        raise SettingRefused(f"{name} is {text!r}. Give on or off.")
    return text == "on"


def plugin_environment() -> dict[str, str]:
    """All that a plugin's process knows of our environment: how to find programs, and no secret at all."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}


def inherited_environment(**additions: str) -> dict[str, str]:
    """Our environment with ``additions``, for a program that we start."""
    return {**os.environ, **additions}
