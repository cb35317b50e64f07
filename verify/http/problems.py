"""From any error to one RFC 9457 document for programs, or one calm page for people. Never a stack trace."""

import logging
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from refolio.errors import CompletionRefused, DocumentRefused, Fault
from verify.http.access import READS
from verify.http.caching import DOCUMENT_TYPES
from verify.http.negotiating import preferred
from verify.http.refusals import KINDS, Refused
from verify.http.request_ids import request_id
from verify.runtime import KeyServiceDown, Runtime
from verify.web.templating import render

log = logging.getLogger(__name__)

# For these a browser is led to the sign-in page and back.
TO_SIGN_IN = ("sign-in-needed", "sign-in-again")
BY_STATUS = {
    400: "bad-request",
    401: "api-key-missing",
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "unsupported-media-type",
    503: "unavailable",
}


def exception_handlers() -> ExceptionHandlersMap:
    """Handlers for everything that can be raised while a request is answered."""
    return {
        Refused: _answer_refused,
        DocumentRefused: _answer_document_refused,
        HTTPException: _answer_http_exception,
        KeyServiceDown: _answer_key_service_down,
        Exception: _answer_unexpected,
    }


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """True for a browser that opens a page, false for programs (also those that accept anything)."""
    if request.scope["path"].startswith("/api/"):
        return False
    offered = ["application/json", "application/problem+json", *DOCUMENT_TYPES, "text/html"]
    return preferred(request, offered, default="application/json") == "text/html"


def problem(
    request: Request[Any, Any, Any], refused: Refused, headers: dict[str, str] | None = None, *, typed: str = ""
) -> Response[bytes]:
    """The answer for ``refused``: problem+json, or a page when a browser asked; ``typed`` stands in its field."""
    kind = KINDS[refused.kind]
    headers = {**(headers or {}), "Cache-Control": "no-store"}
    if refused.kind in TO_SIGN_IN and wants_page(request):
        back = quote(_page_of(request), safe="/")
        again = "&again=1" if refused.kind == "sign-in-again" else ""
        return Response(b"", status_code=303, headers={**headers, "Location": f"/sign-in?next={back}{again}"})
    if kind.status == 401 and refused.kind not in TO_SIGN_IN:
        headers["WWW-Authenticate"] = "Bearer"
    if wants_page(request):
        named = request_id(request.scope, request.app.state.runtime) if kind.status >= 500 else None
        says = f"{refused.detail} {kind.meaning}"
        page = render("problem.html", title=kind.title, detail=says, status=kind.status, request_id=named, typed=typed)
        return Response(page.encode(), status_code=kind.status, media_type="text/html", headers=headers)
    members = members_of(request, refused)
    body = msgspec.json.encode(members)
    return Response(body, status_code=kind.status, media_type="application/problem+json", headers=headers)


def members_of(request: Request[Any, Any, Any], refused: Refused) -> dict[str, Any]:
    """The members of the problem document."""
    runtime: Runtime = request.app.state.runtime
    kind = KINDS[refused.kind]
    return {
        "type": f"{runtime.settings.public_url}/problems/{refused.kind}",
        "title": kind.title,
        "status": kind.status,
        "detail": refused.detail,
        "instance": request.scope["path"],
        "code": refused.kind,
        "fix": kind.meaning,
        "faults": [fault._asdict() for fault in refused.faults],
        "request_id": request_id(request.scope, runtime),
    }


def _page_of(request: Request[Any, Any, Any]) -> str:
    """Where the person was: this page, or the one above the address that her form was sent to."""
    path: str = request.scope["path"]
    if request.method in READS or path.startswith("/join/"):
        return path
    return "/".join(path.split("/")[: 2 if path.startswith("/account") else 3])


def _answer_refused(request: Request[Any, Any, Any], error: Refused) -> Response[bytes]:
    return problem(request, error)


def _answer_key_service_down(request: Request[Any, Any, Any], error: KeyServiceDown) -> Response[bytes]:
    log.error("%s %s had to be put off: %s", request.method, request.scope["path"], error, exc_info=error.__cause__)
    return problem(request, Refused("unavailable", "The service that keeps the keys does not answer."))


def _answer_document_refused(request: Request[Any, Any, Any], error: DocumentRefused) -> Response[bytes]:
    if isinstance(error, CompletionRefused):
        return problem(request, Refused("completion-refused", error.says, error.faults))
    kind = "body-too-large" if error.code == "too-large" else "unreadable-body"
    fault = Fault(error.path or "body", error.says, error.fix)
    return problem(request, Refused(kind, f"{error.says} {error.fix}".strip(), [fault]))


def _answer_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    kind = BY_STATUS.get(error.status_code, "internal-error" if error.status_code >= 500 else "bad-request")
    details = {
        "not-found": "There is nothing at this address.",
        "method-not-allowed": f"{request.method} does not work at this address.",
        "body-too-large": "The body is larger than 512 kB.",
    }
    faults = [
        Fault(str(item.get("key") or "request"), "This value cannot be used.", "Compare it with the API reference.")
        for item in (error.extra if isinstance(error.extra, list) else [])
    ]
    if kind == "body-too-large":
        faults = [Fault("body", details[kind], KINDS[kind].meaning)]
    return problem(
        request, Refused(kind, details.get(kind, KINDS[kind].title + "."), faults), dict(error.headers or {})
    )


def _answer_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    request_id(request.scope, request.app.state.runtime)
    log.error(
        "Unexpected %s while answering %s %s",
        type(error).__name__,
        request.method,
        request.scope["path"],
        exc_info=error,
    )
    return problem(
        request, Refused("internal-error", "The request could not be answered because of a fault on our side.")
    )
