"""JSON for the page script that talks to a passkey. A form cannot do this, so these four take strict JSON."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from refolio.credential.reading import JSON
from verify.http.access import Action
from verify.http.cookies import begun_cookie, begun_name
from verify.http.forms import read_form, require_csrf, require_same_site
from verify.http.raw import read_json
from verify.http.refusals import Refused
from verify.people import passkeys, signing_in
from verify.people.pages.answers import AnyRequest, client_of, go_to, owner, runtime_of, staffing_of
from verify.people.pages.signing_in import COOKIE_LASTS, cookie_for


@route("/sign-in/passkey/options", http_method="POST", status_code=200, opt={"action": Action.SIGN_IN})
async def sign_in_options(request: AnyRequest) -> Response[bytes]:
    """What the browser needs to ask for a passkey, and the cookie that binds the answer to it."""
    await _body(request)
    runtime = runtime_of(request)
    nonce = request.cookies.get(begun_name(runtime)) or signing_in.new_nonce(runtime)
    options = await passkeys.sign_in_options(runtime, nonce, client_of(request))
    return Response(
        options.encode(), media_type="application/json", cookies=[begun_cookie(runtime, nonce, COOKIE_LASTS)]
    )


@route("/sign-in/passkey", http_method="POST", status_code=200, opt={"action": Action.SIGN_IN})
async def sign_in(request: AnyRequest) -> Response[bytes]:
    """Sign in by a passkey's answer; the script goes to the path in the answer."""
    body = await _body(request)
    runtime = runtime_of(request)
    done = await passkeys.sign_in(
        runtime, staffing_of(request), request.cookies, _response(body), str(body.get("next") or "")
    )
    cookies = [cookie_for(runtime, done.secret, staff=done.staff), begun_cookie(runtime, "", 0)]
    return Response(msgspec.json.encode({"next": done.next_path}), media_type="application/json", cookies=cookies)


@route("/account/passkeys/options", http_method="POST", status_code=200, opt={"action": Action.USE_ACCOUNT})
async def options(request: AnyRequest) -> Response[bytes]:
    """What the browser needs to make a passkey for the signed-in person."""
    session = await owner(request)
    body = await _body(request)
    require_csrf({"csrf": str(body.get("csrf") or "")}, session.csrf)
    made = await passkeys.registration_options(runtime_of(request), staffing_of(request), session, client_of(request))
    return Response(made.encode(), media_type="application/json")


@route("/account/passkeys", http_method="POST", status_code=200, opt={"action": Action.USE_ACCOUNT})
async def add(request: AnyRequest) -> Response[bytes]:
    """Keep the passkey that the browser has made."""
    session = await owner(request)
    body = await _body(request)
    require_csrf({"csrf": str(body.get("csrf") or "")}, session.csrf)
    name = str(body.get("name") or "")
    await passkeys.register(runtime_of(request), staffing_of(request), session, _response(body), name)
    return Response(msgspec.json.encode({"next": "/account"}), media_type="application/json")


@route("/account/passkeys/{passkey:str}/remove", http_method="POST", opt={"action": Action.USE_ACCOUNT})
async def remove(request: AnyRequest, passkey: FromPath[str]) -> Response[bytes]:
    """Take a passkey away."""
    session = await owner(request)
    form = await read_form(request, known=())
    require_csrf(form, session.csrf)
    await passkeys.remove(runtime_of(request), staffing_of(request), session, passkey)
    return go_to("/account")


async def _body(request: AnyRequest) -> dict[str, JSON]:
    require_same_site(request)
    _, body = await read_json(request)
    return body


def _response(body: dict[str, JSON]) -> dict[str, Any]:
    response = body.get("response")
    if not isinstance(response, dict):
        raise Refused("passkey-refused", "The browser has not sent the passkey's answer.")
    return response


handlers: list[HTTPRouteHandler] = [sign_in_options, sign_in, options, add, remove]
