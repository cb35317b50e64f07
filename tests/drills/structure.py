"""Changes to the document itself, whatever secures it: values, members, contexts, types, arrays, identifiers.

Every function changes the document that it is given and says whether there was anything to change. The numbers are
those of the catalogue of attacks.
"""

from __future__ import annotations

from random import Random
from typing import Any

from tests.credential.badges import OB, VC, badge, endorsement
from tests.credential.completions import ACME_DID
from tests.drills.corpus import EXTENSIONS
from tests.drills.places import Document, altered, arrays, changed, copied, objects, of_another_type, places, strings

# Words that no context defines where they are put, and words that change what a processor does (SEC-013, 015, 016, 025).
_UNDEFINED = ("note", "grade", "nmae", "Name", "ext:note", "x", "", "__proto__", "constructor", "prototype", "toString")
_KEYWORDS = (
    "@foo",
    "@id",
    "@type",
    "@graph",
    "@included",
    "@reverse",
    "@nest",
    "@index",
    "@context",
    "@base",
    "@vocab",
)
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


def leaf_changed(rng: Random, document: Document) -> bool:
    """Any value becomes another one of its type (SEC-007, 028)."""
    place = rng.choice(places(document))
    place.put(changed(rng, place.value))
    return True


def cut(rng: Random, document: Document) -> bool:
    """A member or an item is taken out (SEC-028)."""
    place = rng.choice(places(document))
    del place.holder[place.key]
    return True


def retyped(rng: Random, document: Document) -> bool:
    """A value becomes one of another type, null included (SEC-028)."""
    place = rng.choice(places(document))
    place.put(of_another_type(rng, place.value))
    return True


def renamed(rng: Random, document: Document) -> bool:
    """A member gets another name: a like one, an alias, its IRI, a keyword (SEC-015, 016)."""
    holder = rng.choice([item for item in objects(document) if item])
    name = rng.choice(list(holder))
    others = [altered(rng, name), f"@{name}", f"https://schema.org/{name}", *_KEYWORDS, *_UNDEFINED]
    other = rng.choice([word for word in others if word not in holder])
    members = [(other if key == name else key, value) for key, value in holder.items()]
    holder.clear()
    holder.update(members)
    return True


def undefined_term(rng: Random, document: Document) -> bool:
    """A word that nothing defines is put into an object: RDF would drop it unsigned (SEC-013, 015, 016, 025)."""
    holder = rng.choice(objects(document))
    name = rng.choice([word for word in (*_UNDEFINED, *_KEYWORDS) if word not in holder])
    value = rng.choice(["x", 1, True, ["x"], {"id": "urn:x:y"}, {"name": "x"}, [], {}, [{"@value": "x"}]])
    return _insert(rng, holder, name, value)


def defined_term(rng: Random, document: Document) -> bool:
    """A word that the contexts define is added where it did not stand."""
    holder = rng.choice(objects(document))
    words = {name for item in objects(document) for name in item} | {"description", "image", "url", "termsOfUse"}
    absent = sorted(words - set(holder))
    if not absent:
        return False
    names = {place.key: place.value for place in places(document) if isinstance(place.key, str)}
    name = rng.choice(absent)
    return _insert(rng, holder, name, rng.choice([copied(names.get(name)), "urn:x:y", "x", ["urn:x:y"]]))


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
    return _insert(rng, holder, "@context", copied(context))


def swapped(rng: Random, document: Document) -> bool:
    """Two values change places."""
    one, other = rng.sample(places(document), 2)
    if one.path == other.path[: len(one.path)] or other.path == one.path[: len(other.path)]:
        return False
    mine, yours = one.value, other.value
    one.put(yours)
    other.put(mine)
    return True


def moved(rng: Random, document: Document) -> bool:
    """A member moves into another object, or an item into another array."""
    place = rng.choice(places(document))
    value = place.value
    if isinstance(place.holder, dict):
        holders = [item for item in objects(document) if item is not place.holder and place.key not in item]
        if not holders:
            return False
        target = rng.choice(holders)
        del place.holder[place.key]
        target[place.key] = copied(value)
    else:
        target = rng.choice(arrays(document))
        del place.holder[place.key]
        target.insert(rng.randrange(len(target) + 1), copied(value))
    return True


def wrapped(rng: Random, document: Document) -> bool:
    """A value goes into an array or out of one (SEC-024)."""
    place = rng.choice(places(document))
    value = place.value
    if isinstance(value, list) and value and rng.random() < 0.7:
        place.put(rng.choice([value[0], [value], value * 2, {str(n): item for n, item in enumerate(value)}]))
        return True
    place.put(rng.choice([[value], [[value]], [value, copied(value)], [value, None], [], {"@list": [value]}]))
    return True


