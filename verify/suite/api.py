"""The routes of the suite profile. They exist only where the setting is on, which takes a public URL on localhost."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
from litestar import Request, Response, post, route
from litestar.params import FromPath

from refolio.credential.reading import JSON
from refolio.errors import Fault
from verify.http.access import READS, Action
from verify.http.caching import signed_document
from verify.http.raw import MAX_BYTES, read_json
from verify.http.refusals import Refused
from verify.runtime import Runtime
from verify.suite.inline_contexts import without_inline
from verify.suite.issuers import Suite
from verify.verification.vcalm import Kind, VerifyRequest, answer, read_request

AnyRequest = Request[Any, Any, Any]
PUBLIC = {"action": Action.READ_PUBLIC}


@post("/suite/{mechanism:str}/credentials/issue", opt=PUBLIC, request_max_body_size=MAX_BYTES, status_code=201)
async def issue(request: AnyRequest, mechanism: FromPath[str]) -> Response[bytes]:
    """Secure a credential by one mechanism: 201 with it, 400 for one that must not be issued."""
    suite: Suite = request.app.state.suite
    if mechanism not in suite.issuers:
        raise Refused("not-found", f"Mechanisms are: {', '.join(suite.issuers)}.")
    _, members = await read_json(request)
    secured = suite.issue(mechanism, _credential(members))
    return Response(
        msgspec.json.encode({"verifiableCredential": secured}), status_code=201, media_type="application/json"
    )


@post("/suite/credentials/verify", opt=PUBLIC, request_max_body_size=MAX_BYTES, status_code=200)
async def verify_credential(request: AnyRequest) -> Response[bytes]:
    """As /credentials/verify, with the vocabulary of the examples and without fetching."""
    return await _verify(request, Kind.CREDENTIAL)


@post("/suite/presentations/verify", opt=PUBLIC, request_max_body_size=MAX_BYTES, status_code=200)
async def verify_presentation(request: AnyRequest) -> Response[bytes]:
    """As /presentations/verify, with the vocabulary of the examples and without fetching."""
    return await _verify(request, Kind.PRESENTATION)


@route("/suite/status-lists/1", http_method=READS, opt=PUBLIC)
async def status_list(request: AnyRequest) -> Response[bytes]:
    """The status list of the issuer that adds a status."""
    suite: Suite = request.app.state.suite
    return signed_document(request, suite.status_list())


async def _verify(request: AnyRequest, kind: Kind) -> Response[bytes]:
    suite: Suite = request.app.state.suite
    runtime: Runtime = request.app.state.runtime
    _, members = await read_json(request)
    asked = read_request(members, kind)
    _require_created(asked)
    raw = asked.raw if asked.is_enveloped else msgspec.json.encode(without_inline(asked.document))
    report = suite.examine(raw, replace(suite.policy, challenge=asked.challenge, domain=asked.domain))
    status_code, body = answer(asked, report, f"{runtime.settings.public_url}/problems/could-not-check")
    return Response(body, status_code=status_code, media_type="application/json")


def _credential(members: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """``{credential, options}`` of VCALM; the options say nothing that these issuers could do differently."""
    if unknown := sorted(set(members) - {"credential", "options"}):
        says = "There is no member of this name."
        raise Refused("bad-request", f"{unknown[0]}: {says}", [Fault(unknown[0], says, "Send credential and options.")])
    credential = members.get("credential")
    if not isinstance(credential, dict) or not isinstance(members.get("options", {}), dict):
        says = "The request must hold a credential and may hold options, both objects."
        raise Refused("bad-request", says, [Fault("credential", says, "Send {credential, options}.")])
    return credential


def _require_created(asked: VerifyRequest) -> None:
    """``created`` is optional in Data Integrity 1.0; the verifier suite of the CCG takes it for required."""
    proof = asked.document.get("proof")
    for one in proof if isinstance(proof, list) else [proof]:
        if isinstance(one, dict) and "created" not in one:
            says = "In this profile a proof must say when it was made."
            raise Refused("bad-request", says, [Fault(f"{asked.kind.value}.proof.created", says, "Add it.")])


handlers = [issue, verify_credential, verify_presentation, status_list]
