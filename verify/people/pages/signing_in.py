"""Sign in and out. Nothing happens on GET, so that scanners of mail may open every link (SEC-160)."""

from __future__ import annotations

from litestar import Response, route
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from verify.http.access import READS, Action
from verify.http.cookies import begun_cookie, no_session_cookie, session_cookie
from verify.http.forms import read_form, require_csrf
from verify.http.refusals import Refused
from verify.people import accounts, mailboxes, sessions, signing_in
from verify.people.addresses import read_address
from verify.people.pages.answers import (
    AnyRequest,
    client_of,
    faults_of,
    go_to,
    owner,
    page,
    runtime_of,
    staffing_of,
    status_of,
)
from verify.people.signing_in import Done, own_path
from verify.runtime import Runtime

COOKIE_LASTS = 3600  # seconds; the link itself ends sooner, and that is told
SIGN_IN = {"action": Action.SIGN_IN}


@route("/sign-in", http_method=READS, opt=SIGN_IN)
async def ask(request: AnyRequest) -> Response[bytes]:
    """The page that asks for an address, or for a passkey."""
    next_path, again = own_path(request.query_params.get("next")), "again" in request.query_params
    return page("sign-in.html", passkeys=True, next_path=next_path, again=again, email="", faults=[])


@route("/sign-in", http_method="POST", opt=SIGN_IN)
async def send(request: AnyRequest) -> Response[bytes]:
    """Send the mail, if it may be sent; the answer is the same for every address."""
    form = await read_form(request, known={"email", "next"})
    next_path = own_path(form.get("next"))
    try:
        address = read_address(form.get("email", ""))
    except Refused as refused:
        faults = faults_of(refused)
        return page(
            "sign-in.html",
            status=status_of(refused),
            passkeys=True,
            next_path=next_path,
            again=False,
            email=form.get("email", "")[:254],
            faults=faults,
        )
    runtime = runtime_of(request)
    nonce = await signing_in.ask_for_mail(runtime, address, client_of(request), next_path)
    return go_to("/sign-in/code", begun_cookie(runtime, nonce, COOKIE_LASTS))


@route("/sign-in/code", http_method=READS, opt=SIGN_IN)
async def wait(request: AnyRequest) -> Response[bytes]:
    """The page that says a mail is on its way, and takes the code."""
    return page("sign-in-code.html", path="/sign-in/code", here=True, button=False, faults=[])


@route("/sign-in/code", http_method="POST", opt=SIGN_IN)
async def by_code(request: AnyRequest) -> Response[bytes]:
    """Sign in by the code, in the browser that asked for it; or add the mailbox it was sent to."""
    form = await read_form(request, known={"code"})
    return await _use(request, None, form.get("code", ""))


@route("/sign-in/link/{secret:str}", http_method=READS, opt=SIGN_IN)
async def open_link(request: AnyRequest, secret: FromPath[str]) -> Response[bytes]:
    """What the link in the mail opens: a button in the browser that asked, a field for the code in any other."""
    try:
        row, here = await signing_in.find(runtime_of(request), request.cookies, secret)
    except Refused as refused:
        return page("sign-in-over.html", status=status_of(refused), detail=refused.detail)
    if row["person"] and not here:
        says = "Open this link in the browser in which you asked for it, or type the code there."
        return page("sign-in-over.html", status=410, detail=says)
    return page("sign-in-code.html", path=f"/sign-in/link/{secret}", here=here, button=here, faults=[])


@route("/sign-in/link/{secret:str}", http_method="POST", opt=SIGN_IN)
async def by_link(request: AnyRequest, secret: FromPath[str]) -> Response[bytes]:
    """Sign in by the link, with the code where another browser asked for it; or add the mailbox it was sent to."""
    form = await read_form(request, known={"code"})
    return await _use(request, secret, form.get("code", ""))


async def _use(request: AnyRequest, secret: str | None, code: str) -> Response[bytes]:
    runtime, client = runtime_of(request), client_of(request)
    try:
        row, here = await signing_in.find(runtime, request.cookies, secret)
        if row["person"]:
            session = await owner(request)
            new = await mailboxes.add(
                runtime, staffing_of(request), session, request.cookies, client, secret=secret, code=code
            )
            return go_to("/account", cookie_for(runtime, new, staff=session.staff), begun_cookie(runtime, "", 0))
        done = await signing_in.sign_in(
            runtime, staffing_of(request), request.cookies, client, secret=secret, code=code
        )
    except Refused as refused:
        if refused.kind == "code-wrong":
            path = f"/sign-in/link/{secret}" if secret else "/sign-in/code"
            faults = faults_of(refused)
            return page("sign-in-code.html", status=403, path=path, here=here, button=False, faults=faults)
        if refused.kind == "link-used":
            return page("sign-in-over.html", status=410, detail=refused.detail)
        raise
    return signed_in(request, done)


def signed_in(request: AnyRequest, done: Done) -> Response[bytes]:
    """On with the new session; the mark of the browser that began is taken away."""
    runtime = runtime_of(request)
    return go_to(done.next_path, cookie_for(runtime, done.secret, staff=done.staff), begun_cookie(runtime, "", 0))


def cookie_for(runtime: Runtime, secret: str, *, staff: bool) -> Cookie:
    """The session's cookie, which the browser keeps for as long as the session can last."""
    return session_cookie(runtime, secret, int(sessions.lifetime_of(staff=staff).absolute.total_seconds()))


@route("/sign-out", http_method=READS, opt={"action": Action.USE_ACCOUNT})
async def ask_to_leave(request: AnyRequest) -> Response[bytes]:
    """The page with the two buttons."""
    session = await owner(request)
    return page("sign-out.html", csrf=session.csrf)


@route("/sign-out", http_method="POST", opt={"action": Action.USE_ACCOUNT})
async def leave(request: AnyRequest) -> Response[bytes]:
    """End this session, or all of the person."""
    session = await owner(request)
    form = await read_form(request, known={"everywhere"})
    require_csrf(form, session.csrf)
    if form.get("everywhere"):
        await accounts.sign_out_everywhere(runtime_of(request), session.person, f"person:{session.person}")
    else:
        await sessions.close(session.id)
    return go_to("/sign-in", no_session_cookie(runtime_of(request)))


handlers: list[HTTPRouteHandler] = [ask, send, wait, by_code, open_link, by_link, ask_to_leave, leave]
