"""The references about the signed-in person: she reads them first, and shows or hides each."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath
from litestar.response import Redirect

from verify.credentials.codes import grouped
from verify.http.access import READS, Action
from verify.http.answering import private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.issuers import members
from verify.references import deciding

OWN = {"action": Action.USE_ACCOUNT}
AnyRequest = Request[Any, Any, Any]


@route("/account/references", http_method=READS, opt=OWN)
async def references(request: AnyRequest) -> Response[bytes]:
    """What was written about her, and who was asked."""
    runtime = request.app.state.runtime
    person = await members.signed_in(runtime, request.cookies)
    received = [(one, grouped(one.credential.code)) for one in await deciding.received(runtime, person.actor)]
    return private_page("own_references.html", {"csrf": person.session.csrf, "received": received})


@route("/account/references/{own_reference:str}", http_method="POST", opt=OWN)
async def decide(request: AnyRequest, own_reference: FromPath[str]) -> Redirect:
    """Show it, or hide it."""
    runtime = request.app.state.runtime
    person = await members.signed_in(runtime, request.cookies)
    await deciding.require_hers(person.actor, own_reference)
    form = await read_form(request, known=("choice",))
    require_csrf(form, person.session.csrf)
    await deciding.decide(runtime, person.actor, own_reference, form.get("choice", ""))
    return see_other("/account/references")


handlers = [references, decide]
