"""JSON scalars and value objects as RDF literals in canonical N-Quads form (RDFC-1.0 §5; JSON-LD 1.1 API §8.2.2).

Refusals are DocumentRefused with an empty path; the walk puts the place in front.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from refolio.credential.contexts import SAID_TWICE, ActiveContext
from refolio.credential.reading import JSON, MAX_INTEGER
from refolio.credential.terms import REFUSED_DATATYPES, XSD_STRING
from refolio.errors import DocumentRefused

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_I18N = "https://www.w3.org/ns/i18n#"
_VALUE_KEYWORDS = frozenset({"@value", "@type", "@language", "@direction"})
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")  # BCP 47, as loosely as other processors check it

JSON_DATATYPE: Final = f"^^<{_RDF}JSON>"

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f]")
_CONTROLS = bytes({*range(32), 127} - {10})
_SURROGATE = re.compile("[\ud800-\udfff]")
_NONCHARACTER = re.compile("[\ufffe\uffff]")  # escaped by libraries that follow RDF 1.2, raw in the others


def refuse(code: str, says: str, fix: str = "") -> NoReturn:
    raise DocumentRefused(code, "", says, fix)


def inside(step: str | int, refused: DocumentRefused) -> DocumentRefused:
    """Put one step of a JSON Pointer in front of where it went wrong."""
    refused.path = f"/{str(step).replace('~', '~0').replace('/', '~1')}{refused.path}"
    return refused


def require_distinct(items: list[str]) -> None:
    """Refuse a list with the same item twice.

    RDF keeps it once, so a holder could double it without breaking the signature, and whoever reads the JSON would see
    two where one was signed (SEC-024).
    """
    if len(items) > 1 and len(set(items)) < len(items):
        seen: set[str] = set()
        for position, item in enumerate(items):
            if item in seen:
                raise DocumentRefused("said-twice", f"/{position}", SAID_TWICE)
            seen.add(item)


def quoted(text: str) -> str:
    """Return ``text`` between quotation marks, escaped."""
    if not text.isprintable():
        require_clean(text)
    return f'"{escaped(text)}"'


def escaped(text: str) -> str:
    """Return ``text`` as it stands in a literal. Of the characters RDFC-1.0 escapes only three are not refused."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def are_clean(texts: list[str]) -> bool:
    """Whether require_clean() accepts every text; much faster than asking it."""
    text = "".join(texts)
    try:
        raw = text.encode()
    except UnicodeEncodeError:  # half a character
        return False
    return len(raw.translate(None, _CONTROLS)) == len(raw) and "\ufffe" not in text and "\uffff" not in text


def require_clean(text: str) -> None:
    """Refuse what libraries write differently: control characters other than line feed, and what is no character."""
    if found := _CONTROL.search(text):
        refuse(
            "control-character",
            f"The text holds the control character U+{ord(found[0]):04X}; only line feed is allowed.",
            "Replace tabs by spaces and carriage returns by line feeds.",
        )
    if found := _SURROGATE.search(text):
        refuse(
            "lone-surrogate",
            f"The text holds U+{ord(found[0]):04X}, half of a character.",
            "Write the whole character in UTF-8.",
        )
    if found := _NONCHARACTER.search(text):
        refuse("noncharacter", f"The text holds U+{ord(found[0]):04X}, which stands for no character.", "Remove it.")


def literal(text: str, datatype: str | None) -> str:
    """Return the literal of a text with a datatype IRI; None and xsd:string say the same."""
    if datatype in REFUSED_DATATYPES:
        refuse("malformed-value", f"Values of the datatype {datatype} are not accepted.", "Use a plain text.")
    return quoted(text) if datatype in (None, XSD_STRING) else f"{quoted(text)}^^<{datatype}>"


def number_or_boolean(value: JSON, datatype: str | None) -> str:
    """Return the literal of an integer or boolean; refuse every other value that is not a text, array or object."""
    if value is True or value is False:
        return literal("true" if value else "false", datatype or f"{_XSD}boolean")
    require_scalar(value)
    return literal(str(value), datatype or f"{_XSD}integer")


def require_scalar(value: JSON) -> None:
    """Refuse null, fractions, integers that JavaScript rounds, and what JSON does not have."""
    if value is None:
        refuse("null-member", "null says nothing, so nothing would be signed.", "Leave the member out.")
    if type(value) is float:
        refuse(
            "float",
            "Numbers with a fraction or an exponent are written differently by different libraries.",
            "Write a whole number, or put the number into a string.",
        )
    if type(value) is int and abs(value) > MAX_INTEGER:
        refuse(
            "big-integer", f"The number lies beyond ±{MAX_INTEGER}, where JavaScript rounds.", "Put it into a string."
        )
    if type(value) not in (bool, int, str, list, dict):
        refuse("not-json", f"A Python {type(value).__name__} is not a JSON value.")


def value_object(value: dict[str, JSON], active: ActiveContext) -> str:
    """Return the literal of {"@value": …} with its @language, @direction or @type."""
    if odd := value.keys() - _VALUE_KEYWORDS:
        refuse(
            "malformed-value",
            f"A value object holds “{min(odd)[:60]}” beside @value.",
            "Keep @language and @direction only.",
        )
    content = value["@value"]
    if type(content) is list or type(content) is dict:
        refuse("malformed-value", "@value must be a text, a whole number, true or false.")
    require_scalar(content)
    if "@type" in value:
        datatype = _datatype(value, active)
        return literal(content, datatype) if type(content) is str else number_or_boolean(content, datatype)
    language, direction = _language(value), _direction(value)
    if type(content) is not str:
        if "@language" in value or "@direction" in value:
            refuse("malformed-value", "Only a text has a language or a direction.")
        return number_or_boolean(content, None)
    if direction:
        return f"{quoted(content)}^^<{_I18N}{language}_{direction}>"
    return f"{quoted(content)}@{language}" if language else quoted(content)


def _datatype(value: dict[str, JSON], active: ActiveContext) -> str:
    name = value["@type"]
    if "@language" in value or "@direction" in value:
        refuse("malformed-value", "A text with a datatype has no language and no direction.")
    if type(name) is not str:
        refuse("malformed-type", "The @type of a value object must be one text.")
    datatype = active.expand_vocabulary(name)
    if datatype is None:
        refuse("undefined-type", f"“{name[:60]}” is not a datatype that the contexts define.")
    return datatype


def _language(value: dict[str, JSON]) -> str:
    if "@language" not in value:
        return ""
    language = value["@language"]
    if type(language) is not str or not _LANGUAGE.fullmatch(language):
        refuse("malformed-value", "@language must be a language tag.", "Write it like en or pt-BR (BCP 47).")
    return language.lower()


def _direction(value: dict[str, JSON]) -> str:
    if "@direction" not in value:
        return ""
    direction = value["@direction"]
    if direction not in ("ltr", "rtl"):
        refuse("malformed-value", "@direction must be ltr or rtl.")
    assert isinstance(direction, str)
    return direction
