"""What an answer carries when a person has got her first role: the new secret of her sign-in."""

from litestar.response import Redirect

from verify.http.cookies import session_cookie
from verify.people.sessions import lifetime_of
from verify.runtime import Runtime


def with_role(runtime: Runtime, answer: Redirect, secret: str | None) -> Redirect:
    """The answer, with the cookie of the new secret if there is one."""
    if secret:
        seconds = int(lifetime_of(staff=True).absolute.total_seconds())
        answer.set_cookie(session_cookie(runtime, secret, seconds))
    return answer
