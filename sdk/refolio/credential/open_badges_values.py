"""The kinds of values in Open Badges 3.0 that are not objects: for each a function that says what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from string import ascii_letters
from typing import Final, NamedTuple, TypeAlias

from refolio.credential import timestamps
from refolio.credential.open_badges_table import ALIASES, CONTEXTS, EXTENSIBLE, VC_2, VOCABULARIES
from refolio.credential.reading import JSON
from refolio.errors import DocumentRefused


class Wrong(NamedTuple):
    """Why a value will not do: the end of a sentence that begins with its name, and what to write instead.

    ``at`` is the place inside the value, as a JSON Pointer.
    """

    reason: str
    fix: str
    at: str = ""


Rule: TypeAlias = "Callable[[JSON], Wrong | None]"
NOT_TEXT = Wrong("must be one text", 'Write one text in quotes: "…".')


def text(value: JSON) -> Wrong | None:
    return None if type(value) is str else NOT_TEXT


def shown(value: JSON) -> str:
    """A value of the sender's as it may stand in a sentence."""
    return ascii(value[:40]) if type(value) is str else "something else"


def _number(value: JSON) -> Wrong | None:
    return None if type(value) in (int, float) else Wrong("must be a number", "Write the number without quotes.")


def _boolean(value: JSON) -> Wrong | None:
    return None if type(value) is bool else Wrong("must be true or false", "Write true or false without quotes.")


_usual_time = re.compile(
    r"[1-9][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
).fullmatch


def _date_time(value: JSON) -> Wrong | None:
    if type(value) is not str:
        return Wrong("must be a date and time, as text", "Write it like 2026-09-18T00:00:00Z.")
    if _usual_time(value):
        return None
    try:
        timestamps.parse(value)
    except DocumentRefused as refused:
        return Wrong(f"must be a date and time: {refused.says.rstrip('.')}", refused.fix)
    return None


def _date(value: JSON) -> Wrong | None:
    if type(value) is str and len(value) == 10 and _date_time(f"{value}T00:00:00Z") is None:
        return None
    return Wrong("must be a calendar date", "Write it like 2026-09-18.")


_language_tag = re.compile(r"[a-z]{2,4}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?").fullmatch


def _language(value: JSON) -> Wrong | None:
    if type(value) is str and _language_tag(value):
        return None
    return Wrong(f"must be a language tag, not {shown(value)}", "Write it like en, en-GB or zh-Hant-TW.")


_compact_jws = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+").fullmatch


def _jws(value: JSON) -> Wrong | None:
    if type(value) is str and _compact_jws(value):
        return None
    return Wrong("must be a compact JWS", "Write the token: three parts in base64url, joined by dots.")


# As the schema has it: anywhere in the text, and without the hyphen.
_extension = re.compile(r"ext:[A-Za-z0-9._|]").search
_LETTERS: Final = frozenset(ascii_letters)


def _vocabulary(name: str) -> Rule:
    words, extensible = frozenset(VOCABULARIES[name].split()), name in EXTENSIBLE
    few = ", ".join(VOCABULARIES[name].split()[:8]) + (", …" if len(words) > 8 else "")

    def rule(value: JSON) -> Wrong | None:
        if type(value) is str:
            if value in words:
                return None
            if extensible and ((value[:4] == "ext:" and value[4:5] in _LETTERS) or _extension(value)):
                return None
        own = ", or a word of your own that begins with ext:" if extensible else ""
        return Wrong(f"must be a word of its list, not {shown(value)}", f"Write one of {few}{own}.")

    return rule


def class_name(class_: str) -> Rule:
    def rule(value: JSON) -> Wrong | None:
        return None if value == class_ else Wrong(f'must be the text "{class_}"', f'Write "type": "{class_}".')

    return rule


def class_names(class_: str) -> Rule:
    known = ALIASES.get(class_, frozenset({class_}))
    wanted = [known]
    usual: list[JSON] = [[name] for name in known]
    if class_.endswith("Credential"):
        wanted = [frozenset({"VerifiableCredential"}), known]
        usual = [["VerifiableCredential", name] for name in known]

    def rule(value: JSON) -> Wrong | None:
        if value in usual:
            return None
        words = value if type(value) is list else [value]
        texts = [word for word in words if type(word) is str]
        if len(texts) < len(words):
            return Wrong("must be names of classes, as texts", f'Write "type": ["{class_}"].')
        for names in wanted:
            if names.isdisjoint(texts):
                said = " or ".join(sorted(names))
                return Wrong(f"does not say {said}", f"Put {said} into the array type.")
        return None

    return rule


def _context(kind: str) -> Rule:
    usual = [VC_2, *(url for url, _ in CONTEXTS[kind])]
    patterns = [re.escape(VC_2), *(f"https://purl[.]imsglobal[.]org/spec{pattern}" for _, pattern in CONTEXTS[kind])]
    matches = [re.compile(pattern).fullmatch for pattern in patterns]

    def rule(value: JSON) -> Wrong | None:
        if value == usual or type(value) in (str, dict):
            return None
        if type(value) is not list or len(value) < len(usual) or not all(type(item) in (str, dict) for item in value):
            return Wrong(f"must be an array of {len(usual)} contexts or more", f"Begin it with {', '.join(usual)}.")
        for position, match in enumerate(matches):
            item = value[position]
            if not (type(item) is str and match(item)):
                return Wrong(f"does not have {usual[position]} as number {position + 1}", "Use the contexts in order.")
        return None

    return rule


KINDS: Final[Mapping[str, Rule]] = {
    "text": text,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "date-time": _date_time,
    "language": _language,
    "jws": _jws,
    **{name: _vocabulary(name) for name in VOCABULARIES},
    **{kind: _context(kind) for kind in CONTEXTS},
}
