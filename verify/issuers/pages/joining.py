"""The link of an invitation: looking changes nothing, the button accepts."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath
from litestar.response import Redirect

from verify.http.access import READS, Action
from verify.http.answering import private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers import inviting, members
from verify.issuers.pages.opening import seed_of, sent_again, with_role
from verify.people.profiles import address_of

AnyRequest = Request[Any, Any, Any]


@route("/join/{secret:str}", http_method=READS, opt={"action": Action.USE_ACCOUNT})
async def look(request: AnyRequest, secret: FromPath[str]) -> Response[bytes] | Redirect:
    """What the invitation offers; to somebody signed in with another address only that it is not for her.

    Whoever has accepted it goes on to what she was invited to.
    """
    runtime = request.app.state.runtime
    member = await members.signed_in(runtime, request.cookies)
    if await inviting.accepted_by(member, secret):
        return see_other("/console")
    context = {"csrf": member.session.csrf, "secret": secret, "address": await address_of(member.person)}
    try:
        offer = await inviting.look_at(runtime, member, secret)
    except Refused as refused:
        return private_page("join.html", {**context, "offer": None, "gone": refused.detail}, 404)
    return private_page("join.html", {**context, "offer": offer if offer.hers else None, "gone": None})


@route("/join/{secret:str}", http_method="POST", opt={"action": Action.USE_ACCOUNT})
async def join(request: AnyRequest, secret: FromPath[str]) -> Redirect:
    """Accept it."""
    runtime = request.app.state.runtime
    try:
        member = await members.signed_in(runtime, request.cookies)
    except Refused:
        if answer := await sent_again(request, secret):
            return answer
        raise
    require_csrf(await read_form(request, known=()), member.session.csrf)
    await inviting.accept(runtime, member, secret)
    opened = await members.open_first_role(runtime, member, request.cookies, seed_of(secret))
    return with_role(runtime, see_other("/console"), opened)


handlers = [look, join]
