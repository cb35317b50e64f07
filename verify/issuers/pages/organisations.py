"""A person's organisations, and a new one."""

from typing import Any

from litestar import Request, Response, route
from litestar.response import Redirect

from verify.http.access import READS, Action
from verify.http.answering import faults_of, private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers import founding, members
from verify.issuers.pages.opening import with_role

AnyRequest = Request[Any, Any, Any]


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
    return private_page("new_organisation.html", {"csrf": member.session.csrf, "form": {}, "faults": ()})


@route("/console/new", http_method="POST", opt={"action": Action.USE_ACCOUNT})
async def new(request: AnyRequest) -> Response[bytes] | Redirect:
    """Make it, and go on to its first credential."""
    runtime = request.app.state.runtime
    member = await members.signed_in(runtime, request.cookies)
    form = await read_form(request, known=founding.FIELDS)
    require_csrf(form, member.session.csrf)
    try:
        slug = await founding.found(runtime, member, form)
    except Refused as refused:
        context = {"csrf": member.session.csrf, "form": form, "faults": faults_of(refused, "name")}
        return private_page("new_organisation.html", context, 422)
    return with_role(runtime, see_other(f"/console/{slug}/issue"), await members.open_first_role(runtime, member))


handlers = [organisations, new_form, new]
