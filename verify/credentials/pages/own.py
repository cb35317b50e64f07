"""The intern's own credentials in her account, and her reply to a withdrawal."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath
from litestar.response import Redirect

from verify.credentials import replying
from verify.credentials.codes import grouped
from verify.credentials.reasons import words_for
from verify.http.access import READS, Action
from verify.http.answering import faults_of, private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers import members
from verify.issuers.members import SignedIn
from verify.platforms import granting

OWN = {"action": Action.USE_ACCOUNT}
AnyRequest = Request[Any, Any, Any]


@route("/account/credentials", http_method=READS, opt=OWN)
async def own_credentials(request: AnyRequest) -> Response[bytes]:
    """What was issued to the signed-in person."""
    person = await members.signed_in(request.app.state.runtime, request.cookies)
    own = [(one, grouped(one.code)) for one in await replying.owned(person.actor)]
    asking = sum(one.state == granting.ASKED for one in await granting.granted_by(person.person))
    return private_page("own_credentials.html", {"csrf": person.session.csrf, "own": own, "asking": asking})


@route("/account/credentials/{own_id:str}/reply", http_method=READS, opt=OWN)
async def reply_form(request: AnyRequest, own_id: FromPath[str]) -> Response[bytes]:
    """The withdrawal, and a box for the reply or the reply that was given."""
    person = await members.signed_in(request.app.state.runtime, request.cookies)
    return await _page(person, own_id)


@route("/account/credentials/{own_id:str}/reply", http_method="POST", opt=OWN)
async def reply(request: AnyRequest, own_id: FromPath[str]) -> Response[bytes] | Redirect:
    """Give the reply."""
    runtime = request.app.state.runtime
    person = await members.signed_in(runtime, request.cookies)
    await replying.own(person.actor, own_id)
    form = await read_form(request, known=replying.FIELDS)
    require_csrf(form, person.session.csrf)
    try:
        await replying.reply(runtime, person.actor, own_id, form)
    except Refused as refused:
        if refused.kind != "form-refused":
            raise
        return await _page(person, own_id, form, refused)
    return see_other(f"/account/credentials/{own_id}/reply")


@route("/account/credentials/{own_id:str}/reply/taken-back", http_method="POST", opt=OWN)
async def take_back(request: AnyRequest, own_id: FromPath[str]) -> Redirect:
    """Take it back for good."""
    runtime = request.app.state.runtime
    person = await members.signed_in(runtime, request.cookies)
    await replying.own(person.actor, own_id)
    form = await read_form(request, known=())
    require_csrf(form, person.session.csrf)
    await replying.take_back(runtime, person.actor, own_id)
    return see_other(f"/account/credentials/{own_id}/reply")


async def _page(
    person: SignedIn, credential_id: str, form: dict[str, str] | None = None, refused: Refused | None = None
) -> Response[bytes]:
    one = await replying.own(person.actor, credential_id)
    if one.withdrawn_at is None:
        raise Refused("not-found", replying.NOT_THERE)
    context = {
        "csrf": person.session.csrf,
        "one": one,
        "code": grouped(one.code),
        "words": words_for(one.kind),
        "longest": replying.LONGEST_REPLY,
        "form": form or {},
        "faults": faults_of(refused, "text") if refused else (),
    }
    return private_page("reply.html", context, 422 if refused else 200)


handlers = [own_credentials, reply_form, reply, take_back]
