"""Credentials for machines: issue, withdraw, look up, and the public documents themselves."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, post, put, route
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from refolio.credential import timestamps
from refolio.credential.model import completion_from
from verify.credentials import (
    answering,
    delivery_listing,
    examining,
    finding,
    issuing,
    leasing,
    links,
    list_signing,
    replacing,
    revoking,
    status_publishing,
    vcalm,
    withdrawing,
)
from verify.credentials.asking import replacement_from
from verify.credentials.reserving import Request as IssueRequest
from verify.http.access import READS, Action, Actor, can
from verify.http.answering import for_caller
from verify.http.caching import SECONDS, artefact, signed_document
from verify.http.callers import call_of
from verify.http.idempotency import idempotency_key
from verify.http.paging import read_query
from verify.http.problems import wants_page
from verify.http.raw import MAX_BYTES, read_json
from verify.http.refusals import Refused
from verify.issuers import twins
from verify.platforms.authenticating import authenticate
from verify.runtime import Runtime

AnyRequest = Request[Any, Any, Any]


@post("/api/v1/credentials", opt={"action": Action.ISSUE}, request_max_body_size=MAX_BYTES, status_code=201)
async def issue(request: AnyRequest, allow_duplicate: FromQuery[bool] = False) -> Response[bytes]:
    """Issue a credential for the completion in the body; the same Idempotency-Key and body give the same answer."""
    runtime: Runtime = request.app.state.runtime
    actor = await authenticate(request.app.state.runtime, call_of(request))
    key = idempotency_key(request)
    body, members = await read_json(request)
    completion = completion_from(members)
    twin = await twins.meant_by(runtime, actor, completion.issuer)
    assert actor.platform
    asked = IssueRequest(actor.platform, key, body, completion, allow_duplicate, twin=twin)
    credential_id = await issuing.issue(runtime, actor, asked)
    return await _answer(request, actor, credential_id, 201)


@post("/api/v1/reservations", opt={"action": Action.ISSUE}, request_max_body_size=MAX_BYTES, status_code=201)
async def reserve(request: AnyRequest, allow_duplicate: FromQuery[bool] = False) -> Response[bytes]:
    """Reserve a credential of an issuer that holds its own key, and tell what it has to sign."""
    actor = await authenticate(request.app.state.runtime, call_of(request))
    key = idempotency_key(request)
    body, members = await read_json(request)
    assert actor.platform
    completion = completion_from(members)
    twin = await twins.meant_by(request.app.state.runtime, actor, completion.issuer)
    asked = IssueRequest(actor.platform, key, body, completion, allow_duplicate, twin=twin)
    reservation = await leasing.reserve_held(request.app.state.runtime, actor, asked)
    first = reservation.first_list
    return _json(
        {
            "uuid": reservation.id,
            "issuer": asked.completion.issuer,
            "state": "submitted" if reservation.unsigned is None else "reserved",
            "expires_at": timestamps.format(reservation.expires_at),
            "unsigned": reservation.unsigned,
            "status_list": first and _due(first),
        },
        201,
    )


@post(
    "/api/v1/reservations/{reservation_id:str}/submit",
    opt={"action": Action.ISSUE},
    request_max_body_size=MAX_BYTES,
    status_code=201,
)
async def submit(request: AnyRequest, reservation_id: FromPath[str]) -> Response[bytes]:
    """Take the signed document of a reservation, byte for byte."""
    state = request.app.state
    actor = await authenticate(request.app.state.runtime, call_of(request))
    signed, _ = await read_json(request)
    await leasing.submit(state.runtime, state.fetcher, actor, reservation_id, signed)
    return await _answer(request, actor, reservation_id, 201)


@route("/api/v1/issuers/{slug:str}/status-lists/unsigned", http_method=READS, opt={"action": Action.ISSUE})
async def unsigned_lists(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """The status lists that an issuer with its own key has to sign now."""
    actor = await authenticate(request.app.state.runtime, call_of(request))
    due = await list_signing.due(request.app.state.runtime, request.app.state.fetcher, actor, slug)
    return _json({"lists": [_due(one) for one in due]}, 200)


@put(
    "/api/v1/issuers/{slug:str}/status-lists/{list_id:str}",
    opt={"action": Action.ISSUE},
    request_max_body_size=MAX_BYTES,
)
async def put_list(request: AnyRequest, slug: FromPath[str], list_id: FromPath[str]) -> Response[bytes]:
    """Take a signed status list and publish it, byte for byte."""
    state = request.app.state
    actor = await authenticate(request.app.state.runtime, call_of(request))
    signed, _ = await read_json(request)
    next_due = await list_signing.put(state.runtime, state.fetcher, actor, slug, list_id, signed)
    return _json({"list": list_id, "next_due": timestamps.format(next_due)}, 200)


@post(
    "/api/v1/credentials/{credential_id:str}/withdraw",
    opt={"action": Action.WITHDRAW},
    request_max_body_size=MAX_BYTES,
    status_code=200,
)
async def withdraw(request: AnyRequest, credential_id: FromPath[str]) -> Response[bytes]:
    """Withdraw a credential for good, with a reason."""
    actor = await authenticate(request.app.state.runtime, call_of(request))
    _, members = await read_json(request)
    await withdrawing.withdraw(request.app.state.runtime, actor, credential_id, members)
    return await _answer(request, actor, credential_id, 200)


@post(
    "/api/v1/credentials/{credential_id:str}/replace",
    opt={"action": Action.REPLACE},
    request_max_body_size=MAX_BYTES,
    status_code=200,
)
async def replace(request: AnyRequest, credential_id: FromPath[str]) -> Response[bytes]:
    """Put a credential right: a newer edition under its id, or a successor; answers with the one that stands."""
    runtime: Runtime = request.app.state.runtime
    actor = await authenticate(request.app.state.runtime, call_of(request))
    key = idempotency_key(request)
    body, members = await read_json(request)
    asked = replacement_from(key, body, members)
    if asked.is_successor:
        successor = await replacing.succeed(runtime, actor, credential_id, asked.replacement, asked.why)
        return await _answer(request, actor, successor, 201)
    await replacing.correct(runtime, actor, credential_id, asked.replacement)
    return await _answer(request, actor, credential_id, 200)


@route("/api/v1/credentials/{credential_id:str}", http_method=READS, opt={"action": Action.READ_ISSUED})
async def read_issued(request: AnyRequest, credential_id: FromPath[str]) -> Response[bytes]:
    """What became of a credential that this platform delivered."""
    actor = await authenticate(request.app.state.runtime, call_of(request))
    return for_caller(request, await _members(request, actor, credential_id))


@route("/api/v1/credentials", http_method=READS, opt={"action": Action.READ_ISSUED})
async def delivered(request: AnyRequest) -> Response[bytes]:
    """The credentials that this platform delivered, newest first."""
    actor = await authenticate(request.app.state.runtime, call_of(request))
    asked = read_query(request, *delivery_listing.FILTERS)
    return for_caller(request, await delivery_listing.delivered(request.app.state.runtime, actor, asked))


@route("/credentials/{credential_id:str}", http_method=READS, opt={"action": Action.READ_PUBLIC})
async def document(request: AnyRequest, credential_id: FromPath[str]) -> Response[bytes] | Redirect:
    """The signed document, byte for byte; a browser is sent to the verdict page."""
    runtime: Runtime = request.app.state.runtime
    stored = await finding.by_id(credential_id)
    if stored is None:
        raise Refused("not-found", "There is no credential with this id.")
    if wants_page(request):
        return Redirect(links.verdict(runtime, stored.code), status_code=303, headers={"Vary": "Accept"})
    return signed_document(request, stored.document)


@route("/credentials/{credential_id:str}/status", http_method=READS, opt={"action": Action.READ_PUBLIC})
async def status(request: AnyRequest, credential_id: FromPath[str]) -> Response[bytes]:
    """Whether, when and why the credential was withdrawn."""
    stored = await finding.by_id(credential_id)
    if stored is None:
        raise Refused("not-found", "There is no credential with this id.")
    body = await examining.status_members(request.app.state.runtime, stored)
    return artefact(request, body, "application/json", SECONDS)


@route("/status/{list_id:str}", http_method=READS, opt={"action": Action.READ_PUBLIC})
async def status_list(request: AnyRequest, list_id: FromPath[str]) -> Response[bytes]:
    """A signed status list, the same for everybody who asks."""
    body = await status_publishing.current(request.app.state.runtime, list_id)
    if body is None:
        raise Refused("not-found", "There is no status list with this id.")
    return signed_document(request, body)


@route("/achievements/{achievement_id:str}", http_method=READS, opt={"action": Action.READ_PUBLIC})
async def achievement(request: AnyRequest, achievement_id: FromPath[str]) -> Response[bytes]:
    """What had to be done, as it stands in every credential of this achievement."""
    stored = await finding.by_achievement(achievement_id)
    body = examining.achievement_members(stored) if stored else None
    if body is None:
        raise Refused("not-found", "There is no achievement with this id.")
    return artefact(request, body, "application/ld+json", SECONDS)


@post("/credentials/issue", opt={"action": Action.ISSUE}, request_max_body_size=MAX_BYTES, status_code=201)
async def issue_credential(request: AnyRequest) -> Response[bytes]:
    """VCALM: issue the completion credential in the body. The Idempotency-Key is optional here."""
    runtime: Runtime = request.app.state.runtime
    actor = await authenticate(request.app.state.runtime, call_of(request))
    key = idempotency_key(request) if "idempotency-key" in request.headers else None
    body, members = await read_json(request)
    stored = await finding.by_id(await vcalm.issue(runtime, actor, key, body, members))
    assert stored, "issued a moment ago"
    return Response(
        b'{"verifiableCredential":' + stored.document + b"}",  # the signed bytes as they are
        status_code=201,
        media_type="application/json",
        headers={"Cache-Control": "private, no-store", "Location": links.credential(runtime, stored.id)},
    )


@post("/credentials/status", opt={"action": Action.WITHDRAW}, request_max_body_size=MAX_BYTES, status_code=200)
async def set_status(request: AnyRequest) -> Response[bytes]:
    """VCALM: withdraw a credential for good."""
    actor = await authenticate(request.app.state.runtime, call_of(request))
    _, members = await read_json(request)
    credential_id = await revoking.set_status(request.app.state.runtime, actor, members)
    return await _answer(request, actor, credential_id, 200)


@route("/status-lists/{list_id:str}", http_method=READS, opt={"action": Action.READ_PUBLIC})
async def status_list_alias(request: AnyRequest, list_id: FromPath[str]) -> Response[bytes]:
    """VCALM's address of a status list: the same bytes as at the list's own, which its id names."""
    runtime: Runtime = request.app.state.runtime
    body = await status_publishing.current(runtime, list_id)
    if body is None:
        raise Refused("not-found", "There is no status list with this id.")
    return signed_document(request, body, {"Link": f'<{links.status_list(runtime, list_id)}>; rel="canonical"'})


def _due(listed: list_signing.DueList) -> dict[str, Any]:
    return {"list": listed.id, "why": listed.why, "unsigned": listed.unsigned}


def _json(members: Mapping[str, object], status_code: int) -> Response[bytes]:
    headers = {"Cache-Control": "private, no-store"}
    return Response(
        msgspec.json.encode(members), status_code=status_code, media_type="application/json", headers=headers
    )


async def _answer(request: AnyRequest, actor: Actor, credential_id: str, status_code: int) -> Response[bytes]:
    members = await _members(request, actor, credential_id)
    answer = _json(members, status_code)
    answer.headers["Location"] = str(members["id"])
    return answer


async def _members(request: AnyRequest, actor: Actor, credential_id: str) -> dict[str, object]:
    """What a platform is told of a credential, when it asks for it and when it did something with it."""
    stored = await finding.by_id(credential_id)
    action: Action = request.route_handler.opt["action"]
    if stored is None or stored.platform != actor.platform or not can(actor, action, stored.issuer):
        raise Refused("not-found", withdrawing.not_yours(actor))
    return await answering.members_of(request.app.state.runtime, stored)


handlers = [
    issue,
    reserve,
    submit,
    unsigned_lists,
    put_list,
    withdraw,
    replace,
    read_issued,
    delivered,
    document,
    status,
    status_list,
    achievement,
    issue_credential,
    set_status,
    status_list_alias,
]
