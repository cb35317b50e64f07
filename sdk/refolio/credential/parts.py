"""The credentials inside a document: endorsements of a badge, credentials of a learner record, what is presented.

Each carries signatures of its own and is judged on its own; none is believed because something around it is
(SEC-069, SEC-072, SEC-073). One level is looked into: a part's own parts are not listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from refolio.credential.opening import JwtRefused, Opened, open_jwt
from refolio.credential.reading import JSON
from refolio.credential.report import Check, Outcome
from refolio.credential.shape import ENVELOPED, is_bare_envelope, strings
from refolio.errors import DocumentRefused

MAX_PARTS = 16

# VC Data Model 2.0 §4.13: a data: URL, the secured credential after the comma. Line breaks in it do not count.
_ENVELOPE = re.compile(r"data:application/vc\+jwt,(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Embedded:
    """A credential in a document: where (JSON Pointer), and itself, or the check that says why it cannot be read."""

    path: str
    found: Opened | Check


def parts_of(opened: Opened) -> list[Embedded]:
    """Return the credentials in ``opened``, in reading order: at most MAX_PARTS, and one that says if more."""
    if not _may_hold_parts(opened):
        return []
    found = list(islice(_inside(dict(opened.document), ""), MAX_PARTS + 1))
    if len(found) > MAX_PARTS:
        says = f"It holds more than {MAX_PARTS} credentials; the others were not looked at."
        found[MAX_PARTS] = Embedded("", Check(0, "too-many-parts", Outcome.INCONCLUSIVE, says))
    return found


def _may_hold_parts(opened: Opened) -> bool:
    """False when the text shows that there is none: no second mention of the type, no member for tokens, no escapes."""
    text = opened.text
    return text.count(b"erifiableCredential") > 1 or b"endorsementJwt" in text or b"\\u" in text


def _inside(value: JSON, path: str) -> Iterator[Embedded]:
    if isinstance(value, dict):
        for name, member in value.items():
            if name in ("proof", "@context"):
                continue
            inner = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
            if name == "endorsementJwt" or (name == "verifiableCredential" and isinstance(member, str)):
                values = member if isinstance(member, list) else [member]
                yield from (_jwt(text, f"{inner}/{n}") for n, text in enumerate(values) if isinstance(text, str))
            elif isinstance(member, dict | list):
                yield from _member(member, inner)
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from _member(item, f"{path}/{n}")


def _member(value: JSON, path: str) -> Iterator[Embedded]:
    types = strings(value.get("type")) if isinstance(value, dict) else ()
    if isinstance(value, dict) and ENVELOPED in types and not is_bare_envelope(value):
        says = "Something is written on the envelope of a credential, where nobody signed it."
        yield Embedded(path, Check(0, "written-on", Outcome.FAILED, says))
    elif isinstance(value, dict) and ENVELOPED in types:
        yield _envelope(value.get("id"), path)
    elif isinstance(value, dict) and "VerifiableCredential" in types:
        yield Embedded(path, Opened(value))
    elif isinstance(value, dict | list):
        yield from _inside(value, path)


def _envelope(id_: JSON, path: str) -> Embedded:
    match = _ENVELOPE.fullmatch(id_) if isinstance(id_, str) else None
    if match is None:
        says = "It is enveloped in a form that cannot be checked here; only application/vc+jwt can."
        return Embedded(path, Check(0, "unsupported-form", Outcome.INCONCLUSIVE, says))
    return _jwt("".join(match[1].split()), path)


def _jwt(text: str, path: str) -> Embedded:
    try:
        opened = open_jwt(text.encode())
        if opened.is_presentation:  # whose own credentials nobody would look at
            says = "A presentation stands where a credential should."
            return Embedded(path, Check(0, "wrong-type", Outcome.FAILED, says))
        return Embedded(path, opened)
    except DocumentRefused as error:
        return Embedded(path, Check(0, error.code, Outcome.FAILED, error.says))
    except JwtRefused as error:
        return Embedded(path, Check(0, error.refused.code, Outcome.FAILED, error.refused.says))
    except UnicodeEncodeError:
        return Embedded(path, Check(0, "base64url", Outcome.FAILED, "It is not the text of a token."))
