"""The API keys of an organisation: a test key in two clicks, a live one after a fresh sign-in."""

from datetime import timedelta
from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath
from litestar.response import Redirect

from verify.http.access import READS, Action, Mode, Scope, can
from verify.http.answering import faults_of, private_page, see_other
from verify.http.forms import Form, read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers.framing import frame
from verify.issuers.members import SignedIn, member_of
from verify.platforms import admitting, describing_keys, keying, snippets
from verify.runtime import Runtime

AnyRequest = Request[Any, Any, Any]
MANAGE = {"action": Action.MANAGE_API_KEYS}
LIVE = {"action": Action.MAKE_LIVE_KEY}
DAYS = {"30": 30, "90": 90, "365": 365, "never": None}
HOURS = ("0", "1", "24", "168")
FIELDS = ("name", "issuers", "addresses", "days", *Scope)


@route("/console/{slug:str}/api-keys", http_method=READS, opt=MANAGE)
async def page(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """All keys, and the button for a test key."""
    runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.MANAGE_API_KEYS, slug)
    return await _page(runtime, member, slug)


@route("/console/{slug:str}/api-keys", http_method="POST", opt=MANAGE)
async def make_test_key(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """Make a test key and show it, this once, with lines to try it."""
    runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.MANAGE_API_KEYS, slug)
    require_csrf(await read_form(request, known=()), member.session.csrf)
    platform = await admitting.platform_of(runtime, member.actor, slug)
    wanted = keying.Wanted(mode=Mode.TEST)
    try:
        secret = await keying.new_api_key(runtime, platform, wanted, actor=member.actor)
    except Refused as refused:
        return await _page(runtime, member, slug, 422, faults=faults_of(refused, "name"))
    return await _shown(runtime, member, slug, secret)


@route("/console/{slug:str}/api-keys/live", http_method=READS, opt=LIVE)
async def live_form(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """The form for a live key."""
    runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.MAKE_LIVE_KEY, slug)
    form = {scope.value: "on" for scope in (Scope.CREDENTIALS_READ, Scope.CREDENTIALS_WRITE)} | {"days": "365"}
    return await _live(runtime, member, slug, form)


@route("/console/{slug:str}/api-keys/live", http_method="POST", opt=LIVE)
async def make_live_key(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """Make a live key and show it, this once."""
    runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.MAKE_LIVE_KEY, slug)
    form = await read_form(request, known=FIELDS)
    require_csrf(form, member.session.csrf)
    platform = await admitting.platform_of(runtime, member.actor, slug)
    try:
        secret = await keying.new_api_key(runtime, platform, _wanted(form), actor=member.actor)
    except Refused as refused:
        return await _live(runtime, member, slug, form, 422, faults=faults_of(refused, "name"))
    return await _shown(runtime, member, slug, secret)


@route("/console/{slug:str}/api-keys/{api_key:str}/roll", http_method="POST", opt=MANAGE)
async def roll(request: AnyRequest, slug: FromPath[str], api_key: FromPath[str]) -> Response[bytes]:
    """Make a key in place of another, and show it; of a live key after a fresh sign-in."""
    runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.MANAGE_API_KEYS, slug)
    form = await read_form(request, known=("hours",))
    require_csrf(form, member.session.csrf)
    platform = await admitting.known_platform_of(slug) or ""
    old = await keying.one_of(platform, api_key)
    if keying.mode_of(old) is Mode.LIVE and not can(member.actor, Action.MAKE_LIVE_KEY, slug):
        raise Refused("sign-in-again", "Your sign-in is older than fifteen minutes.")
    hours = form.get("hours", "")
    overlap = timedelta(hours=int(hours)) if hours in HOURS else timedelta(-1)
    try:
        secret = await keying.roll(runtime, platform, api_key, overlap, actor=member.actor)
    except Refused as refused:
        return await _page(runtime, member, slug, 422, faults=faults_of(refused, "hours"))
    return await _shown(runtime, member, slug, secret)


@route("/console/{slug:str}/api-keys/{api_key:str}/revoke", http_method="POST", opt=MANAGE)
async def revoke(request: AnyRequest, slug: FromPath[str], api_key: FromPath[str]) -> Redirect:
    """End a key at once."""
    runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.MANAGE_API_KEYS, slug)
    require_csrf(await read_form(request, known=()), member.session.csrf)
    platform = await admitting.known_platform_of(slug) or ""
    await keying.revoke(runtime, platform, api_key, actor=member.actor)
    return see_other(f"/console/{slug}/api-keys")


def _wanted(form: Form) -> keying.Wanted:
    days = DAYS.get(form.get("days", ""), 0)
    return keying.Wanted(
        mode=Mode.LIVE,
        name=form.get("name"),
        scopes=[scope.value for scope in Scope if scope.value in form],
        issuers=_words(form.get("issuers")),
        addresses=_words(form.get("addresses")),
        life=None if days is None else timedelta(days=days),
    )


def _words(text: str | None) -> list[str] | None:
    return (text or "").replace(",", " ").split() or None


async def _shown(runtime: Runtime, member: SignedIn, slug: str, secret: str) -> Response[bytes]:
    """The page with the new key on top; nothing else will ever show it."""
    url, today = runtime.settings.public_url, runtime.now().date()
    tries = [("Who am I", snippets.look(url, secret))]
    if secret.startswith("rf_test_"):
        tries = [
            ("Issue a test credential", snippets.curl(url, secret, slug, today)),
            ("The same in Python", snippets.python(url, secret, slug, today)),
        ]
    return await _page(runtime, member, slug, secret=secret, tries=tries)


async def _page(
    runtime: Runtime, member: SignedIn, slug: str, status: int = 200, faults: object = (), **made: object
) -> Response[bytes]:
    platform = await admitting.known_platform_of(slug)
    context = {
        **await frame(runtime, member, slug, "API keys"),
        "keys": await describing_keys.listed(platform, runtime.now()) if platform else [],
        "platform": platform,
        "faults": faults,
        "secret": None,
        **made,
    }
    return private_page("api_keys.html", context, status)


async def _live(
    runtime: Runtime, member: SignedIn, slug: str, form: Form, status: int = 200, faults: object = ()
) -> Response[bytes]:
    context = {"form": form, "faults": faults, "scopes": [scope.value for scope in Scope]}
    return private_page("live_key.html", {**await frame(runtime, member, slug, "API keys"), **context}, status)


handlers = [page, make_test_key, live_form, make_live_key, roll, revoke]
