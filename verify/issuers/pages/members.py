"""Members of an issuer: who they are, invited, given another role, removed; and leaving."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath
from litestar.response import Redirect

from verify.http.access import READS, Action
from verify.http.answering import faults_of, private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.http.refusals import Refused
from verify.issuers import framing, inviting, leaving, members
from verify.issuers.members import SignedIn

AnyRequest = Request[Any, Any, Any]
NO_FIELDS: tuple[str, ...] = ()


@route("/console/{slug:str}/members", http_method=READS, opt={"action": Action.SEE_ISSUER})
async def team(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """Who acts for the issuer; for admins also who is invited, and the form to invite."""
    member = await members.member_of(request.app.state.runtime, request.cookies, Action.SEE_ISSUER, slug)
    return await _team(request, member, slug)


@route("/console/{slug:str}/members", http_method="POST", opt={"action": Action.MANAGE_MEMBERS})
async def invite(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """Invite somebody; the link is shown once, beside being mailed."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.MANAGE_MEMBERS, slug)
    form = await read_form(request, known=inviting.FIELDS)
    require_csrf(form, member.session.csrf)
    try:
        link = await inviting.invite(runtime, member, slug, form)
    except Refused as refused:
        return await _team(request, member, slug, 422, form=form, faults=faults_of(refused, "email"))
    return await _team(request, member, slug, link=link, invited_address=form["email"].strip())


@route("/console/{slug:str}/invitations/{invitation:str}", http_method="POST", opt={"action": Action.MANAGE_MEMBERS})
async def take_back(request: AnyRequest, slug: FromPath[str], invitation: FromPath[str]) -> Redirect:
    """Take an open invitation back."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.MANAGE_MEMBERS, slug)
    require_csrf(await read_form(request, known=NO_FIELDS), member.session.csrf)
    await inviting.take_back(runtime, member, slug, invitation)
    return see_other(f"/console/{slug}/members")


@route("/console/{slug:str}/members/{person:str}", http_method=READS, opt={"action": Action.MANAGE_MEMBERS})
async def one(request: AnyRequest, slug: FromPath[str], person: FromPath[str]) -> Response[bytes]:
    """One member: her role, what ends with her, and the buttons."""
    member = await members.member_of(request.app.state.runtime, request.cookies, Action.MANAGE_MEMBERS, slug)
    return await _one(request, member, slug, person)


@route("/console/{slug:str}/members/{person:str}/role", http_method="POST", opt={"action": Action.MANAGE_MEMBERS})
async def change_role(request: AnyRequest, slug: FromPath[str], person: FromPath[str]) -> Response[bytes] | Redirect:
    """Give a member another role."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.MANAGE_MEMBERS, slug)
    form = await read_form(request, known=("role",))
    require_csrf(form, member.session.csrf)
    try:
        await leaving.change_role(runtime, member.actor, slug, person, inviting.read_role(form))
    except Refused as refused:
        if refused.kind != "form-refused":
            raise
        return await _one(request, member, slug, person, 422, faults=faults_of(refused, "role"))
    return see_other(f"/console/{slug}/members")


@route("/console/{slug:str}/members/{person:str}/remove", http_method="POST", opt={"action": Action.MANAGE_MEMBERS})
async def remove(request: AnyRequest, slug: FromPath[str], person: FromPath[str]) -> Response[bytes] | Redirect:
    """End a membership and the person's sessions."""
    runtime = request.app.state.runtime
    member = await members.member_of(runtime, request.cookies, Action.MANAGE_MEMBERS, slug)
    require_csrf(await read_form(request, known=NO_FIELDS), member.session.csrf)
    try:
        await leaving.remove(runtime, member.actor, slug, person, request.app.state.told_of_leaving)
    except Refused as refused:
        if refused.kind != "form-refused":
            raise
        return await _one(request, member, slug, person, 422, faults=faults_of(refused, "role"))
    return see_other(f"/console/{slug}/members")


@route("/console/{slug:str}/leave", http_method="POST", opt={"action": Action.SEE_ISSUER})
async def leave(request: AnyRequest, slug: FromPath[str]) -> Response[bytes] | Redirect:
    """Leave of one's own will."""
    runtime = request.app.state.runtime
    try:
        member = await members.member_of(runtime, request.cookies, Action.SEE_ISSUER, slug)
    except Refused as refused:
        if refused.kind == "not-found" and await _has_left(request, slug):
            return see_other("/console")
        raise
    require_csrf(await read_form(request, known=NO_FIELDS), member.session.csrf)
    try:
        await leaving.leave(runtime, member, slug, request.app.state.told_of_leaving)
    except Refused as refused:
        if refused.kind != "form-refused":
            raise
        return await _team(request, member, slug, 422, stays=faults_of(refused, "role"))
    return see_other("/console")


async def _has_left(request: AnyRequest, slug: str) -> bool:
    member = await members.signed_in(request.app.state.runtime, request.cookies)
    return await leaving.has_left(slug, member.person)


async def _team(
    request: AnyRequest, member: SignedIn, slug: str, status: int = 200, **extra: object
) -> Response[bytes]:
    runtime = request.app.state.runtime
    decides = Action.MANAGE_MEMBERS in framing.allowed(member, slug)
    people = await members.team(slug)
    context = {
        **await framing.frame(runtime, member, slug, "Members"),
        "people": people,
        "admins": sum(one.role == "admin" for one in people),
        "me": member.person,
        "decides": decides,
        "invitations": await inviting.invited(runtime, slug) if decides else [],
        "names": {one.person: one.name for one in people},
        "form": {"role": "issuer"},
        "faults": (),
        **extra,
    }
    return private_page("members.html", context, status)


async def _one(
    request: AnyRequest, member: SignedIn, slug: str, person: str, status: int = 200, **extra: object
) -> Response[bytes]:
    runtime = request.app.state.runtime
    found = [one for one in await members.team(slug) if one.person == person]
    if not found:
        raise Refused("not-found", "There is nothing at this address.")
    context = {
        **await framing.frame(runtime, member, slug, "Members"),
        "person": found[0],
        "me": member.person,
        "invitations": [one for one in await inviting.invited(runtime, slug) if one.invited_by == person],
        "form": {"role": found[0].role.value},
        "faults": (),
        **extra,
    }
    return private_page("member.html", context, status)


handlers = [team, invite, take_back, one, change_role, remove, leave]
