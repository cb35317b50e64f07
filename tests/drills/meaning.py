"""Changes to what a document is about: contexts, identifiers, types, issuer, subject, dates, and the whole as a part.

As in ``structure``, every function changes the document that it is given and says whether there was anything to change.
"""

from __future__ import annotations

from random import Random
from typing import Any

from tests.credential.badges import OB, VC, badge, endorsement
from tests.credential.completions import ACME_DID
from tests.drills.corpus import EXTENSIONS
from tests.drills.places import Document, altered, copied, inserted, objects, strings

_UNDEFINED_TYPES = ("DiplomaCredential", "note", "@json", "@vocab", "", "_:b0", "/Relative", "Ob:Badge")
_CONTEXTS: tuple[Any, ...] = (
    "https://www.w3.org/ns/credentials/undefined-terms/v2",
    "https://www.w3.org/2018/credentials/v1",
    "https://w3id.org/security/data-integrity/v2",
    "https://evil.example/context",
    {"@vocab": "https://evil.example/#"},
    {"name": "https://schema.org/alternateName"},
    {"note": "https://evil.example/#note"},
    {"@base": "https://evil.example/"},
    {"@import": VC},
    {},
    None,
    EXTENSIONS,
    VC,
    OB,
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
)


def context_changed(rng: Random, document: Document) -> bool:
    """A context is added, taken out, moved, replaced or spelled otherwise (SEC-017, 018)."""
    listed = document["@context"]
    position, spelled = rng.randrange(len(listed) + 1), rng.randrange(len(listed))
    url = listed[spelled]
    respelled = (
        url.replace("https", "http"),
        url + "/",
        url + "#",
        url + "?",
        url.upper(),
        url.replace("https://", "https://user@"),
        url.replace("/ns/", "/./ns/").replace("/spec/", "/spec/../spec/"),
        url.replace("www.", "").replace("purl.", ""),
        url.replace("https://", "https:/"),
        f" {url}",
        url.replace("v2", "v1").replace("3.0.3", "3.0.1"),
    )
    choice = rng.randrange(6)
    if choice <= 1:
        listed.insert(position, rng.choice(_CONTEXTS))
    elif choice == 2:
        del listed[spelled]
    elif choice == 3:
        listed[spelled] = rng.choice(_CONTEXTS)
    elif choice == 4:
        listed[spelled] = rng.choice(respelled)
    else:
        document["@context"] = rng.choice([listed[::-1], listed * 2, listed[0], {}, None, [listed], [], {"@vocab": VC}])
    return True


def embedded_context(rng: Random, document: Document) -> bool:
    """A context of its own in any object, known or hostile (SEC-019)."""
    inner = [item for item in objects(document) if item is not document]
    holder = rng.choice(inner)
    context = rng.choice([*_CONTEXTS, [VC, OB], [VC], list(_CONTEXTS[:1]), [OB]])
    if holder.get("@context") == context:
        return False
    return inserted(rng, holder, "@context", copied(context))


def identifier_changed(rng: Random, document: Document) -> bool:
    """An id becomes relative, blank, another one that is there, or is given or taken (SEC-023, 036)."""
    holders = objects(document)
    holder = rng.choice(holders)
    known = [item["id"] for item in holders if isinstance(item.get("id"), str)]
    ids: list[Any] = ["/x", "x", "#x", "", "_:b0", "?x", "//evil.example", "urn:x:y", "did:web:evil.example", ACME_DID]
    ids += [*known, *(text + "#" for text in known), *(altered(rng, text) for text in known)]
    if holder.get("id") and rng.random() < 0.2:
        del holder["id"]
        return True
    return inserted(rng, holder, "id", rng.choice(ids))


def type_changed(rng: Random, document: Document) -> bool:
    """A type more, fewer or another one (SEC-025, 074)."""
    typed = [item for item in objects(document) if "type" in item]
    holder = rng.choice(typed)
    listed = holder["type"] if isinstance(holder["type"], list) else [holder["type"]]
    known = [word for item in typed for word in (item["type"] if isinstance(item["type"], list) else [item["type"]])]
    word = rng.choice([*_UNDEFINED_TYPES, *known, "https://evil.example/#Type", "AchievementCredential", "Profile"])
    holder["type"] = rng.choice([[*listed, word], [word, *listed], listed[1:], word, [word], listed + listed])
    return True


