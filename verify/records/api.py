"""The door for records of foreign systems."""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath, FromQuery

from verify.credentials import answering, finding
from verify.http.access import Action
from verify.http.callers import call_of
from verify.http.problems import members_of
from verify.http.raw import MAX_BYTES, read_json
from verify.platforms.authenticating import authenticate
from verify.records.delivering import Delivered, deliver, records_in

AnyRequest = Request[Any, Any, Any]


@post(
    "/api/v1/plugins/{plugin:str}/records",
    opt={"action": Action.ISSUE},
    request_max_body_size=MAX_BYTES,
    status_code=201,
)
async def take_records(request: AnyRequest, plugin: FromPath[str], dry_run: FromQuery[bool] = False) -> Response[bytes]:
    """Take one record, or many in ``{"records": […]}``, as the foreign system writes them; a plugin reads them.

    With ``dry_run`` nothing is issued, and the answer has the form of that to many.
    """
    state = request.app.state
    actor = await authenticate(state.runtime, call_of(request))
    _, members = await read_json(request)
    state.plugins.of(actor.platform, plugin)  # who may not, learns nothing of what a plugin takes
    records, many = records_in(members)
    many = many or dry_run
    delivered = await deliver(state.runtime, state.plugins, state.announcer, actor, plugin, records, dry_run=dry_run)
    if not many and delivered[0].refused:
        raise delivered[0].refused
    results = [await _members(request, one) for one in delivered]
    body = {"results": results} if many else results[0]["credential"]
    headers = {"Cache-Control": "private, no-store"}
    if not many:
        headers["Location"] = results[0]["credential"]["id"]
    return Response(
        msgspec.json.encode(body), status_code=200 if many else 201, media_type="application/json", headers=headers
    )


async def _members(request: AnyRequest, one: Delivered) -> dict[str, Any]:
    if one.refused:
        return {"credential": None, "problem": members_of(request, one.refused)}
    if one.credential is None:
        return {"credential": None, "problem": None}
    stored = await finding.by_id(one.credential)
    assert stored, "issued a moment ago"
    return {"credential": await answering.members_of(request.app.state.runtime, stored), "problem": None}


handlers = [take_records]
