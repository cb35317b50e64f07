"""Deliver records through a plugin: read and reviewed by it, judged and issued by us.

Each record stands for itself: what is wrong with one keeps no other back. The same record again gives the same
credential; a changed one under the same id is refused (409).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from refolio.credential.jcs import jcs
from refolio.credential.model import Completion, completion_members
from refolio.credential.reading import JSON
from refolio.credential.rules import faults
from refolio.errors import CompletionRefused, Fault
from verify.credentials import issuing
from verify.credentials.reserving import Request
from verify.http.access import Action, Actor, can
from verify.http.refusals import Refused
from verify.issuers import twins
from verify.platforms.plugins.asking import Answer
from verify.platforms.plugins.hosting import PluginHost
from verify.records.announcing import Announcer
from verify.runtime import Runtime

MOST_RECORDS = 100  # in one request


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one record: the id of its credential, or why there is none. After a dry run it may be neither."""

    credential: str | None = None
    refused: Refused | None = None


def records_in(members: Mapping[str, JSON]) -> tuple[list[Mapping[str, JSON]], bool]:
    """The records in a body, and whether it is a list of them: ``{"records": [{…}, …]}`` and nothing else.

    Raises Refused when the list is empty, too long, or holds something else than objects.
    """
    many = members.get("records")
    if set(members) != {"records"} or not isinstance(many, list):
        return [members], False
    records = [one for one in many if isinstance(one, dict)]
    if not 0 < len(records) == len(many) <= MOST_RECORDS:
        says = f"records must hold 1 to {MOST_RECORDS} objects."
        raise Refused("bad-request", says, [Fault("records", says, "Send them in several requests.")])
    return [*records], True


async def deliver(
    runtime: Runtime,
    host: PluginHost,
    announcer: Announcer,
    actor: Actor,
    name: str,
    records: Sequence[Mapping[str, JSON]],
    *,
    dry_run: bool = False,
) -> list[Delivered]:
    """Deliver each record through the plugin ``name``; the answers are in their order. Of tests it announces nothing.

    Raises Refused: 404 for a plugin that is not the platform's, 503 for one that is off or when too many wait.
    """
    hosted = host.of(actor.platform, name)
    delivered = []
    for answer in await host.answers(hosted, records):
        if answer.completion is None:
            delivered.append(Delivered(refused=_why_not(name, answer)))
            continue
        assert actor.platform
        twin = await twins.meant_by(runtime, actor, answer.completion.issuer)
        request = replace(request_of(actor.platform, name, answer.completion), twin=twin)
        if dry_run:
            delivered.append(_would_issue(runtime, actor, request))
            continue
        announces = hosted.announces and twin is None
        delivered.append(await _issue(runtime, announcer if announces else None, actor, name, request))
    return delivered


def _would_issue(runtime: Runtime, actor: Actor, request: Request) -> Delivered:
    """What can be said without issuing; that nothing like it was issued before is not looked at."""
    completion = request.completion
    if not can(actor, Action.ISSUE, request.issuer):
        return Delivered(refused=Refused("issuer-not-allowed", f"You have no mandate for {completion.issuer!r}."))
    found = faults(completion, runtime.now().date())
    return Delivered(refused=Refused("completion-refused", _said(found), found) if found else None)


async def _issue(runtime: Runtime, announcer: Announcer | None, actor: Actor, name: str, request: Request) -> Delivered:
    promise = await announcer.promise(name, request) if announcer else None
    try:
        credential = await issuing.issue(runtime, actor, request)
    except CompletionRefused as error:
        refused = Refused("completion-refused", error.says, error.faults)
    except Refused as error:
        refused = error
    else:
        if announcer and promise:
            await announcer.release(promise)
        return Delivered(credential)
    if announcer and promise:
        await announcer.forget(promise)
    return Delivered(refused=refused)


def request_of(platform: str, plugin: str, completion: Completion) -> Request:
    """The request that a completion of this plugin is: its key is made from the issuer and the foreign record's id."""
    body = jcs(msgspec.json.decode(msgspec.json.encode(completion_members(completion))))
    named = hashlib.sha256(f"{completion.issuer}\n{completion.record}".encode()).hexdigest()
    return Request(platform, f"plugin-{plugin}-{named}", body, completion)


def _why_not(name: str, answer: Answer) -> Refused:
    if answer.refused:
        return Refused("record-refused", _said(answer.refused), answer.refused)
    if answer.objections:
        return Refused("completion-objected", _said(answer.objections), answer.objections)
    return Refused("plugin-fault", f"The plugin {name} does not work. {answer.fault}")


def _said(faults: Sequence[Fault]) -> str:
    return " ".join(str(fault) for fault in faults)
