"""What is said to the service when the issuer holds its own key: reserve → check → sign → submit, and status lists.

Pure, like ``requests``: the shells bring the time and the network. A key is only used on a document that says what was
asked, and what it signed is put through the service's own checks before it is sent.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from refolio.client.issued import uuid_of
from refolio.client.requests import JSON_BODY, Answer, Request, get, read, require_short_name
from refolio.credential import timestamps
from refolio.credential.asking import require_as_asked
from refolio.credential.issuing import (
    HeldKey,
    key_document,
    list_bits,
    require_as_reserved,
    require_list_as_asked,
    require_list_form,
    secure,
    secure_list,
)
from refolio.credential.keys import PrivateKey, did_key, secret_multikey
from refolio.credential.model import Completion
from refolio.credential.rules import require_sound
from refolio.errors import KeyRefused, ServiceError

Members = dict[str, Any]
ROUNDS = 5  # how often a list is fetched and signed anew because something was withdrawn meanwhile


class UnsignedList(msgspec.Struct, frozen=True):
    """A status list to be signed: its id at the service, why it is due, and the exact document."""

    list: str
    why: str
    unsigned: Members


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """What the service has set aside; ``unsigned`` is None when it was submitted before."""

    uuid: str
    issuer: str
    state: str
    expires_at: datetime
    unsigned: Members | None
    status_list: UnsignedList | None


class DueLists(msgspec.Struct, frozen=True):
    """The lists of an issuer that are to be signed."""

    lists: list[UnsignedList]


def submit_request(reservation: Reservation, signed: bytes) -> Request:
    """Hand in the signed document, byte for byte. Repeatable, because the same bytes again change nothing."""
    return Request(
        "POST", f"/api/v1/reservations/{uuid_of(reservation.uuid)}/submit", JSON_BODY, signed, repeatable=True
    )


def lists_request(issuer: str) -> Request:
    """Ask which lists are to be signed."""
    return get(f"/api/v1/issuers/{require_short_name(issuer)}/status-lists/unsigned")


def put_request(issuer: str, list_id: str, signed: bytes) -> Request:
    """Hand in a signed list."""
    if not (list_id.isascii() and list_id.isalnum()):
        raise ServiceError("The service names a status list in a way that is not one of a Refolio service.")
    return Request(
        "PUT",
        f"/api/v1/issuers/{require_short_name(issuer)}/status-lists/{list_id}",
        JSON_BODY,
        signed,
        repeatable=True,
    )


def reservation_in(answer: Answer) -> Reservation:
    """Read the answer to ``reserve_request``."""
    return read(answer, Reservation)


def lists_in(answer: Answer) -> list[UnsignedList]:
    """Read the answer to ``lists_request``."""
    return read(answer, DueLists).lists


def signed_credential(completion: Completion, unsigned: Members, key: HeldKey, now: datetime) -> bytes:
    """Sign what was reserved, if it says what was asked.

    Raises CompletionRefused for a contradiction, DocumentRefused ``not-as-asked`` (then the key was not used) and
    ProofRefused when the signer is faulty or its key is not the issuer's.
    """
    require_sound(completion, now.date())
    require_as_asked(unsigned, completion, issuer=key.issuer, name=None, now=now)
    signed = secure(unsigned, key.signer, method=key.verification_method, created=timestamps.format(now))
    starts = timestamps.parse(str(unsigned["validFrom"]))
    require_as_reserved(signed, unsigned, key_document(key), since=starts, now=now)
    return signed


def signed_list(listed: UnsignedList, key: HeldKey, now: datetime) -> bytes:
    """Sign a list, if it is one of the key's issuer and nothing else. Raises as ``require_list_form`` does."""
    starts = require_list_form(listed.unsigned, key.issuer, now)
    created = timestamps.format(max(now, starts))
    signed = secure_list(listed.unsigned, key.signer, method=key.verification_method, created=created)
    require_list_as_asked(
        signed,
        list_id=str(listed.unsigned["id"]),
        issuer=key.issuer,
        bits=list_bits(listed.unsigned),
        after=None,
        keys=key_document(key),
        now=now,
    )
    return signed


# --- key files ---------------------------------------------------------------------------------------------------


class _KeyFile(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    issuer: str
    public_key_multibase: str
    secret_key_multibase: str
    method: str | None = None


def new_key_file(seed: bytes, issuer: str | None = None) -> bytes:
    """The content of a key file for 32 secret bytes; without ``issuer`` its DID is the did:key of the key."""
    key = PrivateKey.from_seed(seed)
    members = _KeyFile(issuer or did_key(key.public), key.public.multibase, secret_multikey(seed))
    return msgspec.json.format(msgspec.json.encode(members)) + b"\n"


def read_key_file(file: Path) -> HeldKey:
    """Read a key file. Raises KeyRefused ``key-file``, which never shows the content, and OSError."""
    try:
        members = msgspec.json.decode(file.read_bytes(), type=_KeyFile)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise KeyRefused("key-file", f"{file} is not a key file. Make one with: refolio key new") from None
    key = PrivateKey.from_secret_multikey(members.secret_key_multibase)
    if key.public.multibase != members.public_key_multibase:
        raise KeyRefused("key-file", f"In {file}, the two halves of the key do not belong together.")
    return HeldKey(members.issuer, key, members.method)
