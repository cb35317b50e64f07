"""API keys belong to an organisation and not to whoever made them; so when she goes, those who stay are told."""

from __future__ import annotations

from verify.http.access import Role
from verify.issuers.tables import Issuer, Membership
from verify.people.notifying import tell
from verify.people.tables import Person
from verify.platforms import keying
from verify.platforms.admitting import known_platform_of
from verify.runtime import Runtime
from verify.web.filters import one_line

_BODY = """\
Hello,

{person} acts no longer for {issuer}. API keys that {person} made belong to the organisation and go on working:

{keys}

Whoever has seen such a key can still use it. Revoke or roll it if that may be {person}:
{link}
"""


async def tell_of_keys_left(runtime: Runtime, slug: str, person: str) -> None:
    """Write to the other admins of ``slug`` which keys, made by somebody who goes, still work. Call inside ``tx()``."""
    platform = await known_platform_of(slug)
    if platform is None:
        return
    now = runtime.now()
    rows = [one for one in await keying.rows_of(platform) if one["made_by"] == person]
    if not (rows := [one for one in rows if keying.is_good(one, now)]):
        return
    gone = await Person.select(Person.name).where(Person.id == person).first()
    issuer = await Issuer.select(Issuer.name).where(Issuer.slug == slug).first()
    assert gone, "a foreign key keeps everybody who made a key"
    assert issuer, "a foreign key keeps the organisation of every platform"
    admins = await Membership.select(Membership.person).where(
        Membership.issuer == slug,
        Membership.role == Role.ADMIN.value,
        Membership.person != person,
        Membership.ended_at.is_null(),
    )
    name = one_line(issuer["name"], 80)
    body = _BODY.format(
        person=one_line(gone["name"], 80),
        issuer=name,
        keys="\n".join(f"{one['hint']}…  {one_line(one['name'] or '', 80)}".rstrip() for one in rows),
        link=f"{runtime.settings.public_url}/console/{slug}/api-keys",
    )
    await tell(runtime, [one["person"] for one in admins], f"{name}: API keys of somebody who left", body)
