"""`make drill-lane`: whatever the lane lets pass, gate, shape and data model let pass too, and it holds no credential.

Half of the mutants are those of the differential drill. The other half begin with badges that the lane lets pass, one
of them with everything that it knows, and change them where a struct and a walk may see different things.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any

import msgspec

from refolio.credential import lane
from refolio.credential.document import compose
from refolio.credential.jcs import jcs, jcs_of_sound
from refolio.credential.opening import Opened
from refolio.credential.parts import parts_of
from refolio.credential.policy import KNOWN_CONTEXTS
from refolio.credential.proof.content import Content
from refolio.credential.reading import read
from refolio.credential.shape import require_credential
from refolio.errors import DocumentRefused
from tests.credential import badges
from tests.credential.completions import completion, issuance
from tests.drills import differential
from tests.drills.corpus import EXTENSIONS, corpus
from tests.drills.places import Document, altered, arrays, changed, copied, inserted, objects, of_another_type, places
from tests.drills.working import provenance, say, stretches

SIZE = 2_000
SHOWN = 20

Change = Callable[[Random, Document], object]

# Texts that a pattern, a list of words or a reader of dates may take for something that they are not.
_TEXTS = (
    "", " ", "x", "\n", "_:b0", "#a", "/a", "a b:c", "did:", "did:key:", "https://", "https://a b", "https://a<b",
    "https://a\nhttps://b", "https://é.example", "https://a#b#c", "HTTPS://a", "urn:uuid:", "urn:x:y", "mailto:a@b.c",
    "sec:a", "xsd:string", "id", "type", "@id", "@type", "name", "Profile", "Achievement", "Completed\n", "completed",
    "Fieldwork\n", "ext:", "ext:a", "ext:a\n", "ext:\n", "xext:a", "ext:é", "en", "en\n", "EN", "e", "en-gb",
    "2026-01-01", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00Z\n", "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z",
    "0000-01-01T00:00:00Z", "2026-01-01T00:00:00+14:01", "2026-01-01t00:00:00z", "2026-01-01T00:00:00.5-11:00",
    "١٠٢٦-01-01T00:00:00Z", "\ufffe", "\uffff", "\ufffd", "\ufdd0", "\U0001fffe", "\u2028", "\x7f", "\t", "\u0085",
    "\ue000", "\U0010ffff", "null",
)  # fmt: skip
_VALUES: tuple[Any, ...] = (None, True, False, 0, 1, -1, 2**53, 1.0, [], [[]], {}, [None], {"id": "https://a.example"})


def _value(rng: Random, document: Document) -> object:
    place = rng.choice(places(document))
    other = rng.choice(places(document)).value
    makers = (
        lambda: rng.choice(_TEXTS),
        lambda: copied(rng.choice(_VALUES)),
        lambda: copied(other),
        lambda: changed(rng, place.value),
        lambda: of_another_type(rng, place.value),
        lambda: [place.value],
        lambda: place.value[0] if isinstance(place.value, list) and place.value else [place.value, place.value],
        lambda: altered(rng, place.value) if isinstance(place.value, str) else place.value,
    )
    return place.put(rng.choice(makers)())


def _name(rng: Random, document: Document) -> object:
    holder = rng.choice(objects(document))
    if not holder:
        return None
    name, other = rng.choice(list(holder)), rng.choice(objects(document))
    new = rng.choice([*_names(), *other, name + "\n", name.upper(), f" {name}"])
    return inserted(rng, holder, new, holder.pop(name))


def _member(rng: Random, document: Document) -> object:
    holder, other = rng.choice(objects(document)), rng.choice(objects(document))
    name = rng.choice([*_names(), *other])
    value = other.get(name, rng.choice((*_TEXTS, *_VALUES)))
    return inserted(rng, holder, name, copied(value))


def _cut(rng: Random, document: Document) -> object:
    place = rng.choice(places(document))
    return place.holder.pop(place.key)


def _item(rng: Random, document: Document) -> object:
    array = rng.choice(arrays(document))
    pool = [*array, *(place.value for place in places(document) if type(place.value) in (str, dict))]
    array.insert(rng.randrange(len(array) + 1), copied(rng.choice(pool)))
    return None


def _alike(rng: Random, document: Document) -> object:
    """Two objects with one id, or of one type, or both."""
    one, other = rng.choice(objects(document)), rng.choice(objects(document))
    for name in rng.choice((("id",), ("type",), ("id", "type"))):
        if name in other:
            one[name] = copied(other[name])
    return None


def _shuffled(rng: Random, document: Document) -> object:
    rng.shuffle(rng.choice(arrays(document)))
    return None


_CHANGES: tuple[Change, ...] = (_value, _value, _value, _name, _member, _member, _cut, _item, _item, _alike, _shuffled)


@cache
def _names() -> tuple[str, ...]:
    """Every member of the lane, and names that mean something else, or something elsewhere, or nothing."""
    known = {name for document in _originals() for holder in objects(document) for name in holder}
    others = {"@context", "@id", "@type", "@value", "@graph", "@none", "proof", "note", "endorsement", "endorsementJwt"}
    return tuple(sorted(known | others | {"verifiableCredential", "creditsEarned", "holder", "parentOrg", "vc", "id "}))


def whole() -> Document:
    """A badge with every member that the lane knows."""
    alignment = {
        "type": ["Alignment"], "targetName": "Surveys", "targetUrl": "https://esco.example/1", "targetCode": "1",
        "targetDescription": "Asking", "targetFramework": "ESCO", "targetType": "ext:ESCOSkill",
    }  # fmt: skip
    image = {"id": "https://acme.example/logo.png", "type": "Image", "caption": "A yarn ball"}
    entry = {"type": "IdentifierEntry", "identifier": "7", "identifierType": "sourcedId"}
    profile = {
        "id": "https://host.example", "type": "Profile", "name": "Host", "url": "https://host.example", "image": image,
        "phone": "+1", "description": "Yarn", "email": "a@host.example", "official": "Yes", "dateOfBirth": "2001-02-03",
        "address": {"type": "Address", "addressCountry": "Peru", "postalCode": "1"}, "otherIdentifier": [entry],
    }  # fmt: skip
    levels = [
        {"id": f"urn:uuid:level-{n}", "type": ["RubricCriterionLevel"], "name": "Level", "level": str(n), "points": "3",
         "description": "Good", "alignment": [alignment]}
        for n in range(3)
    ]  # fmt: skip
    described = {
        "id": "urn:uuid:result", "type": ["ResultDescription"], "name": "Grade", "resultType": "LetterGrade",
        "requiredLevel": "urn:uuid:level-1", "requiredValue": "B", "valueMin": "A", "valueMax": "F",
        "alignment": alignment, "rubricCriterionLevel": levels,
    }  # fmt: skip
    related = {"id": "https://acme.example/older", "type": ["Related"], "version": "1", "inLanguage": "en-GB"}
    achieved = badges.achievement(
        alignment=[alignment], creator=profile, image=image, related=[related], otherIdentifier=[entry],
        resultDescription=[described, {**described, "id": "urn:uuid:other", "rubricCriterionLevel": []}],
        fieldOfStudy="Yarn", humanCode="Y1", specialization="Labels", version="2", inLanguage="en", tag=["a", "b"],
        achievementType="Fieldwork", criteria={"id": "https://acme.example/criteria", "narrative": "Ask\n\"them\""},
    )  # fmt: skip
    result = {"type": ["Result"], "resultDescription": "urn:uuid:result", "value": "B", "status": "Completed",
              "achievedLevel": "urn:uuid:level-1", "alignment": [alignment]}  # fmt: skip
    identity = {"type": "IdentityObject", "hashed": False, "identityHash": "Maya", "identityType": "name", "salt": "x"}
    subject = {
        "id": "did:web:maya.example", "type": ["AchievementSubject"], "achievement": achieved, "identifier": [identity],
        "result": [result, {**result, "value": "C"}], "source": profile, "image": image, "licenseNumber": "1",
        "narrative": "Asked", "role": "Intern", "term": "Autumn", "activityStartDate": "2026-10-05T00:00:00Z",
        "activityEndDate": "2026-10-09T00:00:00+02:00",
    }  # fmt: skip
    status = {
        "id": "https://acme.example/status#1", "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
        "statusListIndex": "1", "statusListCredential": "https://acme.example/status",
        "statusReference": "https://acme.example/why",
    }  # fmt: skip
    schema = {"id": "https://schemas.example/ob.json", "type": "1EdTechJsonSchemaValidator2019"}
    made = badges.badge(
        credentialSubject=subject, credentialStatus=status, credentialSchema=[schema], image=image,
        validUntil="2036-01-01T00:00:00Z", awardedDate="2026-10-10T00:00:00Z", name="A badge", description="“Good”",
        evidence=[badges.evidence(), badges.evidence("Talk", id="https://acme.example/talk", audience="All")],
    )  # fmt: skip
    return {**made, "@context": [*made["@context"], EXTENSIONS]}


@cache
def _originals() -> tuple[Document, ...]:
    """The badges that the lane lets pass."""
    made = [whole(), compose(completion(), issuance()), *corpus().values()]
    return tuple(document for document in made if lane.fits(document, msgspec.json.encode(document)))


def aimed(rng: Random) -> bytes:
    """A badge of the lane with one to three changes."""
    originals = _originals()
    document = copied(originals[0] if rng.random() < 0.5 else rng.choice(originals))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        rng.choice(_CHANGES)(rng, document)
    text = json.dumps(document, ensure_ascii=rng.random() < 0.1, separators=rng.choice(((",", ":"), (", ", ": "))))
    return text.encode("utf-8", "surrogatepass")


@dataclass
class Lane:
    """How many mutants the lane let pass, what of the others the gate let pass, and every contradiction."""

    passed: int = 0
    read: int = 0
    gate: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def __add__(self, other: Lane) -> Lane:
        return Lane(
            self.passed + other.passed,
            self.read + other.read,
            self.gate + other.gate,
            self.refused + other.refused,
            self.failures + other.failures,
        )


def judge(raw: bytes, found: Lane) -> None:
    """Put one document before the lane, and before gate, shape and data model without it."""
    try:
        document = read(raw)
    except DocumentRefused:
        return
    found.read += 1
    content = Content(document)  # without its text: the lane is not asked
    fits = lane.fits(content.members, raw)
    found.passed += fits
    try:
        require_credential(document, KNOWN_CONTEXTS, content=content)
    except DocumentRefused as refused:
        found.refused[refused.code] += 1
        if fits:
            found.failures.append(f"THE LANE ACCEPTS, THE GATE REFUSES ({refused}): {raw!r}")
        return
    found.gate += 1
    if fits and parts_of(Opened(document, text=raw)):
        found.failures.append(f"THE LANE ACCEPTS A CREDENTIAL INSIDE: {raw!r}")
    if fits and jcs_of_sound(content.members) != jcs(content.members):
        found.failures.append(f"ANOTHER CANONICAL FORM: {raw!r}")


def judged(seed: int, start: int, stop: int) -> Lane:
    found = Lane()
    for number in range(start, stop):
        judge(aimed(Random(f"{seed}:lane:{number}")) if number % 2 else differential.text(seed, number).raw, found)
    return found


class Stretch:
    """The work of one process, as something that can be sent to it."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def __call__(self, start: int, stop: int) -> Lane:
        return judged(self.seed, start, stop)


def run(count: int, seed: int, minutes: float) -> int:
    """Judge ``count`` mutants; return the exit status."""
    say(f"Lane: {provenance(seed)}")
    began, found = time.monotonic(), Lane()

    def progress(done: int, seconds: float) -> str:
        return f"{done:,} of {count:,} mutants, {done / seconds:.0f} per second, {len(found.failures)} failures"

    for part in stretches(Stretch(seed), count, SIZE, minutes, progress):
        found += part
    for failure in found.failures[:SHOWN]:
        say(f"\n{failure}")
    say(f"  refused by the gate: {', '.join(f'{code} {n:,}' for code, n in found.refused.most_common(30))}")
    say(
        f"{found.read:,} mutants that can be read: {len(found.failures)} contradictions; "
        f"the gate accepts {found.gate:,}, the lane {found.passed:,} of them; {time.monotonic() - began:.0f} s"
    )
    return 1 if found.failures or not found.passed else 0
