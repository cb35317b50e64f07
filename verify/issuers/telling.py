"""The audit trail in words for people: who did what, when, about what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from verify.issuers.members import names_of
from verify.trail import reading
from verify.trail.reading import Entry
from verify.web.filters import in_words

PAGE = 50
CREDENTIAL = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# What an entry says after the name of who did it; ``{about}`` is a person's name where the act is about a person.
SAYS = {
    "issuer-registered": "made the organisation",
    "member-added": "made {about} a member",
    "member-invited": "invited somebody",
    "invitation-accepted": "accepted an invitation",
    "invitation-taken-back": "took an invitation back",
    "role-changed": "changed the role of {about}",
    "member-removed": "removed {about}",
    "member-left": "left",
    "proposal-made": "proposed what takes two people",
    "proposal-refused": "refused a proposal",
    "credential-reserved": "ordered a credential",
    "credential-issued": "issued a credential",
    "credential-withdrawn": "withdrew a credential",
    "credentials-withdrawn": "withdrew credentials",
    "credential-corrected": "signed a newer edition of a credential",
    "correction-reserved": "ordered a correction of a credential",
    "correction-voided": "gave up a correction of a credential",
    "successor-reserved": "ordered a credential in the place of another",
    "reservation-voided": "gave up a credential before it was signed",
    "database-restored": "withdrew again what a restored backup had lost",
    "reservation-rekeyed": "gave a credential another key before it was signed",
    "issuer-vouched-for": "vouched for the organisation",
    "vouching-ended": "stopped vouching for the organisation",
    "issuer-closed": "closed the organisation",
    "issuer-described": "changed what the public page says",
    "issuer-name-read": "compared the name with others",
    "domain-asked": "wanted to prove a web domain",
    "domain-proven": "proved a web domain",
    "domain-confirmed": "confirmed a web domain",
    "domain-check-failed": "could not confirm a web domain",
    "domain-proof-ended": "ended the proof of a web domain",
    "domain-given-up": "gave up a web domain",
    "key-rotated": "replaced the signing key",
    "key-promoted": "let a new key sign",
    "key-changed": "registered the next key",
    "key-retired": "retired a signing key",
    "key-rewrapped": "encrypted a stored key anew",
    "status-key-added": "made a key for lists of withdrawals",
    "key-declared-compromised": "declared a key compromised",
    "status-list-published": "published a status list",
    "mandate-given": "let the platform {about} deliver",
    "mandate-ended": "ended the mandate of the platform {about}",
    "platform-opened": "opened a platform of the organisation's own",
    "api-key-made": "made an API key",
    "api-key-rolled": "rolled an API key",
    "api-key-revoked": "revoked an API key",
    "import-started": "began an import",
    "import-finished": "finished an import",
    "import-stopped": "stopped an import",
    "reply-given": "replied to a withdrawal",
    "reply-taken-back": "took a reply to a withdrawal back",
    "reference-asked": "asked for a reference",
    "reference-cancelled": "took a question for a reference back",
    "reference-reminded": "reminded a referee",
    "reference-expired": "ended a question for a reference that nobody answered",
    "reference-answered": "answered a question for a reference",
    "reference-declined": "declined to give a reference",
    "reference-signed": "signed a reference",
    "reference-withdrawn": "took a reference back",
    reading.SPOILT: "holds an entry here that was changed by hand",
}
ABOUT_PEOPLE = frozenset({"member-added", "role-changed", "member-removed", "invitation-accepted", "member-left"})
# Who replies is the intern; her name stands on the credential.
OF_INTERNS = frozenset({"reply-given", "reply-taken-back"})
# How members of an entry's detail are shown; others are for programs and stay in the trail.
DETAILS = {
    "role": "as {}",
    "from": "from {}",
    "to": "to {}",
    "act": "({})",
    "kind": "({})",
    "mode": "({})",
    "hint": "{}…",
    "rolled": "in place of {}…",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One entry for readers. ``credential`` is the uuid where the act was about one, ``code`` the act's own name."""

    number: int
    at: datetime
    who: str
    did: str
    detail: str
    code: str
    credential: str | None


async def tell(slug: str, *, act: str | None = None, before: int | None = None) -> tuple[list[Told], int | None]:
    """A page of an issuer's trail, newest first, of one act or of all, and the ``before`` of the page that follows."""
    entries = await reading.entries(slug, most=PAGE + 1, before=before, act=act)
    shown = entries[:PAGE]
    names = await names_of(slug)
    return [_told(entry, names) for entry in shown], shown[-1].number if len(entries) > PAGE else None


async def kinds(slug: str) -> list[tuple[str, str]]:
    """The acts that an issuer's trail holds, each with its words, for the filter."""
    return [(act, _words(act, "somebody")) for act in await reading.acts(slug)]


def _told(entry: Entry, names: dict[str, str]) -> Told:
    about = names.get(entry.about, "somebody") if entry.act in ABOUT_PEOPLE else entry.about
    details = [DETAILS[name].format(in_words(str(value))) for name, value in entry.detail.items() if name in DETAILS]
    return Told(
        number=entry.number,
        at=entry.at,
        who="The intern" if entry.act in OF_INTERNS else _who(entry.actor, names),
        did=_words(entry.act, about),
        detail=" ".join(details),
        code=entry.act,
        credential=entry.about if entry.act.startswith("credential-") and CREDENTIAL.fullmatch(entry.about) else None,
    )


def _words(act: str, about: str) -> str:
    # Acts that have no sentence yet are past participles ("domain-proven") and read well enough as they are.
    return SAYS[act].format(about=about) if act in SAYS else in_words(act)


def _who(actor: str, names: dict[str, str]) -> str:
    kind, _, who = actor.partition(":")
    if kind == "person":
        return names.get(who, "Somebody")
    if kind == "referee":
        return "A referee"
    return f"The platform {who}" if kind == "platform" else f"The {kind} of this site"
