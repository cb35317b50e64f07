"""The credentials of an issuer: the list with its search, and one of them with what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, route
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from refolio.credential.model import Completion
from refolio.errors import CompletionRefused, Fault
from verify.credentials import finding, links, listing, reasons, recounting, replying, withdrawing
from verify.credentials.codes import grouped
from verify.http.access import READS, Action, can
from verify.http.answering import faults_of, private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers.framing import frame
from verify.issuers.members import SignedIn, member_of
from verify.runtime import Runtime

AnyRequest = Request[Any, Any, Any]
LONGEST_WORDS = 200


@route("/console/{slug:str}", http_method=READS, opt={"action": Action.SEE_ISSUER})
async def credentials(
    request: AnyRequest,
    slug: FromPath[str],
    q: FromQuery[str] = "",
    show: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Response[bytes]:
    """The newest credentials, or those that a search finds."""
    runtime: Runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.SEE_ISSUER, slug)
    words = q[:LONGEST_WORDS].strip()
    page = await listing.page(slug, words=words, state=show, before=before or None)
    asked = {name: text for name, text in (("q", words), ("show", show)) if text}
    context = {
        "form": {"q": words, "show": show},
        "listed": page.listed,
        "searched": bool(asked),
        "number": await listing.number(slug),
        "first": not before,
        "newest": f"?{urlencode(asked)}" if asked else "",
        "older": f"?{urlencode({**asked, 'before': page.before})}" if page.before else None,
        "may_issue": can(member.actor, Action.ISSUE, slug),
    }
    return private_page("credentials.html", {**await frame(runtime, member, slug, "Credentials"), **context})


@route("/console/{slug:str}/credentials/{credential_id:str}", http_method=READS, opt={"action": Action.SEE_ISSUER})
async def credential(
    request: AnyRequest, slug: FromPath[str], credential_id: FromPath[str], new: FromQuery[str] = ""
) -> Response[bytes]:
    """One credential: what it says, where it is, what happened to it."""
    runtime: Runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.SEE_ISSUER, slug)
    return await _page(runtime, member, slug, credential_id, new=bool(new))


@route(
    "/console/{slug:str}/credentials/{credential_id:str}/withdraw",
    http_method="POST",
    opt={"action": Action.WITHDRAW},
)
async def withdraw(
    request: AnyRequest, slug: FromPath[str], credential_id: FromPath[str]
) -> Response[bytes] | Redirect:
    """Withdraw it for good."""
    runtime: Runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.WITHDRAW, slug)
    form = await read_form(request, known={"reason", "kind"})
    require_csrf(form, member.session.csrf)
    await require_own(slug, credential_id)
    try:
        await withdrawing.withdraw(runtime, member.actor, credential_id, form)
    except CompletionRefused as refused:
        return await _page(runtime, member, slug, credential_id, form, refused.faults, status=422)
    except Refused as refused:
        return await _page(runtime, member, slug, credential_id, form, faults_of(refused, "reason"), status=409)
    return see_other(f"/console/{slug}/credentials/{credential_id}")


async def require_own(slug: str, credential_id: str) -> finding.Stored:
    """The issuer's credential with this id. Raises Refused where there is none, as for one of another issuer."""
    stored = await finding.by_id(credential_id)
    if stored is None or stored.issuer != slug:
        raise Refused("not-found", "There is nothing at this address.")
    return stored


async def _page(
    runtime: Runtime,
    member: SignedIn,
    slug: str,
    credential_id: str,
    form: dict[str, str] | None = None,
    faults: Sequence[Fault] = (),
    *,
    new: bool = False,
    status: int = 200,
) -> Response[bytes]:
    stored = await require_own(slug, credential_id)
    context = {
        "stored": stored,
        "completion": msgspec.json.decode(stored.record_json, type=Completion),
        "code": grouped(stored.code),
        "verdict": links.verdict(runtime, stored.code),
        "document": links.credential(runtime, stored.id),
        "kinds": [(kind, words or "Something else") for kind, words in reasons.KINDS.items()],
        "words": reasons.words_for(stored.kind),
        "reply": await replying.given(stored.id) if stored.withdrawn_at else None,
        "successor": await finding.successor_of(stored),
        "history": await recounting.recount(slug, credential_id),
        "new": new,
        "form": form or {},
        "faults": tuple(faults),
        "may_withdraw": can(member.actor, Action.WITHDRAW, slug) and stored.withdrawn_at is None,
        "may_issue": can(member.actor, Action.ISSUE, slug),
    }
    return private_page("credential.html", {**await frame(runtime, member, slug, "Credentials"), **context}, status)


handlers = [credentials, credential, withdraw]
