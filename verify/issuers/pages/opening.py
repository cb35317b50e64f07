"""What an answer carries when a person has got her first role: the new secret of her sign-in."""

import re
from typing import Any

from litestar import Request
from litestar.response import Redirect

from verify.http.answering import see_other
from verify.http.cookies import session_cookie
from verify.http.forms import read_form
from verify.http.refusals import Refused
from verify.people.sessions import lifetime_of, succeeded
from verify.runtime import Runtime

KEY = "key"  # the field of a form whose value is new each time that the page is shown
_KEY = re.compile(r"[A-Za-z0-9_-]{32,43}", re.ASCII)


def with_role(runtime: Runtime, answer: Redirect, secret: str | None) -> Redirect:
    """The answer, with the cookie of the new secret if there is one."""
    if secret:
        seconds = int(lifetime_of(staff=True).absolute.total_seconds())
        answer.set_cookie(session_cookie(runtime, secret, seconds))
    return answer


def seed_of(key: str | None) -> str:
    """What a form of ours can have brought, else nothing."""
    return key if key and _KEY.fullmatch(key) else ""


async def sent_again(request: Request[Any, Any, Any], seed: str | None = None) -> Redirect | None:
    """The answer to a form whose sign-in was replaced by the same form a moment ago: a double click.

    The browser may have dropped the first answer, so it gets the new secret once more. None for any other form.
    ``seed`` is by default what the field ``key`` holds.
    """
    runtime: Runtime = request.app.state.runtime
    try:
        form = await read_form(request)
    except Refused:
        return None
    secret = await succeeded(runtime, request.cookies, seed_of(seed or form.get(KEY)))
    return with_role(runtime, see_other("/console"), secret) if secret else None
