"""Changes to the document itself, whatever secures it: values, members, arrays.

Every function changes the document that it is given and says whether there was anything to change. The numbers are
those of the catalogue of attacks.
"""

from __future__ import annotations

from random import Random

from tests.drills.meaning import type_changed
from tests.drills.places import Document, altered, arrays, changed, copied, inserted, objects, of_another_type, places

# Words that no context defines where they are put, and those that change what a processor does (SEC-013, 015, 016).
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
    return inserted(rng, holder, name, value)


def defined_term(rng: Random, document: Document) -> bool:
    """A word that the contexts define is added where it did not stand."""
    holder = rng.choice(objects(document))
    words = {name for item in objects(document) for name in item} | {"description", "image", "url", "termsOfUse"}
    absent = sorted(words - set(holder))
    if not absent:
        return False
    names = {place.key: place.value for place in places(document) if isinstance(place.key, str)}
    name = rng.choice(absent)
    return inserted(rng, holder, name, rng.choice([copied(names.get(name)), "urn:x:y", "x", ["urn:x:y"]]))


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
        place.put(
            rng.choice([value[0], [value], value + copied(value), {str(n): item for n, item in enumerate(value)}])
        )
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
        [
            *({}, {}, {"@type": rng.choice(types)}, {"@language": rng.choice(["en", "", "EN-us", "x y"])}),
            *(
                {"@direction": rng.choice(["ltr", "rtl", "up"])},
                {"@index": "x"},
                {"id": "urn:x:y"},
                {"@annotation": {}},
            ),
        ]
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
    return bool(names) and inserted(rng, holder, rng.choice(names), None)


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


def restated(rng: Random, document: Document) -> bool:
    """Members move to another mention of the same id: the same in RDF, not to who reads the JSON (SEC-024)."""
    holders = [item for item in objects(document) if isinstance(item.get("id"), str) and len(item) > 1]
    rng.shuffle(holders)
    for holder in holders:
        names = [name for name in holder if name not in ("id", "@context")]
        chosen = rng.sample(names, rng.choice((1, 1, 1, len(names)))) if names else []
        elsewhere = {name: holder.pop(name) for name in chosen}
        mentions = [place for place in places(document) if place.value == holder["id"] and place.holder is not holder]
        if not mentions or not elsewhere:
            holder.update(elsewhere)
            continue
        place = rng.choice(mentions)
        if place.key == "id":
            for name, value in elsewhere.items():
                place.holder.setdefault(name, value)
        else:
            place.put({"id": place.value, **elsewhere})
        return True
    return False


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


def two_at_once(rng: Random, document: Document) -> bool:
    """Two changes, of which the second may hide the first."""
    kinds = (leaf_changed, cut, renamed, undefined_term, swapped, moved, wrapped, value_object, doubled, type_changed)
    one, other = rng.sample(kinds, 2)
    return one(rng, document) and other(rng, document)
