"""The rules of the Open Badges 3.0 and CLR 2.0 data model: members that must be there, and the kinds of their values.

The facts stand in ``refolio.credential.open_badges_table``; here they are turned into functions once, and applied. The
verdict is that of the JSON Schemas that 1EdTech publishes for VC Data Model 2.0, read with the freedom of JSON-LD (one
value where an array may stand), apart from the differences in docs/decisions/0010.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NoReturn

from refolio.credential.open_badges_table import CLASSES, CLASSES_1_1, VC_1, ClassFacts
from refolio.credential.open_badges_values import KINDS, NOT_TEXT, Rule, Wrong, class_name, class_names, shown, text
from refolio.credential.reading import JSON
from refolio.errors import DocumentRefused

CODE: Final = "schema"
# type → the class whose rules a credential of that type must satisfy
_CREDENTIALS: Final = {
    "OpenBadgeCredential": "OpenBadgeCredential",
    "AchievementCredential": "OpenBadgeCredential",
    "EndorsementCredential": "EndorsementCredential",
    "ClrCredential": "ClrCredential",
}


def require_open_badge(document: Mapping[str, JSON]) -> None:
    """Raise DocumentRefused ``schema`` unless ``document`` is well-formed for each of its types that is known here.

    Known are OpenBadgeCredential (also called AchievementCredential), EndorsementCredential and ClrCredential; other
    documents pass. ``path`` is the JSON Pointer of the first offending member, or of the place of a missing one;
    ``says`` names member, class and reason. Of a credential of VC Data Model 1.1 only the achievement and the results
    are looked at; proofs never are. The caller bounds depth and size before, as ``walk`` does.
    """
    classes = _CLASSES_1_1 if _first(document.get("@context")) == VC_1 else _CLASSES
    for name in _credential_classes(document.get("type")):
        try:
            _check(document, classes[name])
        except DocumentRefused as refused:  # its message is made anew, now that the path is whole
            raise DocumentRefused(refused.code, refused.path, refused.says, refused.fix) from None


class _Class:
    """The rules of one class, ready to be applied."""

    __slots__ = ("closed", "members", "name", "required")

    def __init__(self, name: str, facts: ClassFacts) -> None:
        self.name = name
        self.closed = facts.closed
        self.required = tuple(facts.required.split())
        self.members: dict[str, Rule] = {}


def _check(document: Mapping[str, JSON], class_: _Class) -> None:
    """Raise DocumentRefused unless the object satisfies the rules of the class; ``path`` begins at the object.

    A refusal is raised where it is met, with an empty path; each level on the way out puts its step in front.
    """
    name: str | int = ""
    try:
        for name in class_.required:
            if name not in document:
                _refuse(class_, name, Wrong("is missing", f"Add {name}, which every {class_.name} must have."))
        rules = class_.members
        for name, value in document.items():
            rule = rules.get(name)
            if rule is text:  # nearly every member
                if type(value) is not str:
                    _refuse(class_, name, NOT_TEXT)
            elif rule is not None:
                if (wrong := rule(value)) is not None:
                    _refuse(class_, name, wrong)
            elif class_.closed:
                known = ", ".join(sorted(rules))
                _refuse(class_, name, Wrong("is not allowed", f"Take it out; this class has {known} and no others."))
    except DocumentRefused as refused:
        raise _inside(name, refused) from None


def _refuse(class_: _Class, name: str, wrong: Wrong) -> NoReturn:
    member = name if name in class_.members else shown(name)
    raise DocumentRefused(CODE, wrong.at, f"The member {member} of {class_.name} {wrong.reason}.", wrong.fix)


def _inside(step: str | int, refused: DocumentRefused) -> DocumentRefused:
    """Put one step of a JSON Pointer in front of where it went wrong."""
    refused.path = f"/{str(step).replace('~', '~0').replace('/', '~1')}{refused.path}"
    return refused


# --- objects and arrays ----------------------------------------------------------------------------------------------


def _object(class_: _Class) -> Rule:
    wrong = _not_object(class_)

    def rule(value: JSON) -> Wrong | None:
        if type(value) is not dict:
            return wrong
        _check(value, class_)
        return None

    return rule


def _objects(class_: _Class) -> Rule:
    """One object or an array of them: ``_many(_object(class_))`` without a call between for each object."""
    one, wrong = _object(class_), _not_object(class_)

    def rule(value: JSON) -> Wrong | None:
        if type(value) is not list:
            return one(value)
        position = 0
        try:
            for position, item in enumerate(value):
                if type(item) is not dict:
                    return _among(position, wrong)
                _check(item, class_)
        except DocumentRefused as refused:
            raise _inside(position, refused) from None
        return None

    return rule


def _not_object(class_: _Class) -> Wrong:
    return Wrong(f"must be one object of class {class_.name}", "Write the object itself: { … }.")


def _issuer(profile: _Class) -> Rule:
    def rule(value: JSON) -> Wrong | None:
        if type(value) is dict:
            _check(value, profile)
        elif type(value) is not str:
            return Wrong("must be a Profile, or the id of one", 'Write { "id": …, "type": ["Profile"], "name": … }.')
        return None

    return rule


def _credential(classes: Mapping[str, _Class]) -> Rule:
    def rule(value: JSON) -> Wrong | None:
        if type(value) is not dict:
            return Wrong("must be a whole credential", "Write the credential itself: { … }.")
        for name in _credential_classes(value.get("type")) or ["VerifiableCredential"]:
            _check(value, classes[name])
        return None

    return rule


def _many(one: Rule) -> Rule:
    """One value or an array of them."""

    def rule(value: JSON) -> Wrong | None:
        if type(value) is not list:
            return one(value)
        position = 0
        try:
            for position, item in enumerate(value):
                if (wrong := one(item)) is not None:
                    return _among(position, wrong)
        except DocumentRefused as refused:
            raise _inside(position, refused) from None
        return None

    return rule


def _among(position: int, wrong: Wrong) -> Wrong:
    return Wrong(f"has a value that {wrong.reason}", wrong.fix, f"/{position}{wrong.at}")


def _not_empty(many: Rule) -> Rule:
    def rule(value: JSON) -> Wrong | None:
        return Wrong("is empty", "Give at least one value.") if value == [] else many(value)

    return rule


# --- reading the table -----------------------------------------------------------------------------------------------


def _first(context: JSON) -> JSON:
    return context[0] if type(context) is list and context else context


def _credential_classes(types: JSON) -> list[str]:
    """The classes of rules for a credential with these types, each once."""
    words = types if type(types) is list else [types]
    return list(dict.fromkeys(_CREDENTIALS[word] for word in words if type(word) is str and word in _CREDENTIALS))


def _rule(kind: str, class_: str, classes: Mapping[str, _Class]) -> Rule:
    if kind[-1] == "+":
        return _not_empty(_rule(f"{kind[:-1]}*", class_, classes))
    if kind[-1] == "*":
        one = kind[:-1]
        return _objects(classes[one]) if one in classes else _many(_rule(one, class_, classes))
    if kind in classes:
        return _object(classes[kind])
    made: dict[str, Callable[[], Rule]] = {
        "class name": lambda: class_name(class_),
        "class names": lambda: class_names(class_),
        "issuer": lambda: _issuer(classes["Profile"]),
        "credential": lambda: _credential(classes),
    }
    return made[kind]() if kind in made else KINDS[kind]


def _compiled(table: Mapping[str, ClassFacts]) -> dict[str, _Class]:
    """Turn the table into rules. Classes name one another in circles, so all of them exist before any has members."""
    classes = {name: _Class(name, facts) for name, facts in table.items()}
    for name, facts in table.items():
        for kind, members in facts.members.items():
            rule = _rule(kind, name, classes)
            classes[name].members.update(dict.fromkeys(members.split(), rule))
    return classes


_CLASSES: Final = _compiled(CLASSES)
_CLASSES_1_1: Final = _compiled(CLASSES_1_1)
