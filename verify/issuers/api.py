"""The issuer's public key document, and all earlier ones."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath

from verify.http.access import READS, Action
from verify.http.caching import SECONDS, artefact
from verify.http.refusals import Refused
from verify.issuers import did_history, publishing


@route("/issuers/{slug:str}/did.json", http_method=READS, opt={"action": Action.READ_PUBLIC})
async def did_json(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[bytes]:
    """The did:web document of an issuer."""
    body = await publishing.document(slug)
    if body is None:
        raise Refused("not-found", "There is no such issuer here.")
    return artefact(request, body, "application/did+json", SECONDS)


@route("/issuers/{slug:str}/did/history.json", http_method=READS, opt={"action": Action.READ_PUBLIC})
async def did_history_json(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[bytes]:
    """Every did:web document that the issuer ever had, each linked to the one before by its hash."""
    body = await did_history.history(slug)
    if body is None:
        raise Refused("not-found", "There is no such issuer here.")
    return artefact(request, body, "application/json", SECONDS)


handlers = [did_json, did_history_json]
