"""Verify for machines, as VCALM (formerly VC API) words it. Anybody may ask; nothing is kept."""

from dataclasses import replace
from typing import Any

from litestar import Request, Response, post

from refolio.credential.policy import DEFAULT
from verify.http.access import Action
from verify.http.raw import MAX_BYTES, read_json
from verify.runtime import Runtime
from verify.verification.vcalm import Kind, answer, read_request
from verify.verification.verifying import verify_anything

AnyRequest = Request[Any, Any, Any]


@post("/credentials/verify", opt={"action": Action.READ_PUBLIC}, request_max_body_size=MAX_BYTES, status_code=200)
async def verify_credential(request: AnyRequest) -> Response[bytes]:
    """Make all eight checks of a credential: 200 when it holds, 400 with the whole result when it does not."""
    return await _verify(request, Kind.CREDENTIAL)


@post("/presentations/verify", opt={"action": Action.READ_PUBLIC}, request_max_body_size=MAX_BYTES, status_code=200)
async def verify_presentation(request: AnyRequest) -> Response[bytes]:
    """The same for a presentation and every credential in it."""
    return await _verify(request, Kind.PRESENTATION)


async def _verify(request: AnyRequest, kind: Kind) -> Response[bytes]:
    runtime: Runtime = request.app.state.runtime
    _, members = await read_json(request)
    asked = read_request(members, kind)
    policy = replace(DEFAULT, challenge=asked.challenge, domain=asked.domain)
    report = await verify_anything(runtime, request.app.state.fetcher, asked.raw, policy)
    status_code, body = answer(asked, report, f"{runtime.settings.public_url}/problems/could-not-check")
    return Response(body, status_code=status_code, media_type="application/json", headers={"Cache-Control": "no-store"})


handlers = [verify_credential, verify_presentation]
