"""References for machines: ask for one, see what became of it, take the question back."""

from typing import Any

from litestar import Request, Response, delete, post, route
from litestar.params import FromPath

from verify.http.access import READS, Action
from verify.http.answering import for_caller
from verify.http.callers import call_of
from verify.http.idempotency import idempotency_key
from verify.http.paging import read_query
from verify.http.raw import MAX_BYTES, read_json
from verify.http.refusals import Refused
from verify.platforms.authenticating import authenticate
from verify.references import asking, cancelling, reading

AnyRequest = Request[Any, Any, Any]
READ = {"action": Action.READ_REFERENCES}
ASK = {"action": Action.ASK_FOR_REFERENCE}


@post("/api/v1/references", opt=ASK, request_max_body_size=MAX_BYTES, status_code=201)
async def ask_referee(request: AnyRequest) -> Response[bytes]:
    """Ask somebody for a reference about a credential; nobody is asked twice about the same."""
    runtime = request.app.state.runtime
    actor = await authenticate(runtime, call_of(request))
    key = idempotency_key(request)
    body, members = await read_json(request)
    answer = for_caller(request, await asking.ask(runtime, actor, key, body, members))
    answer.status_code = 201
    return answer


@route("/api/v1/references", http_method=READS, opt=READ)
async def references(request: AnyRequest) -> Response[bytes]:
    """Every reference that this platform has asked for, the first one first."""
    runtime = request.app.state.runtime
    actor = await authenticate(runtime, call_of(request))
    return for_caller(request, await reading.all_asked_for(runtime, actor, read_query(request, *reading.FILTERS)))


@route("/api/v1/references/{reference_id:str}", http_method=READS, opt=READ)
async def reference(request: AnyRequest, reference_id: FromPath[str]) -> Response[bytes]:
    """One reference; what it says is told to nobody before the intern shows it."""
    runtime = request.app.state.runtime
    actor = await authenticate(runtime, call_of(request))
    return for_caller(request, await reading.asked_for(runtime, actor, reference_id))


@delete("/api/v1/references/{reference_id:str}", opt=ASK, status_code=200)
async def cancel_reference(request: AnyRequest, reference_id: FromPath[str]) -> Response[bytes]:
    """Take the question back, as long as it is not answered."""
    runtime = request.app.state.runtime
    actor = await authenticate(runtime, call_of(request))
    if await request.body() and (await read_json(request))[1]:
        raise Refused("bad-request", "Taking a question back takes no members.")
    return for_caller(request, await cancelling.cancel(runtime, actor, reference_id))


handlers = [ask_referee, references, reference, cancel_reference]
