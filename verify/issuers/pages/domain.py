"""The web domains of an issuer: what to publish, what was found, and the history."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath
from litestar.response import Redirect

from verify.http.access import READS, Action
from verify.http.answering import faults_of, private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers import domains, publishing
from verify.issuers.framing import frame
from verify.issuers.members import SignedIn, member_of
from verify.issuers.proofs import Evidence
from verify.runtime import Runtime

AnyRequest = Request[Any, Any, Any]
MANAGE = {"action": Action.MANAGE_ISSUER}


@route("/console/{slug:str}/domain", http_method=READS, opt={"action": Action.SEE_ISSUER})
async def page(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """The domains as they stand."""
    runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.SEE_ISSUER, slug)
    return await _page(runtime, member, slug)


@route("/console/{slug:str}/domain", http_method="POST", opt=MANAGE)
async def ask(request: AnyRequest, slug: FromPath[str]) -> Response[bytes] | Redirect:
    """Ask for a challenge for a domain."""
    runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.MANAGE_ISSUER, slug)
    form = await read_form(request, known=("domain",))
    require_csrf(form, member.session.csrf)
    try:
        await domains.ask(runtime, member.actor, slug, form.get("domain", ""))
    except Refused as refused:
        return await _page(runtime, member, slug, form=form, faults=faults_of(refused, "domain"), status=422)
    return see_other(f"/console/{slug}/domain")


@route("/console/{slug:str}/domain/{proof_id:str}/check", http_method="POST", opt=MANAGE)
async def check(request: AnyRequest, slug: FromPath[str], proof_id: FromPath[str]) -> Response[bytes] | Redirect:
    """Look for the proof now, and say what was found in each place."""
    runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.MANAGE_ISSUER, slug)
    require_csrf(await read_form(request, known=()), member.session.csrf)
    evidence = await domains.check(runtime, request.app.state.fetcher, member.actor, slug, proof_id)
    if evidence and evidence.method:
        return see_other(f"/console/{slug}/domain")
    return await _page(runtime, member, slug, checked=proof_id, evidence=evidence)


@route("/console/{slug:str}/domain/{proof_id:str}/give-up", http_method="POST", opt=MANAGE)
async def give_up(request: AnyRequest, slug: FromPath[str], proof_id: FromPath[str]) -> Redirect:
    """End a proof; its period stays in the history."""
    runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.MANAGE_ISSUER, slug)
    require_csrf(await read_form(request, known=()), member.session.csrf)
    await domains.give_up(runtime, member.actor, slug, proof_id)
    return see_other(f"/console/{slug}/domain")


async def _page(
    runtime: Runtime,
    member: SignedIn,
    slug: str,
    *,
    form: object = None,
    faults: object = (),
    checked: str | None = None,
    evidence: Evidence | None = None,
    status: int = 200,
) -> Response[bytes]:
    found = await domains.history(slug)
    profile = await publishing.profile(slug=slug)
    context = {
        **await frame(runtime, member, slug, "Domain"),
        "open": [one for one in found if one.ended_at is None],
        "ended": [one for one in found if one.ended_at is not None and one.proven_at is not None],
        "form": form or {},
        "faults": faults,
        "checked": checked,
        "evidence": evidence,
        "how": profile.how if profile else "",
        "grace": domains.GRACE,
    }
    return private_page("domain.html", context, status)


handlers = [page, ask, check, give_up]
