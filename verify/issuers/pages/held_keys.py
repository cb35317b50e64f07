"""Keys that stay with the organisation: set one up, bring the next one. First the public half, then the proof."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath
from litestar.response import Redirect

from refolio.errors import Fault
from verify.http.access import READS, Action
from verify.http.answering import faults_of, private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers import bringing_keys, members
from verify.issuers.framing import frame
from verify.issuers.members import SignedIn
from verify.issuers.pages.opening import with_role
from verify.runtime import Runtime

AnyRequest = Request[Any, Any, Any]
ACCOUNT = {"action": Action.USE_ACCOUNT}
MANAGE = {"action": Action.MANAGE_KEYS}
ANSWER = ("answer",)
TO_SHOW = ("form-refused", "key-refused", "bad-request")  # beside the form; anything else is a page of its own


@route("/console/new/own-key", http_method=READS, opt=ACCOUNT)
async def new_form(request: AnyRequest) -> Response[bytes]:
    """The form for a new organisation that holds its own key."""
    return _new(await members.signed_in(request.app.state.runtime, request.cookies))


@route("/console/new/own-key", http_method="POST", opt=ACCOUNT)
async def begin_new(request: AnyRequest) -> Response[bytes] | Redirect:
    """Take name and public key, and ask for the proof."""
    runtime = request.app.state.runtime
    member = await members.signed_in(runtime, request.cookies)
    form = await read_form(request, known=bringing_keys.FIELDS)
    require_csrf(form, member.session.csrf)
    try:
        challenge = await bringing_keys.begin_new(runtime, member, form)
    except Refused as refused:
        return _new(member, form, faults_of(_shown(refused), "key"), 422)
    return see_other(f"/console/new/own-key/{challenge}")


@route("/console/new/own-key/{question:str}", http_method=READS, opt=ACCOUNT)
async def prove_new(request: AnyRequest, question: FromPath[str]) -> Response[bytes]:
    """What to sign, and a place for the answer."""
    runtime = request.app.state.runtime
    return await _prove(runtime, await members.signed_in(runtime, request.cookies), question)


@route("/console/new/own-key/{question:str}", http_method="POST", opt=ACCOUNT)
async def make(request: AnyRequest, question: FromPath[str]) -> Response[bytes] | Redirect:
    """Make the organisation with the key that answered."""
    runtime = request.app.state.runtime
    member = await members.signed_in(runtime, request.cookies)
    await bringing_keys.asked(runtime, member, question)  # to others it is not there, whatever they send
    form = await read_form(request, known=ANSWER)
    require_csrf(form, member.session.csrf)
    try:
        slug = await bringing_keys.make(runtime, request.app.state.fetcher, member, question, form.get("answer", ""))
    except Refused as refused:
        return await _prove(runtime, member, question, None, form, _at_answer(refused), 422)
    opened = await members.open_first_role(runtime, member, request.cookies)
    is_open = member.session.staff or opened
    return with_role(runtime, see_other(f"/console/{slug}/keys" if is_open else "/console"), opened)


@route("/console/{slug:str}/keys/next", http_method=READS, opt=MANAGE)
async def next_form(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """The form for the next key."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.MANAGE_KEYS, slug)
    return await _next(runtime, member, slug)


@route("/console/{slug:str}/keys/next", http_method="POST", opt=MANAGE)
async def begin_next(request: AnyRequest, slug: FromPath[str]) -> Response[bytes] | Redirect:
    """Take the public key, and ask for the proof."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.MANAGE_KEYS, slug)
    form = await read_form(request, known=("key",))
    require_csrf(form, member.session.csrf)
    try:
        challenge = await bringing_keys.begin_next(runtime, member, slug, form.get("key", ""))
    except Refused as refused:
        return await _next(runtime, member, slug, form, faults_of(_shown(refused), "key"), 422)
    return see_other(f"/console/{slug}/keys/next/{challenge}")


@route("/console/{slug:str}/keys/next/{next_question:str}", http_method=READS, opt=MANAGE)
async def prove_next(request: AnyRequest, slug: FromPath[str], next_question: FromPath[str]) -> Response[bytes]:
    """What to sign, and a place for the answer."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.MANAGE_KEYS, slug)
    return await _prove(runtime, member, next_question, slug)


@route("/console/{slug:str}/keys/next/{next_question:str}", http_method="POST", opt=MANAGE)
async def change(request: AnyRequest, slug: FromPath[str], next_question: FromPath[str]) -> Response[bytes] | Redirect:
    """Let the key that answered sign from now on."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.MANAGE_KEYS, slug)
    form = await read_form(request, known=ANSWER)
    require_csrf(form, member.session.csrf)
    try:
        await bringing_keys.change(
            runtime, request.app.state.fetcher, member, slug, next_question, form.get("answer", "")
        )
    except Refused as refused:
        return await _prove(runtime, member, next_question, slug, form, _at_answer(refused), 422)
    return see_other(f"/console/{slug}/keys")


def _shown(refused: Refused) -> Refused:
    """A refusal that is shown beside the form; any other is raised."""
    if refused.kind not in TO_SHOW:
        raise refused
    return refused


def _at_answer(refused: Refused) -> tuple[Fault, ...]:
    """Whatever is wrong is said at the one field there is; what to do stands on the page."""
    _shown(refused)
    fix = refused.faults[0].fix if refused.faults and refused.faults[0].field == "answer" else ""
    reason = refused.faults[0].reason if refused.faults else refused.detail
    return (Fault("answer", reason, fix),)


def _new(
    member: SignedIn, form: Mapping[str, str] | None = None, faults: Sequence[Fault] = (), status: int = 200
) -> Response[bytes]:
    context = {"csrf": member.session.csrf, "form": form or {}, "faults": tuple(faults)}
    return private_page("new_own_key.html", context, status)


async def _next(
    runtime: Runtime,
    member: SignedIn,
    slug: str,
    form: Mapping[str, str] | None = None,
    faults: Sequence[Fault] = (),
    status: int = 200,
) -> Response[bytes]:
    context = {"form": form or {}, "faults": tuple(faults)}
    return private_page("next_own_key.html", {**await frame(runtime, member, slug, "Keys"), **context}, status)


async def _prove(
    runtime: Runtime,
    member: SignedIn,
    challenge: str,
    slug: str | None = None,
    form: Mapping[str, str] | None = None,
    faults: Sequence[Fault] = (),
    status: int = 200,
) -> Response[bytes]:
    asked = await bringing_keys.asked(runtime, member, challenge, slug)
    around = await frame(runtime, member, slug, "Keys") if slug else {"csrf": member.session.csrf}
    begin = f"/console/{slug}/keys/next" if slug else "/console/new/own-key"
    context = {"asked": asked, "begin": begin, "form": form or {}, "faults": tuple(faults)}
    return private_page("prove_own_key.html", {**around, **context}, status)


handlers = [new_form, begin_new, prove_new, make, next_form, begin_next, prove_next, change]
