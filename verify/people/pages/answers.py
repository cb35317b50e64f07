"""What the pages for people share: who asks, and how a page or a way on is answered."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.datastructures import Cookie

from refolio.errors import Fault
from verify.http.access import Action, Actor, can
from verify.http.callers import address_of
from verify.http.headers import WITH_PASSKEYS
from verify.http.refusals import KINDS, Refused
from verify.people.sessions import Session, session_of
from verify.people.staffing import Staffing
from verify.runtime import Runtime
from verify.web.templating import render

AnyRequest = Request[Any, Any, Any]


def page(template: str, *, status: int = 200, passkeys: bool = False, **context: object) -> Response[bytes]:
    """A page of somebody; with ``passkeys`` it may run the one script for them."""
    headers = {"Content-Security-Policy": WITH_PASSKEYS} if passkeys else {}
    return Response(render(template, **context).encode(), status_code=status, media_type="text/html", headers=headers)


def go_to(path: str, *cookies: Cookie) -> Response[bytes]:
    """On to another page of ours, by GET."""
    return Response(b"", status_code=303, headers={"Location": path}, cookies=list(cookies))


def status_of(refused: Refused) -> int:
    """The HTTP status of a refusal that a page shows in its own way."""
    return KINDS[refused.kind].status


def faults_of(refused: Refused) -> list[Fault]:
    """What a form shows above its fields."""
    return list(refused.faults) or [Fault("", refused.detail, "")]


async def owner(request: AnyRequest) -> Session:
    """The session of the signed-in person. Raises Refused ``sign-in-needed`` for nobody."""
    session = await session_of(runtime_of(request), request.cookies)
    if session is None or not can(Actor(person=session.person), Action.USE_ACCOUNT):
        raise Refused("sign-in-needed", "Nobody is signed in here, or the sign-in has ended.")
    return session


def runtime_of(request: AnyRequest) -> Runtime:
    """The runtime of the application."""
    runtime: Runtime = request.app.state.runtime
    return runtime


def staffing_of(request: AnyRequest) -> Staffing:
    """What the application knows of people's roles."""
    staffing: Staffing = request.app.state.staffing
    return staffing


def client_of(request: AnyRequest) -> str:
    """The address that the request came from."""
    return address_of(request)
