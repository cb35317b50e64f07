"""The account of the signed-in person: her name, mailboxes, passkeys and sign-ins."""

from __future__ import annotations

from litestar import Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from verify.http.access import READS, Action
from verify.http.cookies import begun_cookie
from verify.http.forms import Form, read_form, require_csrf
from verify.http.refusals import Refused
from verify.people import accounts, mailboxes, recovering
from verify.people.addresses import read_address, veiled
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
from verify.people.pages.signing_in import COOKIE_LASTS, cookie_for
from verify.people.sessions import Session

OWN = {"action": Action.USE_ACCOUNT}


@route("/account", http_method=READS, opt=OWN)
async def account(request: AnyRequest) -> Response[bytes]:
    """Everything about the account on one page."""
    return await _page(request, await owner(request))


async def _page(request: AnyRequest, session: Session, refused: Refused | None = None) -> Response[bytes]:
    return page(
        "account.html",
        status=status_of(refused) if refused else 200,
        passkeys=True,
        account=await accounts.account(runtime_of(request), session.person),
        session=session,
        csrf=session.csrf,
        faults=faults_of(refused) if refused else [],
    )


@route("/account/name", http_method="POST", opt=OWN)
async def rename(request: AnyRequest) -> Response[bytes]:
    """Take the name that she gives herself."""
    session, form = await _form(request, "name")
    try:
        await accounts.rename(runtime_of(request), session.person, form.get("name", ""))
    except Refused as refused:
        return await _page(request, session, refused)
    return go_to("/account")


@route("/account/mailboxes", http_method="POST", opt=OWN)
async def add_mailbox(request: AnyRequest) -> Response[bytes]:
    """Send a mail to an address that is to be hers too."""
    session, form = await _form(request, "email")
    runtime = runtime_of(request)
    try:
        address = read_address(form.get("email", ""))
        nonce = await mailboxes.ask_to_add(runtime, staffing_of(request), session, address, client_of(request))
    except Refused as refused:
        if refused.kind != "bad-request":
            raise
        return await _page(request, session, refused)
    return go_to("/sign-in/code", begun_cookie(runtime, nonce, COOKIE_LASTS))


@route("/account/mailboxes/remove", http_method="POST", opt=OWN)
async def remove_mailbox(request: AnyRequest) -> Response[bytes]:
    """Take a mailbox away."""
    session, form = await _form(request, "address")
    runtime = runtime_of(request)
    try:
        new = await mailboxes.remove(runtime, staffing_of(request), session, form.get("address", ""))
    except Refused as refused:
        if refused.kind != "bad-request":
            raise
        return await _page(request, session, refused)
    return go_to("/account", cookie_for(runtime, new, staff=session.staff))


@route("/account/recovery/call-off", http_method="POST", opt=OWN)
async def call_off(request: AnyRequest) -> Response[bytes]:
    """Stop a recovery that she did not begin."""
    session, _ = await _form(request)
    await recovering.call_off(runtime_of(request), session.person, f"person:{session.person}")
    return go_to("/account")


@route("/account/undo/{secret:str}", http_method=READS, opt={"action": Action.SIGN_IN})
async def ask_to_undo(request: AnyRequest, secret: FromPath[str]) -> Response[bytes]:
    """What the link in a letter about a change opens. The letter's reader need not be signed in."""
    try:
        address, change = await mailboxes.change_of(runtime_of(request), secret)
    except Refused as refused:
        return _over(refused)
    return page("account-undo.html", secret=secret, address=veiled(address), change=change)


@route("/account/undo/{secret:str}", http_method="POST", opt={"action": Action.SIGN_IN})
async def undo(request: AnyRequest, secret: FromPath[str]) -> Response[bytes]:
    """Take the change back. The secret in the address is the proof, and the form comes from our own page."""
    await read_form(request, known=())
    try:
        await mailboxes.take_back(runtime_of(request), staffing_of(request), secret)
    except Refused as refused:
        return _over(refused)
    return go_to("/sign-in")


def _over(refused: Refused) -> Response[bytes]:
    says = f"{refused.detail} Sign in to see which addresses your account has now."
    return page("sign-in-over.html", status=status_of(refused), detail=says, button="Sign in")


async def _form(request: AnyRequest, *known: str) -> tuple[Session, Form]:
    session = await owner(request)
    form = await read_form(request, known=known)
    require_csrf(form, session.csrf)
    return session, form


handlers: list[HTTPRouteHandler] = [
    account,
    rename,
    add_mailbox,
    remove_mailbox,
    call_off,
    ask_to_undo,
    undo,
]
