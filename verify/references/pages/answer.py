"""The one page of a referee, behind the link in her mail. Nothing happens on GET, which scanners of mail do."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath
from litestar.response import Redirect

from verify.http.access import READS, Action
from verify.http.answering import faults_of, private_page, see_other
from verify.http.forms import read_form
from verify.http.refusals import KINDS, Refused
from verify.references import answering

AS_REFEREE = {"action": Action.ANSWER_AS_REFEREE}
AnyRequest = Request[Any, Any, Any]
SHOWN_HERE = ("form-refused", "link-used")  # the page itself tells what became of it


@route("/referee/{link_secret:str}", http_method=READS, opt=AS_REFEREE)
async def look(request: AnyRequest, link_secret: FromPath[str]) -> Response[bytes]:
    """The question with its form, or what became of it."""
    return await _page(request, link_secret)


@route("/referee/{link_secret:str}", http_method="POST", opt=AS_REFEREE)
async def sign(request: AnyRequest, link_secret: FromPath[str]) -> Response[bytes] | Redirect:
    """Sign what stands in the form."""
    form = await read_form(request, known=answering.FIELDS)
    try:
        await answering.sign(request.app.state.runtime, link_secret, form)
    except Refused as refused:
        if refused.kind not in SHOWN_HERE:
            raise
        return await _page(request, link_secret, form, refused)
    return see_other(f"/referee/{link_secret}")


@route("/referee/{link_secret:str}/decline", http_method="POST", opt=AS_REFEREE)
async def decline(request: AnyRequest, link_secret: FromPath[str]) -> Response[bytes] | Redirect:
    """Say no."""
    await read_form(request, known=())
    try:
        await answering.decline(request.app.state.runtime, link_secret)
    except Refused as refused:
        if refused.kind not in SHOWN_HERE:
            raise
        return await _page(request, link_secret, {}, refused)
    return see_other(f"/referee/{link_secret}")


@route("/referee/{link_secret:str}/take-back", http_method="POST", opt=AS_REFEREE)
async def take_back(request: AnyRequest, link_secret: FromPath[str]) -> Redirect:
    """Withdraw what was signed."""
    await read_form(request, known=())
    await answering.withdraw(request.app.state.runtime, link_secret)
    return see_other(f"/referee/{link_secret}")


@route("/referee/{link_secret:str}/no-mail", http_method="POST", opt=AS_REFEREE)
async def no_mail(request: AnyRequest, link_secret: FromPath[str]) -> Redirect:
    """Never be written to again."""
    await read_form(request, known=())
    await answering.want_no_mail(request.app.state.runtime, link_secret)
    return see_other(f"/referee/{link_secret}")


async def _page(
    request: AnyRequest, secret: str, form: dict[str, str] | None = None, refused: Refused | None = None
) -> Response[bytes]:
    offer = await answering.look(request.app.state.runtime, secret)
    context = {
        "offer": offer,
        "path": f"/referee/{secret}",
        "longest": answering.LONGEST,
        "shortest": answering.SHORTEST,
        "form": form or {},
        "faults": faults_of(refused, "text") if refused else (),
    }
    status = KINDS[refused.kind].status if refused else 410 if offer.state == "over" else 200
    return private_page("reference_answer.html", context, status)


handlers = [look, sign, decline, take_back, no_mail]