def issuer_swapped(rng: Random, document: Document) -> bool:
    """Another issuer, or the same one in a form that may be read as another (SEC-033, 036, 060)."""
    issuer = document["issuer"]
    id_ = issuer["id"] if isinstance(issuer, dict) else issuer
    forms = ["did:web:mallory.example", f"{id_}#", f"{id_}.evil", id_.upper(), f"{id_}/", f"{id_}?", f" {id_}", ""]
    forms += [
        "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
        id_.replace(":acme", ":acme2"),
        f"{id_}\u200b",
    ]
    choices: list[Any] = [*forms, [id_], [id_, "did:web:mallory.example"], {"id": [id_]}, {"id": id_}, id_, None]
    choices += [
        [issuer],
        [issuer, {"id": "did:web:mallory.example"}],
        {"name": "Acme"},
        *({"id": form} for form in forms),
    ]
    if isinstance(issuer, dict):
        choices += [{**issuer, "id": form} for form in forms]
    document["issuer"] = copied(rng.choice(choices))
    return bool(document["issuer"] != issuer)


def subject_changed(rng: Random, document: Document) -> bool:
    """The subject doubled, emptied, without identity, or somebody else's (SEC-066, 067)."""
    subject = document["credentialSubject"]
    bare = {name: value for name, value in subject.items() if name not in ("id", "identifier")}
    other = copied(badge()["credentialSubject"])
    document["credentialSubject"] = rng.choice(
        [
            *([subject, other], [other, subject], [], {}, bare, subject.get("id"), [subject, copied(subject)], other),
            *({**subject, "id": "did:key:z6MkmWoLQHrN6ofuLhA6VvMKFcm4TxMmTHmnK3LbRyCoPFXe"}, [[subject]], None),
        ]
    )
    return bool(document["credentialSubject"] != subject)


def quoted_inside(rng: Random, document: Document) -> bool:
    """The good document stands inside another one that says more (SEC-072, 073)."""
    whole = copied(document)
    outer: Document = rng.choice(
        [
            {"@context": [VC], "type": ["VerifiablePresentation"], "verifiableCredential": [whole]},
            {**badge(name="Forged"), "proof": whole.get("proof"), "endorsement": [whole]},
            {**badge(name="Forged"), "evidence": [whole]},
            {**whole, "name": "Forged", "relatedResource": [whole]},
            {**badge(), "credentialSubject": whole},
            {"vc": whole, **{name: value for name, value in whole.items() if name != "credentialSubject"}},
            {"@graph": [whole], "@context": whole.get("@context")},
            {**whole, "endorsement": [endorsement(proof=whole.get("proof"))]},
        ]
    )
    document.clear()
    document.update(outer)
    return True


def dates_respelled(rng: Random, document: Document) -> bool:
    """A moment spelled otherwise, or in a way that one library reads and another does not (SEC-063)."""
    dated = [
        place for place in strings(document) if len(place.value) > 18 and place.value[10] in "T" and "-" in place.value
    ]
    if not dated:
        return False
    place = rng.choice(dated)
    text = place.value
    day, rest = text[:10], text[10:]
    place.put(
        rng.choice(
            [
                *(text.replace("Z", zone) for zone in ("+00:00", "-00:00", "", ".000Z", "z", " Z")),
                *(f"{day}T24:00:00Z", f"{day}T23:59:60Z", f"{day} {rest[1:]}", f"+0{text}", text.lower(), day),
                *("2026-02-30T00:00:00Z", "2026-W38-5T00:00:00Z", "0000-01-01T00:00:00Z", "99999-01-01T00:00:00Z"),
                *(1_789_000_000, None, [text]),
            ]
        )
    )
    return bool(place.value != text)
