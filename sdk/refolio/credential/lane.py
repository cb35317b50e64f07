"""A lane for badges of the commonest form: gate, shape and data model in one go, in C.

A badge fits when msgspec can convert it to a struct that has a field for each member that may stand there, and refuses
every other. The structs are made from what the gate itself reads: the plans of the pinned contexts say which names and
types mean something at a place and whether a text there is just a literal, the table of Open Badges which kind of value
belongs there. They leave out whatever would need more thought than that: other contexts, members of no class of
the table, credentials inside, numbers, language maps, words out of vocabularies that are IRIs.

So the lane only ever accepts, and nothing that gate, shape and data model would not accept with the same meaning; what
does not fit says nothing against a badge and is looked at there. Drills hold that against mutants of badges.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import GenericAlias
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from refolio.credential.contexts import ActiveContext, active_context
from refolio.credential.open_badges_table import CLASSES, VC_2, VOCABULARIES
from refolio.credential.open_badges_values import KINDS, Rule, Wrong
from refolio.credential.plans import Member, plan_for
from refolio.credential.reading import JSON
from refolio.credential.walk import MAX_NODES
from refolio.errors import DocumentRefused

_OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/"
# The context lists and the types of the badges in the lane, as they stand in a badge.
CONTEXTS: Final = frozenset(
    (VC_2, f"{_OPEN_BADGES}context-3.0.{revision}.json", *more)
    for revision in (1, 2, 3)
    for more in ((), (f"{_OPEN_BADGES}extensions.json",))
)
TYPES: Final = frozenset(("VerifiableCredential", name) for name in ("OpenBadgeCredential", "AchievementCredential"))

# A member takes more than three characters of JSON, an item with its comma at least three.
_MAX_TEXT: Final = 3 * MAX_NODES
# Of classes whose type is for the issuer to choose, the type that nearly all have.
_USUAL_TYPES: Final = {
    "CredentialStatus": "BitstringStatusListEntry",
    "CredentialSchema": "1EdTechJsonSchemaValidator2019",
}
# Of vocabularies that anybody may extend, the words of our own; those of others are not in the lane.
_OWN_WORDS: Final = {
    "resultType": "ext:HoursCompleted ext:HoursBasis ext:AcademicCredit ext:SkillObservation",
    "targetType": "ext:ESCOSkill ext:ESCOOccupation ext:ONETElement ext:ONETOccupation ext:RSD",
}
# The gate lets these be said in several places; an object without a type is not looked at for that.
_REPEATED: Final = frozenset({"Profile", "Image"})

# How an id begins, and the ASCII characters that stand in an IRI for themselves.
_BEGINNINGS: Final = ("https://", "http://", "did:key:", "did:web:", "urn:uuid:")
_IN_AN_IRI: Final = bytes({*range(0x21, 0x7F)} - {*b'"<>\\^`{|}'})
_escape_by_number = re.compile(rb"\\u").search


class _Name:
    """The id of an object. Two such objects of one badge must not have the same, of whatever type they are."""


class _Reference:
    """The id of a thing that may be named more than once."""


class _Checked:
    """A value that a rule of the data model decides about; each kind of value has a subclass."""

    rule: Rule


def fits(members: Mapping[str, JSON], text: bytes) -> bool:
    """Whether ``members``, read from ``text``, are a badge of the commonest form.

    If so, require_credential() accepts them, whatever else the text says. ``text`` is JSON that reading.read() lets
    pass; it may hold more than the members, such as a proof.
    """
    if len(text) > _MAX_TEXT or _may_hold_noncharacters(text):
        return False
    try:
        badge = _badge(tuple(members.get("@context", ())), tuple(members.get("type", ())))  # type: ignore[arg-type]
    except TypeError:
        return False
    names: list[str] = []
    references: list[str] = []

    def decide(kind: type, value: Any) -> object:
        if kind is _Name:
            names.append(value)
        elif kind is _Reference:
            references.append(value)
        elif kind.rule(value) is not None:  # type: ignore[attr-defined]
            raise ValueError
        return _MADE[kind]

    try:
        msgspec.convert(members, badge, dec_hook=decide)
        return _are_different(names) and _are_iris(names + references)
    except (msgspec.ValidationError, TypeError, AttributeError, UnicodeError):  # an id is no text
        return False


def _are_iris(names: list[str]) -> bool:
    """Whether each is an absolute IRI, spelled out. Raises TypeError, AttributeError for what is no text."""
    for name in names:
        if not name.startswith(_BEGINNINGS):
            return False
    return not "".join(names).encode().translate(None, _IN_AN_IRI)


def _are_different(names: list[str]) -> bool:
    return len(set(names)) == len(names)


def _may_hold_noncharacters(text: bytes) -> bool:
    if b"\xef" in text and (b"\xef\xbf\xbe" in text or b"\xef\xbf\xbf" in text):
        return True
    return b"\\" in text and _escape_by_number(text) is not None


# --- making the structs ----------------------------------------------------------------------------------------------

_MADE: Final[dict[type, object]] = {_Name: _Name(), _Reference: _Reference()}


def _badge(contexts: tuple[str, ...], types: tuple[str, ...]) -> Any:
    """The struct of badges with these contexts and types; NoneType, which no badge can be, if there is none."""
    return _made_badge(contexts, types) if contexts in CONTEXTS and types in TYPES else type(None)


@cache
def _made_badge(contexts: tuple[str, ...], types: tuple[str, ...]) -> Any:
    try:
        return _object("OpenBadgeCredential", active_context(contexts), types, ()) or type(None)
    except DocumentRefused:  # the contexts contradict one another
        return type(None)


def _object(class_: str, active: ActiveContext, types: tuple[str, ...], within: tuple[str, ...]) -> Any:
    """The struct of objects of this class and with these types, ``active`` in force on them; None if there is none.

    ``within`` are the classes around it: none stands inside itself here.
    """
    facts, fields = CLASSES[class_], {}
    try:
        plan_for(active, (), types)
    except DocumentRefused:
        return None
    for name, kind in _members(class_, active, types):
        field = _field(class_, name, kind, active, types, (*within, class_))
        if field is not None:
            fields[name] = field
    required = facts.required.split()
    if not fields.keys() >= {*required}:
        return None
    given = [(_attribute(name), fields[name]) for name in required]
    perhaps = [(_attribute(name), field | UnsetType, UNSET) for name, field in fields.items() if name not in required]
    return msgspec.defstruct(
        class_, [*given, *perhaps], rename={"context": "@context"}, forbid_unknown_fields=True, gc=False
    )


def _attribute(name: str) -> str:
    return name.removeprefix("@")


def _members(class_: str, active: ActiveContext, types: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The names that may stand in an object and the kinds of their values: of the class, and of its usual type."""
    listed = {name for names in CLASSES[class_].members.values() for name in names.split()}
    for kind, names in CLASSES[class_].members.items():
        for name in names.split():
            yield name, kind
    if class_ in _USUAL_TYPES:
        term = active.terms.get(types[0])
        yield from (
            (name, "text") for name in (term.scoped.terms if term and term.scoped else ()) if name not in listed
        )


