"""POST /credentials/status of VCALM: set the revocation bit. It is a withdrawal like any other, and as final."""

from __future__ import annotations

from collections.abc import Mapping

from refolio.credential.reading import JSON, read
from refolio.errors import Fault
from verify.credentials import finding, links
from verify.credentials.withdrawing import withdraw
from verify.http.access import Action, Actor, can
from verify.http.refusals import Refused
from verify.runtime import Runtime

NO_REASON = "The issuer gave no reason."
ENTRY = "BitstringStatusListEntry"
_MEMBERS = {"credentialId", "credentialStatus", "status", "reason"}
_ENTRY_MEMBERS = {"id", "type", "statusPurpose", "statusListIndex", "statusListCredential"}


async def set_status(runtime: Runtime, actor: Actor, members: Mapping[str, JSON]) -> str:
    """Do what the request says and return the credential's id (UUID). ``reason`` is ours, for the reader.

    Raises Refused: 400 for a malformed request or another purpose, 404 for a credential that this platform did
    not deliver, 409 for taking a withdrawal back (SEC-090).
    """
    url, entry, status = _read(members)
    origin = links.credential(runtime, "")
    credential_id = url.removeprefix(origin)
    stored = await finding.by_id(credential_id)
    if (
        stored is None
        or stored.platform != actor.platform
        or not can(actor, Action.WITHDRAW, stored.issuer)
        or not _is_entry_of(entry, stored.document)
    ):
        raise Refused("not-found", "Your platform has delivered no credential with this id and status entry.")
    if not status and stored.withdrawn_at:
        raise Refused("already-withdrawn", "A withdrawal is final; it cannot be taken back.")
    if status and not (stored.withdrawn_at and "reason" not in members):
        await withdraw(runtime, actor, credential_id, {"reason": members.get("reason", NO_REASON)})
    return credential_id


def _read(members: Mapping[str, JSON]) -> tuple[str, Mapping[str, JSON], bool]:
    url, entry, status = (members.get(name) for name in ("credentialId", "credentialStatus", "status"))
    if unknown := sorted(set(members) - _MEMBERS):
        raise _refused(unknown[0], "There is no member of this name.", f"Send {', '.join(sorted(_MEMBERS))}.")
    if not isinstance(url, str):
        raise _refused("credentialId", "It must be the credential's id.", "Send its id, or the UUID in it.")
    if (
        not isinstance(entry, dict)
        or set(entry) - _ENTRY_MEMBERS
        or not all(isinstance(v, str) for v in entry.values())
    ):
        fix = "Send type and statusPurpose, and what else of the entry you like."
        raise _refused("credentialStatus", "It must be a status entry, all of it text.", fix)
    if entry.get("type") not in (ENTRY, "BitstringStatusList"):  # VCALM's own example names the list
        raise _refused("credentialStatus.type", "Statuses of this type are not kept here.", f"Send {ENTRY}.")
    if entry.get("statusPurpose") != "revocation":
        raise _refused("credentialStatus.statusPurpose", "Only revocation is kept here.", "Send revocation.")
    if not isinstance(status, bool):
        raise _refused("status", "It must be true or false.", "Send true to withdraw.")
    return url, entry, status


def _is_entry_of(entry: Mapping[str, JSON], document: bytes) -> bool:
    """What else the request says of the entry must be true of it."""
    stated = {name: value for name, value in entry.items() if name != "type"}
    signed = read(document).get("credentialStatus")
    return isinstance(signed, dict) and all(signed.get(name) == value for name, value in stated.items())


def _refused(field: str, reason: str, fix: str) -> Refused:
    return Refused("bad-request", f"{field}: {reason} {fix}", [Fault(field, reason, fix)])
