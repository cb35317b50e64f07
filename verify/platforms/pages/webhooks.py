"""The webhooks of an organisation that has a platform: where its events are sent, and what became of each."""

from datetime import timedelta
from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from verify.http.access import READS, Action
from verify.http.answering import faults_of, private_page, see_other
from verify.http.forms import Form, read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers.framing import frame
from verify.issuers.members import SignedIn, member_of
from verify.platforms import deliveries, webhook_secrets, webhooks
from verify.platforms.announcing import TYPES
from verify.platforms.owning import Owner, owner_in_console
from verify.runtime import Runtime

AnyRequest = Request[Any, Any, Any]
READ, MANAGE = {"action": Action.READ_WEBHOOKS}, {"action": Action.MANAGE_WEBHOOKS}
NEW = ("url", "description", *TYPES)
ACTS = ("act", "event")
SHOWN = 20


@route("/console/{slug:str}/webhooks", http_method=READS, opt=READ)
async def listed(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """All of them, and the form for another one."""
    runtime, member, owner = await _visitor(request, slug, Action.READ_WEBHOOKS)
    return await _list(runtime, member, slug, owner)


@route("/console/{slug:str}/webhooks", http_method="POST", opt=MANAGE)
async def add(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """Register an address; its secret stands in this answer only."""
    runtime, member, owner = await _visitor(request, slug, Action.MANAGE_WEBHOOKS)
    form = await read_form(request, known=NEW)
    require_csrf(form, member.session.csrf)
    if owner is None:
        raise Refused("not-found", "There is nothing at this address.")
    try:
        hook, secret = await webhooks.add(runtime, owner, runtime.new_id(), b"", _wishes(form))
    except Refused as refused:
        if refused.kind not in ("webhook-refused", "webhook-limit"):
            raise
        return await _list(runtime, member, slug, owner, form, faults=faults_of(refused, "url"), status=422)
    return await _one(runtime, member, slug, owner, hook.id, secret=secret)


@route("/console/{slug:str}/webhooks/{hook_id:str}", http_method=READS, opt=READ)
async def one(
    request: AnyRequest, slug: FromPath[str], hook_id: FromPath[str], after: FromQuery[str | None] = None
) -> Response[bytes]:
    """One of them with its deliveries, the newest first; ``show`` narrows these to a state."""
    runtime, member, owner = await _visitor(request, slug, Action.READ_WEBHOOKS)
    show = request.query_params.get("show", "")
    return await _one(runtime, member, slug, owner, hook_id, show=show, after=after)


@route("/console/{slug:str}/webhooks/{hook_id:str}", http_method="POST", opt=MANAGE)
async def change(request: AnyRequest, slug: FromPath[str], hook_id: FromPath[str]) -> Response[bytes] | Redirect:
    """Test it, give it a new secret, switch it, remove it, or send an event again."""
    runtime, member, owner = await _visitor(request, slug, Action.MANAGE_WEBHOOKS)
    form = await read_form(request, known=ACTS)
    require_csrf(form, member.session.csrf)
    if owner is None:
        raise Refused("not-found", "There is nothing at this address.")
    await webhooks.one(runtime, owner, hook_id)
    page = f"/console/{slug}/webhooks/{hook_id}"
    try:
        match form.get("act"):
            case "roll":
                overlap = webhook_secrets.USUAL_OVERLAP
                _, secret = await webhooks.roll(runtime, owner, hook_id, runtime.new_id(), b"", overlap)
                return await _one(runtime, member, slug, owner, hook_id, secret=secret)
            case "remove":
                await webhooks.remove(runtime, owner, hook_id)
                page = f"/console/{slug}/webhooks"
            case "on" | "off" as state:
                await webhooks.change(runtime, owner, hook_id, {"enabled": state == "on"})
            case "test":
                await deliveries.send_test(runtime, owner, hook_id)
            case "replay":
                await deliveries.replay(runtime, owner, form.get("event", ""), hook_id)
            case _:
                raise Refused("bad-request", "The form does not say what to do.")
    except Refused as refused:
        if refused.kind not in ("webhook-off", "too-many-requests"):
            raise
        return await _one(runtime, member, slug, owner, hook_id, says=refused.detail, status=422)
    return see_other(page)


async def _visitor(request: AnyRequest, slug: str, action: Action) -> tuple[Runtime, SignedIn, Owner | None]:
    runtime: Runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, action, slug)
    return runtime, member, await owner_in_console(slug, member.actor.name)


def _wishes(form: Form) -> dict[str, object]:
    types = [name for name in TYPES if form.get(name)]
    wishes: dict[str, object] = {"url": form.get("url", "").strip()}
    if form.get("description", "").strip():
        wishes["description"] = form["description"].strip()
    return wishes | ({"types": types} if types and len(types) < len(TYPES) else {})


async def _list(
    runtime: Runtime,
    member: SignedIn,
    slug: str,
    owner: Owner | None,
    form: Form | None = None,
    *,
    faults: object = (),
    status: int = 200,
) -> Response[bytes]:
    context = {
        **await frame(runtime, member, slug, "Webhooks"),
        "has_platform": owner is not None,
        "hooks": await webhooks.all_of(runtime, owner) if owner else [],
        "most": webhooks.MOST,
        "types": TYPES,
        "form": dict.fromkeys(TYPES, "on") if form is None else form,
        "faults": faults,
    }
    return private_page("webhooks.html", context, status)


async def _one(
    runtime: Runtime,
    member: SignedIn,
    slug: str,
    owner: Owner | None,
    hook_id: str,
    *,
    show: str = "",
    after: str | None = None,
    secret: str | None = None,
    says: str | None = None,
    status: int = 200,
) -> Response[bytes]:
    if owner is None or show not in ("", *deliveries.STATES):
        raise Refused("not-found", "There is nothing at this address.")
    hook = await webhooks.one(runtime, owner, hook_id)
    sent, older = await deliveries.of_webhook(runtime, owner, hook_id, state=show or None, after=after, limit=SHOWN)
    context = {
        **await frame(runtime, member, slug, "Webhooks"),
        "hook": hook,
        "secret": secret,
        "says": says,
        "sent": sent,
        "older": older,
        "first": after is None,
        "show": show,
        "soon": runtime.now() + timedelta(seconds=30),
    }
    return private_page("webhook.html", context, status)


handlers = [listed, add, one, change]
