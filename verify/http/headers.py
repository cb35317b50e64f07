"""Security headers on every answer, and open CORS on the public artefacts that verifiers of others fetch."""

from collections.abc import Awaitable, Callable

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from verify.http.caching import gzipped

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}
# Pages that talk to a passkey need one script of ours, which talks to us alone; their handlers answer with this.
WITH_PASSKEYS = f"{CONTENT_SECURITY_POLICY}; script-src 'self'; connect-src 'self'"
# What is about somebody: never kept by any cache (SEC-110, SEC-170).
PRIVATE = ("/sign-in", "/sign-out", "/account", "/console", "/join/", "/referee/")
# Verifiers run in browsers of other sites; nothing here depends on cookies.
OPEN_TO_ALL = (
    "/credentials/",
    "/references/",
    "/issuers/",
    "/status/",
    "/status-lists/",
    "/achievements/",
    "/v/",
    "/V/",
)


def security_headers(*, https: bool) -> Callable[[Message, Scope], Awaitable[None]]:
    """A hook that adds the headers to every HTTP answer; HSTS only where the public URL is https.

    For ``before_send`` of the application: a middleware would miss the answers that no handler gives (404, 405).
    """
    fixed = SECURITY | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})

    async def add(message: Message, scope: Scope) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            for name, value in fixed.items():
                if name != "Content-Security-Policy" or headers.get(name) != WITH_PASSKEYS:
                    headers[name] = value
            if scope["path"].startswith(PRIVATE) or "set-cookie" in headers:
                headers["Cache-Control"] = "no-store"
            if scope["path"].startswith(OPEN_TO_ALL):
                headers["Access-Control-Allow-Origin"] = "*"
            if "etag" in headers and headers.get("content-encoding") == "gzip":
                headers["etag"] = gzipped(headers["etag"])

    return add
