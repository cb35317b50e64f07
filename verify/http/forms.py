"""Forms of our own pages: read strictly from the raw bytes, and only when they come from a page of ours.

Two fences against forged requests (SEC-158): what the browser says of where the form came from, which a page cannot
forge, and a value in the form that only a page of the same session knows.
"""

import hmac
from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request

from refolio.errors import Fault
from verify.http.refusals import Refused
from verify.runtime import Runtime

LONGEST_FORM = 64 * 1024
MOST_FIELDS = 400
CSRF = "csrf"

Form = dict[str, str]


async def read_form(
    request: Request[Any, Any, Any], *, known: Collection[str] | None = None, longest: int = LONGEST_FORM
) -> Form:
    """Return the fields of a urlencoded form, each once, stripped of nothing.

    ``known`` names the fields that may come (beside ``csrf``); None leaves that to the caller. ``longest`` counts the
    bytes on the wire, where a letter beyond ASCII takes six to twelve. Raises Refused for a
    request from elsewhere, another media type, too much, broken UTF-8, a field said twice or one that is unknown.
    """
    require_same_site(request)
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    if media_type.strip().lower() != "application/x-www-form-urlencoded" or parameters.strip().lower() not in (
        "",
        "charset=utf-8",
    ):
        raise Refused("unsupported-media-type", "This address takes the form of its page.")
    raw = await request.body()
    if len(raw) > longest:
        raise Refused("body-too-large", f"The form is larger than {longest // 1024} kB.")
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            encoding="utf-8",
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:  # also UnicodeDecodeError
        raise Refused("bad-request", "The form cannot be read.") from None
    form: Form = {}
    for name, value in pairs:
        if name in form:
            raise Refused(
                "bad-request",
                f"The field {name[:60]!r} is there twice.",
                [Fault(name[:60], "It is there twice.", "Send it once.")],
            )
        if known is not None and name != CSRF and name not in known:
            raise Refused(
                "bad-request",
                f"There is no field {name[:60]!r}.",
                [Fault(name[:60], "There is no such field.", "Leave it out.")],
            )
        if "\0" in value:  # which PostgreSQL does not store; nobody types it
            reason = "It holds a character that cannot be stored."
            raise Refused("bad-request", f"{name[:60]!r}: {reason}", [Fault(name[:60], reason, "Type it anew.")])
        form[name] = value.replace("\r\n", "\n")
    return form


def require_same_site(request: Request[Any, Any, Any]) -> None:
    """Raise Refused unless the browser says that a page of ours, or the person herself, sent this (Fetch Metadata)."""
    runtime: Runtime = request.app.state.runtime
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if site is None and origin is None:
        raise Refused("sent-from-elsewhere", "The request does not say which page it was sent from.")
    # Pages that send no referrer send the origin "null" with their forms; then the other header has to speak for them.
    unnamed = (None, "null") if site is not None else ()
    if site not in (None, "same-origin") or origin not in (*unnamed, runtime.settings.public_url):
        raise Refused("sent-from-elsewhere", "This form was not sent from a page of this site.")


def require_csrf(form: Form, expected: str) -> None:
    """Raise Refused unless the form carries the session's own value, and take it out of the form."""
    if not hmac.compare_digest(form.pop(CSRF, "").encode(), expected.encode()):
        raise Refused("sent-from-elsewhere", "The form belongs to another sign-in, or is too old.")
