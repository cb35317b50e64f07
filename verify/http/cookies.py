"""Our two cookies: for this host alone, never for scripts, never over plain http (SEC-157).

One carries the session. The other marks the browser in which somebody began to sign in, until that is done.
"""

from litestar.datastructures import Cookie

from verify.runtime import Runtime


def session_cookie(runtime: Runtime, secret: str, seconds: int) -> Cookie:
    """The cookie that carries ``secret`` for so many seconds."""
    return _cookie(runtime, cookie_name(runtime), secret, seconds)


def begun_cookie(runtime: Runtime, nonce: str, seconds: int) -> Cookie:
    """The cookie of a browser in which a sign-in has begun."""
    return _cookie(runtime, begun_name(runtime), nonce, seconds)


def _cookie(runtime: Runtime, name: str, value: str, seconds: int) -> Cookie:
    return Cookie(
        key=name,
        value=value,
        max_age=seconds,
        path="/",
        secure=runtime.settings.public_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )


def no_session_cookie(runtime: Runtime) -> Cookie:
    """The cookie that takes the session's away."""
    return session_cookie(runtime, "", 0)


def cookie_name(runtime: Runtime) -> str:
    """``__Host-`` binds it to host, path and TLS; without TLS, as on localhost, browsers refuse that name."""
    return "__Host-refolio" if runtime.settings.public_url.startswith("https://") else "refolio"


def begun_name(runtime: Runtime) -> str:
    """Likewise of the other cookie."""
    return f"{cookie_name(runtime)}-begun"
