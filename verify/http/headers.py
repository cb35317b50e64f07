"""Security headers on every answer, and open CORS on the public artefacts that verifiers of others fetch."""

from litestar.datastructures import MutableScopeHeaders
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}
# Verifiers run in browsers of other sites; nothing here depends on cookies (standards §8.26).
OPEN_TO_ALL = ("/credentials/", "/issuers/", "/status/", "/achievements/", "/v/", "/V/")


class SecurityHeaders(ASGIMiddleware):
    """Adds the headers to every HTTP answer, errors included; HSTS only where the public URL is https."""

    def __init__(self, *, https: bool) -> None:
        self.fixed = dict(SECURITY)
        if https:
            self.fixed["Strict-Transport-Security"] = "max-age=31536000"

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                for name, value in self.fixed.items():
                    headers[name] = value
                if scope["path"].startswith(OPEN_TO_ALL):
                    headers["Access-Control-Allow-Origin"] = "*"
            await send(message)

        await next_app(scope, receive, send_with_headers if scope["type"] == "http" else send)
