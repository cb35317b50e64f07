"""Before a key is used: does the document that came back say what was asked, and nothing else?

Everything that a service may add (id, time, salt, status entry, its own name) is read out of the document, and the
completion is composed with it once more. Whatever else differs was not asked for, and is not signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from refolio.credential import status_list, timestamps
from refolio.credential.document import Issuance, IssuerProfile, StatusEntry, compose
from refolio.credential.issuing import SKEW, require_same
from refolio.credential.model import Completion
from refolio.credential.reading import JSON
from refolio.credential.shape import Document
from refolio.errors import DocumentRefused, StatusListRefused

LEASE = timedelta(hours=24)  # how long a reservation may be signed


def require_as_asked(
    unsigned: Document, completion: Completion, *, issuer: str, name: str | None, now: datetime
) -> None:
    """Return if ``unsigned`` is the credential of ``completion`` in the name of the DID ``issuer``, dated today.

    ``name`` is the organisation's name, None to take the one in the document. Its own status entry, id and explanation
    must all be of one service. Raises DocumentRefused ``not-as-asked``, whose path names the place.
    """
    profile = _object(unsigned.get("issuer"), "/issuer")
    if profile.get("id") != issuer:
        raise _refused("/issuer/id", f"It would be signed in the name of somebody else than {issuer}.")
    if name is not None and profile.get("name") != name:
        raise _refused("/issuer/name", "The issuer has another name in it.")
    id_, starts = _text(unsigned, "id", ""), _text(unsigned, "validFrom", "")
    origin, slash, _ = id_.rpartition("/credentials/")
    entry = _object(unsigned.get("credentialStatus"), "/credentialStatus")
    try:
        status = StatusEntry(
            _text(entry, "statusListCredential", "/credentialStatus"),
            status_list.parse_index(entry.get("statusListIndex")),
            _text(entry, "statusReference", "/credentialStatus"),
        )
        valid_from = timestamps.parse(starts)
        issuance = Issuance(
            credential_url=id_,
            origin=origin,
            issuer=IssuerProfile(issuer, _text(profile, "name", "/issuer"), *_more(profile)),
            valid_from=valid_from,
            salt=_salt(unsigned),
            status=status,
            platform=_platform(unsigned),
        )
    except (DocumentRefused, StatusListRefused, ValueError) as error:
        raise _refused(getattr(error, "path", ""), str(error)) from None
    if not slash or not all(url.startswith(f"{origin}/") for url in (status.list_url, status.explanation or "")):
        raise _refused("/credentialStatus", "Its status is not kept where the credential is published.")
    if not now - LEASE - SKEW <= valid_from <= now + SKEW:
        raise _refused("/validFrom", "It is not dated today.")
    try:
        require_same(unsigned, compose(completion, issuance))
    except DocumentRefused as error:
        raise _refused(error.path, "It does not say what was asked.") from None


def _salt(unsigned: Document) -> str:
    identifiers = _object(unsigned.get("credentialSubject"), "/credentialSubject").get("identifier")
    for one in identifiers if isinstance(identifiers, list) else ():
        if isinstance(one, dict) and isinstance(salt := one.get("salt"), str):
            return salt
    raise _refused("/credentialSubject/identifier", "The e-mail address is not salted.")


def _platform(unsigned: Document) -> str | None:
    """Who delivers, as the evidence of that genre says it."""
    evidence = unsigned.get("evidence")
    for one in evidence if isinstance(evidence, list) else ():
        if isinstance(one, dict) and one.get("genre") == "Delivery" and isinstance(name := one.get("name"), str):
            return name
    return None


def _more(profile: Document) -> tuple[str | None, str | None]:
    """The issuer's web address and description, where it has them."""
    url, description = (profile.get(name) for name in ("url", "description"))
    return url if isinstance(url, str) else None, description if isinstance(description, str) else None


def _object(value: JSON, path: str) -> Mapping[str, JSON]:
    if not isinstance(value, dict):
        raise _refused(path, "It is not there, or no object.")
    return value


def _text(members: Document, name: str, path: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise _refused(f"{path}/{name}", "It is not there, or no text.")
    return value


def _refused(path: str, says: str) -> DocumentRefused:
    return DocumentRefused("not-as-asked", path, says, "Nothing was signed. Ask the operator of the service.")