def _field(
    class_: str, name: str, kind: str, active: ActiveContext, types: tuple[str, ...], within: tuple[str, ...]
) -> Any:
    """The type of the values of a member; None where the lane leaves it out."""
    if name == "@context":
        return GenericAlias(tuple, tuple(Literal[url] for url in active.urls)) if len(within) == 1 else None
    if name == active.type_name:
        return _type(kind, types)
    try:
        plan = plan_for(active, (name,), types)
    except DocumentRefused:
        return None
    if name == plan.active.id_name:
        is_spelled_out = plan.active.prefixes.keys().isdisjoint(start.partition(":")[0] for start in _BEGINNINGS)
        return None if not is_spelled_out else _Reference if class_ in _REPEATED or not types else _Name
    member = plan.members[0]
    return _nested(kind, member, within) if _class_of(kind) in CLASSES else _value(kind, member)


def _type(kind: str, types: tuple[str, ...]) -> Any:
    array = GenericAlias(tuple, tuple(Literal[name] for name in types))
    if kind in ("class name", "text"):
        return Literal[types[0]]
    return array if len(types) > 1 else Literal[types[0]] | array


def _class_of(kind: str) -> str:
    return "Profile" if kind == "issuer" else kind.rstrip("*+")


def _nested(kind: str, member: Member, within: tuple[str, ...]) -> Any:
    class_, term = _class_of(kind), member.term
    if class_ in within or term.reverse or term.type == "@json" or term.container in ("@graph", "@list"):
        return None
    has_types = any("type" in names.split() for names in CLASSES[class_].members.values())
    types = (_USUAL_TYPES.get(class_, class_),) if has_types else ()
    active = member.context_on({"id": "", "name": ""})
    if not has_types and member.context_on({"id": ""}).id_name != active.id_name:
        return None
    made = _object(class_, active, types, within)
    if made is None or kind[-1] != "*" or class_ in _REPEATED or not has_types:
        return made
    return made | GenericAlias(list, made)


def _value(kind: str, member: Member) -> Any:
    """Where a text is simply a literal, the rule of its kind decides; a text that is an IRI must be an absolute one."""
    term = member.term
    if member.opening is None:
        is_iri = term.type == "@id" and term.scoped is None and term.container is None and not term.reverse
        return _Reference if is_iri and kind == "text" else None
    if kind == "text":
        return str
    if kind == "boolean":
        return bool
    if kind in VOCABULARIES:
        words = f"{VOCABULARIES[kind]} {_OWN_WORDS.get(kind, '')}".split()
        return Literal[tuple(words)]
    if kind == "text*":
        return _checked(kind, _different_texts)
    return _checked(kind, KINDS[kind]) if kind in KINDS and kind != "number" else None


@cache
def _checked(kind: str, rule: Rule) -> type[_Checked]:
    made = type(kind, (_Checked,), {"rule": staticmethod(rule)})
    _MADE[made] = made()
    return made


def _different_texts(value: JSON) -> Wrong | None:
    # join() raises TypeError where something is not a text; fits() knows it.
    is_one = type(value) is list and bool("".join(value)) and _are_different(value)  # type: ignore[arg-type]
    return None if is_one else Wrong("is not an array of different texts", "")
