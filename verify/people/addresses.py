"""Addresses of mailboxes: one normal form that is stored and compared, and the spelling that she typed (SEC-163)."""

from __future__ import annotations

from dataclasses import dataclass

from refolio.credential.rules import normal_email
from refolio.errors import Fault
from verify.http.refusals import Refused
from verify.outside.mail import is_address

FIELD = "email"


@dataclass(frozen=True, slots=True)
class Spelled:
    """An address: ``normal`` is compared, ``typed`` is written to and shown."""

    normal: str
    typed: str


def read_address(text: str) -> Spelled:
    """The address in what somebody typed; case does not count, dots and ``+`` do, because only the host knows better.

    Raises Refused when mail cannot be sent there: quoted or non-ASCII names, two ``@``, a dot at the end, a host
    without a dot. A host of other letters is typed in its ``xn--`` form, so that look-alikes are seen.
    """
    typed = text.strip()
    if not is_address(typed):
        says = "This does not look like an e-mail address."
        raise Refused("bad-request", says, [Fault(FIELD, says, "Write it like maya@university.example.")])
    return Spelled(normal_email(typed), typed)


def veiled(address: str) -> str:
    """An address as it is shown on pages that others may see: ``m…@northfield.example``."""
    name, _, host = address.partition("@")
    return f"{name[:1]}…@{host}"
