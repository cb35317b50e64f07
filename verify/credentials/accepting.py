"""Take a finished credential in our own form for what it says: back to the Completion it came from (decision 0009).

The product signs completions, by one road with one set of rules. So a credential that comes from elsewhere is read back
into a Completion, and it is refused unless composing that one says everything again that was sent: nothing is dropped
in silence, and nothing is signed that the rules of completions have not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from refolio.credential.document import CONTEXTS, Issuance, IssuerProfile, StatusEntry, compose
from refolio.credential.facts import Facts, SkillFact, read_facts
from refolio.credential.frameworks import FRAMEWORKS
from refolio.credential.marking import MARK
from refolio.credential.model import Completion, completion_from
from refolio.credential.reading import JSON
from refolio.credential.rules import require_sound
from refolio.credential.shape import issuer_id, strings
from refolio.errors import CompletionRefused, Fault
from verify.issuers import publishing
from verify.runtime import Runtime

OURS = {
    "id": "The service gives every credential its id.",
    "proof": "It is signed already; only an unsigned credential can be issued.",
    "credentialStatus": "The service gives every credential its status entry.",
    "validFrom": "The service dates the credential when it signs it.",
    "awardedDate": "The service dates the credential when it signs it.",
}
TYPES = {"VerifiableCredential", "OpenBadgeCredential"}
_CREDIT = re.compile(r"(?P<amount>\S+) (?P<system>.+) credits by (?P<given_by>.+)")
_FRAMEWORKS = {form.signed_framework: framework for framework, form in FRAMEWORKS.items()}
_ELSEWHERE = "urn:refolio:"  # stands for addresses that are not given yet

Document = Mapping[str, JSON]


async def accept(runtime: Runtime, credential: Document, record: str) -> tuple[Completion, publishing.IssuerProfile]:
    """Return the completion that ``credential`` tells of, and whose it is; ``record`` is the platform's own id of it.

    Raises CompletionRefused that names the member, the reason and the fix: for a member that is the service's to give,
    for anything that a completion cannot carry or that the rules refuse, and for an issuer that is not registered here.
    """
    if faults := [Fault(name, reason, "Leave it out.") for name, reason in OURS.items() if name in credential]:
        raise CompletionRefused(faults)
    if strings(credential.get("@context")) != CONTEXTS:
        raise _refused("@context", "It is not the context list that is signed here.", f"Write {list(CONTEXTS)}.")
    if set(strings(credential.get("type"))) != TYPES:
        raise _refused("type", "Only completion credentials are issued here.", f"Write {sorted(TYPES)}.")
    issuer = await publishing.profile(did=issuer_id(credential))
    if issuer is None:
        raise _refused("issuer", "No issuer of this DID is registered here.", "Name the DID of an issuer of yours.")
    completion = completion_from(_members(credential, read_facts(credential), issuer, record))
    require_sound(completion, runtime.now().date())
    issuance = Issuance(
        credential_url=_ELSEWHERE + "credential",
        origin=_ELSEWHERE + "origin",
        issuer=IssuerProfile(issuer.did, issuer.name, issuer.url, issuer.description),
        valid_from=datetime.fromisoformat("2000-01-01T00:00:00Z"),
        salt=_ELSEWHERE + "a salt of its own for each",
        status=StatusEntry(_ELSEWHERE + "list", 0, _ELSEWHERE + "status"),
    )
    try:
        _require_said_again(credential, compose(completion, issuance))
    except CompletionRefused:
        if not issuer.is_test:
            raise
        _require_said_again(credential, compose(completion, replace(issuance, is_test=True)))  # marked already
    return completion, issuer


def _members(credential: Document, facts: Facts, issuer: publishing.IssuerProfile, record: str) -> dict[str, object]:
    """The members of the completion, as POST /api/v1/credentials would have them."""
    subject = _object(credential.get("credentialSubject"))
    achievement = _object(subject.get("achievement"))
    host = _object(subject.get("source"))
    title = achievement.get("name")
    if issuer.is_test and isinstance(title, str):
        title = title.removeprefix(MARK)
    hours = {"total": facts.hours, "basis": facts.hours_basis, "required": facts.hours_required}
    return _given(
        record=record,
        issuer=issuer.twin_of or issuer.slug,
        intern=_given(name=facts.intern, email=_email(subject)),
        role=facts.role,
        project=_given(
            title=title,
            description=achievement.get("description"),
            tasks=list(facts.tasks),
            field=facts.field,
            code=achievement.get("humanCode"),
            language=achievement.get("inLanguage"),
        ),
        started=facts.started and facts.started.isoformat(),
        ended=facts.ended and facts.ended.isoformat(),
        hours=_given(**hours),
        mode=facts.mode,
        engagement=facts.engagement,
        compensation=facts.compensation,
        skills=[_skill(skill, achievement) for skill in facts.skills],
        feedback=_given(text=facts.feedback, author=facts.feedback_by) if facts.feedback else None,
        deliverables=[
            _given(title=item.title, url=item.url, description=item.description, kind=item.kind)
            for item in facts.deliverables
        ],
        academic_credit=credit.groupdict() if (credit := _CREDIT.fullmatch(facts.credit or "")) else None,
        host=_given(name=host.get("name"), url=host.get("url")) if host else None,
        term=facts.term,
        story=facts.story,
    )


def _given(**members: object) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}


def _skill(skill: SkillFact, achievement: Document) -> dict[str, object]:
    stated = next((one for one in _objects(achievement.get("alignment")) if one.get("targetUrl") == skill.url), {})
    alignment = _given(
        framework=_FRAMEWORKS.get(skill.framework or "", skill.framework),
        url=skill.url,
        name=stated.get("targetName"),
        code=stated.get("targetCode"),
    )
    observed = "seen" if skill.seen else "self-reported"
    return _given(
        name=skill.name, observed=observed, level=skill.level, alignment=alignment if skill.framework else None
    )


def _email(subject: Document) -> JSON:
    """The address in plain; it is signed only as a salted hash, and the salt is the service's (SEC-068)."""
    identities = [one for one in _objects(subject.get("identifier")) if one.get("identityType") == "emailAddress"]
    if len(identities) != 1 or not _is_plain_address(identities[0]):
        raise _refused(
            "credentialSubject.identifier",
            "It must name the intern's e-mail address, once and unhashed.",
            "Add an IdentityObject of identityType emailAddress with hashed false; what is signed is a salted hash.",
        )
    return identities[0].get("identityHash")


