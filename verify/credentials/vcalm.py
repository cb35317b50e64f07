"""POST /credentials/issue of VCALM: what the request may hold, and the request to issue that it becomes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from refolio.credential.reading import JSON
from refolio.errors import CompletionRefused, Fault
from verify.credentials import issuing
from verify.credentials.accepting import accept
from verify.credentials.reserving import Request
from verify.http.access import Actor, Mode
from verify.http.refusals import Refused
from verify.runtime import Runtime

LONGEST_RECORD = 100
_OF = {Mode.TEST: "a live", Mode.LIVE: "a test"}  # key → what it met


async def issue(runtime: Runtime, actor: Actor, key: str | None, body: bytes, members: Mapping[str, JSON]) -> str:
    """Issue ``{credential, options}`` and return the credential's id (UUID).

    ``key`` is the Idempotency-Key; without one the body is its own key, so that the same request sent again never
    issues a second credential. ``options.credentialId`` is the platform's own id of the record.

    Raises Refused: 400 for what cannot be issued, 403 without a mandate or
    in the name of an issuer of the other mode, 409 for another body under the same key and
    for work that was issued before.
    """
    assert actor.platform
    key = key or f"body-{hashlib.sha256(body).hexdigest()}"
    try:
        credential, record = _read(members, key)
        completion, issuer = await accept(runtime, credential, record)
        if issuer.is_test is not (actor.mode is Mode.TEST):
            raise Refused("wrong-mode", f"{issuer.did} is the DID of {_OF[actor.mode]} issuer.")
        twin = issuer.slug if issuer.is_test else None
        return await issuing.issue(runtime, actor, Request(actor.platform, key, body, completion, twin=twin))
    except CompletionRefused as error:
        raise Refused("credential-refused", error.says, error.faults) from None


def _read(members: Mapping[str, JSON], key: str) -> tuple[Mapping[str, JSON], str]:
    credential, options = members.get("credential"), members.get("options", {})
    if unknown := sorted(set(members) - {"credential", "options"}):
        raise _refused(unknown[0], "There is no member of this name.", "Send credential and options.")
    if not isinstance(credential, dict):
        raise _refused("credential", "It must be the unsigned credential.", "Send {credential, options}.")
    if not isinstance(options, dict) or set(options) - {"credentialId"}:
        raise _refused("options", "The only option here is credentialId.", "Leave the others out.")
    record = options.get("credentialId", key[:LONGEST_RECORD])
    if not isinstance(record, str) or not 0 < len(record) <= LONGEST_RECORD:
        fix = f"Send your own id of the record, 1 to {LONGEST_RECORD} characters."
        raise _refused("options.credentialId", "This is not a text of usable length.", fix)
    return credential, record


def _refused(field: str, reason: str, fix: str) -> CompletionRefused:
    return CompletionRefused([Fault(field, reason, fix)])
