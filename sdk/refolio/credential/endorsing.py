"""Compose the Open Badges 3.0 endorsement that says what one person says of another's work (docs/decisions/0028).

The issuer is the organisation, whose key signs. Who says it stands in the name and the description, for every reader of
such documents shows those two. ``read_statement`` reads backwards what ``compose`` writes.

Composing is pure: identifiers, time and status entry come in through :class:`Signing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from refolio.credential import timestamps
from refolio.credential.document import CONTEXTS, Credential, IssuerProfile, profile_members
from refolio.credential.status_list import StatusEntry
from refolio.errors import DocumentRefused

TYPES = ("VerifiableCredential", "EndorsementCredential")


class Relation(StrEnum):
    """What the referee has to do with the work."""

    SUPERVISED = "supervised"
    WORKED_WITH = "worked-with"


SAYS: Mapping[Relation, str] = {
    Relation.SUPERVISED: "{name} supervised this work.",
    Relation.WORKED_WITH: "{name} worked with the intern on this.",
}
FROM = " Answered from an e-mail address at {domain}."


@dataclass(frozen=True, slots=True)
class Reference:
    """What a referee says of a credential, in plain text. ``domain`` is all that is said of the mailbox."""

    credential_url: str
    name: str
    role: str
    relation: Relation
    domain: str
    text: str


@dataclass(frozen=True, slots=True)
class Signing:
    """What the service adds: the reference's own URL, who signs, from when (aware), the place in a status list."""

    reference_url: str
    issuer: IssuerProfile
    valid_from: datetime
    status: StatusEntry


@dataclass(frozen=True, slots=True)
class Statement:
    """What may be shown of a signed reference. Texts are plain text to be escaped, never markup."""

    title: str
    about: str
    text: str
    credential_url: str
    signed_on: date


def compose(reference: Reference, signing: Signing) -> Credential:
    """Return the unsigned endorsement; same arguments, same document."""
    says = SAYS[reference.relation].format(name=reference.name) + FROM.format(domain=reference.domain)
    valid_from, issuer = timestamps.format(signing.valid_from), signing.issuer
    return {
        "@context": list(CONTEXTS),
        "id": signing.reference_url,
        "type": list(TYPES),
        "name": f"Reference by {reference.name}, {reference.role}",
        "description": says,
        "issuer": profile_members(issuer.did, issuer.name, url=issuer.url, description=issuer.description),
        "validFrom": valid_from,
        "awardedDate": valid_from,
        "credentialSubject": {
            "id": reference.credential_url,
            "type": ["EndorsementSubject"],
            "endorsementComment": reference.text,
        },
        "credentialStatus": signing.status.members(),
    }


def read_statement(document: Mapping[str, object]) -> Statement:
    """Project an endorsement whose signature holds. Raises DocumentRefused ``no-reference`` for anything else."""
    types, subject = document.get("type"), document.get("credentialSubject")
    if not isinstance(types, list) or TYPES[1] not in types or not isinstance(subject, dict):
        raise _refused("/type")
    return Statement(
        title=_text(document, "name"),
        about=_text(document, "description"),
        text=_text(subject, "endorsementComment"),
        credential_url=_text(subject, "id"),
        signed_on=timestamps.parse(_text(document, "validFrom")).date(),
    )


def _text(members: Mapping[str, object], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise _refused(f"/{name}")
    return value


def _refused(path: str) -> DocumentRefused:
    return DocumentRefused("no-reference", path, "This is not a reference.", "Present the reference itself.")
