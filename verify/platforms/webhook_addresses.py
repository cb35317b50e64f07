"""Which addresses events are sent to: judged when one is given, and again at every single send (SEC-182)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from refolio.addresses import PLAIN_URL
from refolio.errors import Fault
from verify.http.refusals import Refused
from verify.outside.aiming import LOOPBACK, OutOfBounds, aim
from verify.runtime import Runtime

LONGEST = 500
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last label begins with a letter, so that no number in any notation passes for a name (SEC-094).
_NAME = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])", re.I)
_FIX = "Give an https:// address with a public host name, like https://hooks.northfield.example/refolio."


def is_for_tests(runtime: Runtime) -> bool:
    """Does this service itself run on localhost? Then receivers may do so too."""
    return urlsplit(runtime.settings.public_url).hostname in ("localhost", "127.0.0.1", "::1")


async def require_address(runtime: Runtime, url: str) -> None:
    """Raise Refused, naming ``url``, for what is no plain https address of a public host by its name.

    Asks the name servers, connects to nothing.
    """
    require_form(runtime, url)
    try:
        await aim(runtime.network, url, loopback=is_for_tests(runtime))
    except OutOfBounds as error:
        raise refused(f"Nothing is sent there: {error}") from None


def require_form(runtime: Runtime, url: str) -> None:
    """The part of this that takes the text alone."""
    parts = PLAIN_URL.fullmatch(url)
    if parts is None or len(url) > LONGEST:
        raise refused("It is not a plain web address.")
    host = parts["host"].lower()
    own = urlsplit(runtime.settings.public_url)
    if is_for_tests(runtime) and host in LOOPBACK and parts["port"] != str(own.port):
        return
    if host == own.hostname:
        raise refused("It is the address of this service itself.")
    if parts["scheme"] != "https":
        raise refused("It does not begin with https://.")
    if not _NAME.fullmatch(host):
        raise refused("Its host is no public name.")


def refused(says: str) -> Refused:
    """The refusal of an address."""
    return Refused("webhook-refused", f"This address cannot be used. {says}", [Fault("url", says, _FIX)])
