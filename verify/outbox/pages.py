"""The page of letters. It exists only where the settings say so, which takes a public URL on localhost."""

import re
from typing import Any

from litestar import Request, Response, route
from litestar.params import FromQuery
from markupsafe import Markup, escape

from verify.http.access import READS, Action
from verify.http.answering import private_page
from verify.http.refusals import Refused
from verify.outbox.reading import letters
from verify.runtime import Runtime

_LINK = re.compile(r"https?://[^\s<>]+")


@route("/outbox", http_method=READS, opt={"action": Action.READ_PUBLIC})
async def outbox(request: Request[Any, Any, Any], to: FromQuery[str] = "") -> Response[bytes]:
    """Every letter that would have been sent, the last one first; those to one address with ``to``."""
    runtime: Runtime = request.app.state.runtime
    if request.headers.get("host") != runtime.settings.host:  # a page elsewhere whose name leads to this machine
        raise Refused("not-found", "There is nothing at this address.")
    await request.app.state.mail.settled()
    shown = [(one, _linked(one.text)) for one in letters(runtime) if to in ("", one.to)]
    return private_page("outbox.html", {"letters": shown, "to": to})


def _linked(text: str) -> Markup:
    """The text with its web addresses as links."""
    parts, end = [], 0
    for found in _LINK.finditer(text):
        url = found[0].rstrip(".,)")
        parts += [escape(text[end : found.start()]), Markup('<a href="{0}">{0}</a>').format(url)]
        end = found.start() + len(url)
    return Markup("").join([*parts, escape(text[end:])])


handlers = [outbox]
