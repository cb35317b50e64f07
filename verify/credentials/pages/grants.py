"""Who may add to the record of the signed-in person: the list, and her answers."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath
from litestar.response import Redirect

from verify.credentials import placing
from verify.http.access import READS, Action
from verify.http.answering import private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.issuers import members
from verify.issuers.comparing import address_warnings
from verify.platforms import granting

OWN = {"action": Action.USE_ACCOUNT}
AnyRequest = Request[Any, Any, Any]


@route("/account/grants", http_method=READS, opt=OWN)
async def grants(request: AnyRequest) -> Response[bytes]:
    """Who asks, who may, who may not any more."""
    person = await members.signed_in(request.app.state.runtime, request.cookies)
    granted = await granting.granted_by(person.person)
    context = {
        "csrf": person.session.csrf,
        "asked": [one for one in granted if one.state == granting.ASKED],
        "allowed": [one for one in granted if one.state == granting.ALLOWED],
        "ended": [one for one in granted if one.state in (granting.REFUSED, granting.TAKEN_BACK)],
        "alike": await address_warnings(one.url for one in granted),
        "works": await placing.works_by_grantee(person.person),
    }
    return private_page("grants.html", context)


@route("/account/grants/{grant:str}", http_method="POST", opt=OWN)
async def answer(request: AnyRequest, grant: FromPath[str]) -> Redirect:
    """Allow it, refuse it, or take it back."""
    runtime = request.app.state.runtime
    person = await members.signed_in(runtime, request.cookies)
    await granting.require_hers(person.actor, grant)
    form = await read_form(request, known=("answer",))
    require_csrf(form, person.session.csrf)
    await granting.answer(runtime, person.actor, grant, form.get("answer", ""))
    return see_other("/account/grants")


handlers = [grants, answer]
