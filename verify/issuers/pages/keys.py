"""The keys of an issuer: what each does, a new one, and the end of an old one."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath
from litestar.response import Redirect

from verify.http.access import FOR_ROLES, READS, Action
from verify.http.answering import faults_of, private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers import key_listing, members, rotating
from verify.issuers.framing import frame
from verify.issuers.members import SignedIn
from verify.runtime import Runtime

AnyRequest = Request[Any, Any, Any]
FORM = ("act", "purpose", "when", "key")


@route("/console/{slug:str}/keys", http_method=READS, opt={"action": Action.SEE_ISSUER})
async def keys(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """Every key with its state; an admin finds the means to rotate there too."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.SEE_ISSUER, slug)
    return private_page("keys.html", await _context(runtime, member, slug))


@route("/console/{slug:str}/keys", http_method="POST", opt={"action": Action.MANAGE_KEYS})
async def change(request: AnyRequest, slug: FromPath[str]) -> Response[bytes] | Redirect:
    """Rotate, or give up a key that waits; ``when`` is ``tomorrow`` or ``now``."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.MANAGE_KEYS, slug)
    form = await read_form(request, known=FORM)
    require_csrf(form, member.session.csrf)
    try:
        if form.get("act") == "retire":
            await rotating.retire(runtime, member.actor, slug, form.get("key", ""))
        elif form.get("act") == "rotate":
            after = rotating.AT_ONCE if form.get("when") == "now" else rotating.PUBLISHED_BEFORE_USE
            await rotating.rotate(runtime, member.actor, slug, form.get("purpose", ""), after=after)
        else:
            raise Refused("bad-request", "The form does not say what to do.")
    except Refused as refused:
        faults = faults_of(refused, "purpose")
        return private_page("keys.html", {**await _context(runtime, member, slug), "form": form, "faults": faults}, 422)
    return see_other(f"/console/{slug}/keys")


async def _context(runtime: Runtime, member: SignedIn, slug: str) -> dict[str, object]:
    around = await frame(runtime, member, slug, "Keys")
    elsewhere = await key_listing.document_elsewhere(slug)
    return {
        **around,
        "keys": await key_listing.keys_of(slug) or [],
        "published_here": elsewhere is None,
        "document_url": elsewhere,
        "by_name": await key_listing.is_named_by_key(slug),
        "may": Action.MANAGE_KEYS in FOR_ROLES[member.actor.roles[slug]],
        "form": {},
        "faults": (),
    }


handlers = [keys, change]
