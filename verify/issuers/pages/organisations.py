"""A person's organisations, and a new one."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, route
from litestar.response import Redirect

from refolio.credential import base64url
from refolio.errors import Fault
from verify.http.access import READS, Action
from verify.http.answering import faults_of, private_page, see_other
from verify.http.forms import Form, read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers import founding, members
from verify.issuers.members import SignedIn
from verify.issuers.pages.opening import KEY, seed_of, sent_again, with_role

AnyRequest = Request[Any, Any, Any]
KEY_BYTES = 32


@route("/console", http_method=READS, opt={"action": Action.USE_ACCOUNT})
async def organisations(request: AnyRequest) -> Response[bytes]:
    """Where a member begins: the organisations she acts for."""
    member = await members.signed_in(request.app.state.runtime, request.cookies)
    mine = await members.organisations_of(member)
    return private_page("organisations.html", {"csrf": member.session.csrf, **mine})


@route("/console/new", http_method=READS, opt={"action": Action.USE_ACCOUNT})
async def new_form(request: AnyRequest) -> Response[bytes]:
    """The form for a new organisation."""
    member = await members.signed_in(request.app.state.runtime, request.cookies)
    return _form(request, member, {})


@route("/console/new", http_method="POST", opt={"action": Action.USE_ACCOUNT})
async def new(request: AnyRequest) -> Response[bytes] | Redirect:
    """Make it, and go on to its first credential."""
    runtime = request.app.state.runtime
    try:
        member = await members.signed_in(runtime, request.cookies)
    except Refused:
        if answer := await sent_again(request):
            return answer
        raise
    form = await read_form(request, known=(*founding.FIELDS, KEY))
    require_csrf(form, member.session.csrf)
    seed = seed_of(form.pop(KEY, None))
    try:
        slug = await founding.found(runtime, member, form)
    except Refused as refused:
        return _form(request, member, form, faults_of(refused, "name"), 422)
    opened = await members.open_first_role(runtime, member, request.cookies, seed)
    is_open = member.session.staff or opened
    return with_role(runtime, see_other(f"/console/{slug}/issue" if is_open else "/console"), opened)


def _form(
    request: AnyRequest, member: SignedIn, form: Form, faults: Sequence[Fault] = (), status: int = 200
) -> Response[bytes]:
    key = base64url.encode(request.app.state.runtime.random_bytes(KEY_BYTES))
    context = {"csrf": member.session.csrf, "key": key, "form": form, "faults": faults}
    return private_page("new_organisation.html", context, status)


handlers = [organisations, new_form, new]