def _is_plain_address(identity: Document) -> bool:
    known = {"type", "hashed", "identityHash", "identityType"}
    return set(identity) == known and strings(identity["type"]) == ("IdentityObject",) and identity["hashed"] is False


def _require_said_again(sent: Document, composed: Document) -> None:
    """Raise CompletionRefused for the first thing sent that the composed credential does not say."""
    subject = _object(sent.get("credentialSubject"))
    base = str(_object(subject.get("achievement")).get("id"))
    own = str(_object(_object(composed["credentialSubject"]).get("achievement"))["id"])
    identities = [one for one in _objects(subject.get("identifier")) if one.get("identityType") != "emailAddress"]
    comparable: Document = {**sent, "credentialSubject": {**subject, "identifier": list(identities)}}
    issuer = sent.get("issuer")
    if isinstance(issuer, str):
        comparable = {**comparable, "issuer": {"id": issuer}}
    if place := next(_unsaid(comparable, composed, "", base, own), None):
        raise _refused(
            place.removeprefix("."),
            "A completion credential of ours does not carry this, so it would be lost.",
            "Leave it out, or write it as GET /credentials/{uuid} shows it for a completion of the same kind.",
        )


def _unsaid(sent: JSON | Document, composed: JSON | Document, path: str, base: str, own: str) -> Iterator[str]:
    """The places in ``sent`` that are not in ``composed``. Ids below ``base`` stand for the same below ``own``."""
    if isinstance(sent, Mapping):
        if not isinstance(composed, Mapping):
            yield path
            return
        for name, value in sent.items():
            if value == []:
                continue  # says nothing
            if name in composed:
                yield from _unsaid(value, composed[name], f"{path}.{name}", base, own)
            else:
                yield f"{path}.{name}"
    elif isinstance(composed, list) or isinstance(sent, list):
        said = composed if isinstance(composed, list) else [composed]
        for n, item in enumerate(sent if isinstance(sent, list) else [sent]):
            nearest: list[str] | None = None
            for one in said:
                places = list(_unsaid(item, one, f"{path}[{n}]", base, own))
                nearest = places if nearest is None or len(places) < len(nearest) else nearest
            yield from nearest if nearest is not None else [f"{path}[{n}]"]
    else:
        if isinstance(sent, str) and (sent == base or sent.startswith(f"{base}#")):
            sent = own + sent.removeprefix(base)
        if sent != composed or type(sent) is not type(composed):
            yield path


def _object(value: JSON) -> Document:
    return value if isinstance(value, dict) else {}


def _objects(value: JSON) -> list[dict[str, JSON]]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _refused(field: str, reason: str, fix: str) -> CompletionRefused:
    return CompletionRefused([Fault(field, reason, fix)])