def value_object(rng: Random, document: Document) -> bool:
    """A text, number or boolean becomes a value object, plain or with a type, a language or a direction (SEC-024)."""
    scalars = [place for place in places(document) if not isinstance(place.value, dict | list)]
    place = rng.choice(scalars)
    types = ("@json", "@id", "@vocab", "xsd:string", "http://www.w3.org/2001/XMLSchema#string")
    types += ("http://www.w3.org/2001/XMLSchema#dateTime", "http://www.w3.org/2001/XMLSchema#anyURI", "@none")
    extra: Document = rng.choice(
        [{}, {}, {"@type": rng.choice(types)}, {"@language": rng.choice(["en", "", "EN-us", "x y"])}]
        + [{"@direction": rng.choice(["ltr", "rtl", "up"])}, {"@index": "x"}, {"id": "urn:x:y"}, {"@annotation": {}}]
    )
    made = {"@value": place.value, **extra}
    place.put(rng.choice([made, made, [made]]))
    return True


def null_added(rng: Random, document: Document) -> bool:
    """null as a member or as an item: JSON-LD forgets it, JSON does not (SEC-024)."""
    if rng.random() < 0.5 and (listed := arrays(document)):
        target = rng.choice(listed)
        target.insert(rng.randrange(len(target) + 1), None)
        return True
    holder = rng.choice(objects(document))
    names = sorted({name for item in objects(document) for name in item} - set(holder))
    return bool(names) and _insert(rng, holder, rng.choice(names), None)


def doubled(rng: Random, document: Document) -> bool:
    """An item stands twice in its array, whole or in two halves under one id (SEC-024)."""
    filled = [items for items in arrays(document) if items]
    if not filled:
        return False
    items = rng.choice(filled)
    item = copied(rng.choice(items))
    if isinstance(item, dict) and "id" in item and rng.random() < 0.5:
        item = {name: value for name, value in item.items() if name in ("id", "type") or rng.random() < 0.5}
    items.insert(rng.randrange(len(items) + 1), item)
    return True


def reordered(rng: Random, document: Document) -> bool:
    """The items of one array in another order: the same in RDF unless the array is a list (SEC-024)."""
    several = [items for items in arrays(document) if len(items) > 1]
    if not several:
        return False
    items = rng.choice(several)
    before = list(items)
    rng.shuffle(items)
    return items != before


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
    return _insert(rng, holder, "id", rng.choice(ids))


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
        [[subject, other], [other, subject], [], {}, bare, subject.get("id"), [subject, copied(subject)], other, None]
        + [{**subject, "id": "did:key:z6MkmWoLQHrN6ofuLhA6VvMKFcm4TxMmTHmnK3LbRyCoPFXe"}, [[subject]]]
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


def transplanted(rng: Random, document: Document, donor: Document) -> bool:
    """A part of another good badge, in the place of the same part or of any other one."""
    sources = places(copied(donor))
    source = rng.choice(sources)
    same = [place for place in places(document) if place.key == source.key and isinstance(place.key, str)]
    target = rng.choice(same) if same else rng.choice(places(document))
    if target.value == source.value:
        return False
    target.put(source.value)
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
                text.replace("Z", "+00:00"),
                text.lower(),
                day,
                f"{day}T24:00:00Z",
                "2026-02-30T00:00:00Z",
                f"{day} {rest[1:]}",
            ]
            + ["2026-W38-5T00:00:00Z", f"+0{text}", text.replace("Z", ""), text.replace("Z", ".000Z"), None, [text]]
            + [
                text.replace("Z", "-00:00"),
                f"{day}T23:59:60Z",
                "0000-01-01T00:00:00Z",
                "99999-01-01T00:00:00Z",
                1_789_000_000,
            ]
        )
    )
    return bool(place.value != text)


def two_at_once(rng: Random, document: Document) -> bool:
    """Two changes, of which the second may hide the first."""
    kinds = (leaf_changed, cut, renamed, undefined_term, swapped, moved, wrapped, value_object, doubled, type_changed)
    one, other = rng.sample(kinds, 2)
    return one(rng, document) and other(rng, document)


def _insert(rng: Random, holder: Document, name: str, value: Any) -> bool:
    """Put a member at a random place among the others, as its order may matter to a streaming reader."""
    members = [(key, old) for key, old in holder.items() if key != name]
    if holder.get(name) == value and name in holder:
        return False
    members.insert(rng.randrange(len(members) + 1), (name, value))
    holder.clear()
    holder.update(members)
    return True
