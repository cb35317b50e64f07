"""Where things are, always under the configured public origin, never under the Host of a request (SEC-136)."""

from __future__ import annotations

from verify.credentials.codes import grouped
from verify.runtime import Runtime


def credential(runtime: Runtime, credential_id: str) -> str:
    """The credential's own id: a URL that answers with the signed document."""
    return f"{runtime.settings.public_url}/credentials/{credential_id}"


def status(runtime: Runtime, credential_id: str) -> str:
    """Why and when a credential was withdrawn, as JSON."""
    return f"{credential(runtime, credential_id)}/status"


def status_list(runtime: Runtime, list_id: str) -> str:
    """A status list."""
    return f"{runtime.settings.public_url}/status/{list_id}"


def verdict(runtime: Runtime, code: str) -> str:
    """The verdict page of a code."""
    return f"{runtime.settings.public_url}/v/{grouped(code)}"


def portfolio(runtime: Runtime, handle: str) -> str:
    """A person's portfolio."""
    return f"{runtime.settings.public_url}/p/{handle}"


def printed(runtime: Runtime, code: str) -> str:
    """The verdict link as it stands in QR codes: upper case, so that the code fits the small alphanumeric mode."""
    return verdict(runtime, code).upper()


def reply(runtime: Runtime, credential_id: str) -> str:
    """Where the intern answers to a withdrawal."""
    return f"{runtime.settings.public_url}/account/credentials/{credential_id}/reply"


def path_of(runtime: Runtime, link: str) -> str:
    """A link of ours without the origin, for our own pages."""
    return link.removeprefix(runtime.settings.public_url)
