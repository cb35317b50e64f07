"""The one cookie of a signed-in person: for this host alone, never for scripts, never over plain http (SEC-157)."""

from litestar.datastructures import Cookie

from verify.runtime import Runtime


def session_cookie(runtime: Runtime, secret: str, seconds: int) -> Cookie:
    """The cookie that carries ``secret`` for so many seconds."""
    return Cookie(
        key=cookie_name(runtime),
        value=secret,
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
