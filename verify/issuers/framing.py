"""What stands around every page for members: which issuer, which places the member may go to, what waits for her."""

from __future__ import annotations

from verify.http.access import FOR_ROLES, Action
from verify.issuers.key_states import HELD
from verify.issuers.members import SignedIn
from verify.issuers.proposing import waiting_for
from verify.issuers.tables import Issuer
from verify.runtime import Runtime

# Words of the menu, the path behind /console/{slug}, and what one must be allowed to do to have it in the menu.
PLACES = (
    ("Credentials", "", Action.SEE_ISSUER),
    ("Issue", "/issue", Action.ISSUE),
    ("Import", "/import", Action.IMPORT),
    ("Members", "/members", Action.SEE_ISSUER),
    ("Keys", "/keys", Action.SEE_ISSUER),
    ("Domain", "/domain", Action.SEE_ISSUER),
    ("API keys", "/api-keys", Action.MANAGE_API_KEYS),
    ("Platforms", "/platforms", Action.MANAGE_PLATFORMS),
    ("Webhooks", "/webhooks", Action.READ_WEBHOOKS),
    ("Trail", "/trail", Action.SEE_ISSUER),
    ("Settings", "/settings", Action.MANAGE_ISSUER),
)


# What the service cannot do for an issuer that holds its own key.
TO_SIGN = frozenset({Action.ISSUE, Action.IMPORT})


async def frame(runtime: Runtime, member: SignedIn, slug: str, here: str) -> dict[str, object]:
    """The context of ``console.html`` for a member of ``slug``: ``here`` is the word of the menu that is marked.

    ``waiting`` counts the proposals that an admin could decide, which are those of others.
    """
    role = member.actor.roles[slug]
    issuer = await Issuer.select(Issuer.slug, Issuer.name, Issuer.custody).where(Issuer.slug == slug).first()
    holds_key = issuer is not None and issuer["custody"] == HELD
    return {
        "issuer": issuer,
        "role": role.value,
        "places": [
            (text, path)
            for text, path, action in PLACES
            if action in FOR_ROLES[role] and not (holds_key and action in TO_SIGN)
        ],
        "holds_key": holds_key,
        "here": here,
        "csrf": member.session.csrf,
        "waiting": await waiting_for(runtime, member, slug),
    }


def allowed(member: SignedIn, slug: str) -> frozenset[Action]:
    """What the member's role lets her do, whether or not her sign-in is fresh: which forms a page shows her."""
    return FOR_ROLES[member.actor.roles[slug]]
