"""What a name looks like: the marks it must not carry, the alphabets it mixes, the form that like names share.

Two names have the same form when a reader may take one for the other: Unicode Technical Standard 39 §4, without regard
to case, accents, spaces, punctuation, what is invisible, and the legal form: Ltd, GmbH, S.A. (SEC-061).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from confusable_homoglyphs.categories import alias
from confusable_homoglyphs.confusables import confusables_data

from refolio.credential.marking import MARK, looks_marked
from refolio.errors import Fault
from verify.issuers import legal_forms

LONGEST_NAME = 200
LONGEST_FORM = 900  # one character may stand for many
# Symbols that stand in names of companies; any other may draw a tick or a seal beside the name.
_SYMBOLS = frozenset("+=|~^$€£¥©®™°№")
_MARKS = frozenset("√∨⩗ˇ")
# Alphabets that one word of one language is written in.
_TOGETHER = (
    {"HAN", "HIRAGANA", "KATAKANA", "LATIN"},
    {"HAN", "HANGUL", "LATIN"},
    {"HAN", "BOPOMOFO", "LATIN"},
)
_OF_ALL = {"COMMON", "INHERITED", "UNKNOWN"}


def name_fault(name: str) -> Fault | None:
    """What keeps ``name`` from being an issuer's: empty, too long, or something in it that is not a plain sign."""
    if not name.strip() or len(name) > LONGEST_NAME:
        return Fault("name", f"It is empty or longer than {LONGEST_NAME} characters.", "Give the name you go by.")
    if name != " ".join(name.split()):
        return Fault("name", "It begins or ends with a space, or has several together.", "Use single spaces.")
    if looks_marked(name):
        return Fault("name", f"Names that begin like {MARK.strip()} are those of test issuers.", "Leave that out.")
    odd = next((one for one in name if not _is_plain(one)), None)
    if odd is None:
        return None
    what = unicodedata.name(odd, "a character without a name").lower()
    return Fault("name", f"It holds {what} (U+{ord(odd):04X}).", "Use letters, digits and punctuation only.")


def _is_plain(character: str) -> bool:
    category = unicodedata.category(character)
    if category[0] == "S" or character in _MARKS:
        return character in _SYMBOLS
    return category[0] in "LMNP" or character == " "


def mixed_alphabets(name: str) -> list[str]:
    """The alphabets of the first word that is written in several which do not belong together; mostly none."""
    for word in re.split(r"[\W_]+", name):
        alphabets = {alias(one) for one in word} - _OF_ALL
        if len(alphabets) > 1 and not any(alphabets <= together for together in _TOGETHER):
            return sorted(one.capitalize() for one in alphabets)
    return []


def form_of(name: str) -> str:
    """The form of a name. It is for comparing only: what it looks like means nothing."""
    return _form("".join(_without_legal_form(name)) or name)


def form_of_domain(domain: str) -> str:
    """The form of a domain in A-labels."""
    return _form(spelled(domain))


def _form(text: str) -> str:
    looks = _skeleton(_skeleton(text).casefold()).replace("i", "l").replace("ı", "l")
    return (looks or text.casefold())[:LONGEST_FORM]


def _without_legal_form(name: str) -> list[str]:
    """The words of a name, less the legal form at its end and its beginning; at least one stays.

    Compared by what the words look like, so that Ltd with a foreign letter in it is one too.
    """
    bare = unicodedata.normalize("NFKC", name)
    for joined in legal_forms.JOINED:
        bare = bare.replace(joined, " ")
    words = _letters_joined(re.findall(r"[^\W_]+", re.sub(r"(?<=\w)[./'’](?=\w|\W|$)", "", bare)))
    endings, phrases, before, between = _legal_forms()
    while len(words) > 1:
        looks = [_form(word) for word in words[-3:]]
        phrase = next((one for one in phrases if len(one) < len(words) and tuple(looks[-len(one) :]) == one), None)
        if phrase:
            words = words[: -len(phrase)]
        elif looks[-1] in endings:
            words = words[:-1]
            if len(words) > 1 and _form(words[-1]) in between:
                words = words[:-1]
        elif _form(words[0]) in before:
            words = words[1:]
        else:
            break
    return words


def _letters_joined(words: list[str]) -> list[str]:
    """Single letters at the end are one word, as they are without spaces: S. A. and SA."""
    count = next((n for n, word in enumerate(reversed(words)) if len(word) > 1), len(words))
    return words if count < 2 or count == len(words) else [*words[:-count], "".join(words[-count:])]


@cache
def _legal_forms() -> tuple[frozenset[str], tuple[tuple[str, ...], ...], frozenset[str], frozenset[str]]:
    """What the legal forms look like."""
    endings, before, between = (
        frozenset(map(_form, words)) for words in (legal_forms.ENDINGS, legal_forms.BEFORE, legal_forms.BETWEEN)
    )
    phrases = tuple(tuple(map(_form, phrase)) for phrase in legal_forms.PHRASES)
    return endings, phrases, before, between


def spelled(domain: str) -> str:
    """The domain as it was meant to be read: A-labels decoded, for comparing and for pages that flag it."""
    return ".".join(_decoded(label) for label in domain.split("."))


def _decoded(label: str) -> str:
    try:
        return label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label
    except UnicodeError:
        return label


def _skeleton(text: str) -> str:
    drawn = _drawn_alike()
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if unicodedata.category(one)[0] in "LN")
    return "".join(drawn.get(one, one) for one in plain)


@cache
def _drawn_alike() -> dict[str, str]:
    """Each single character that looks like something else → what stands for all that look like it."""
    leaders: dict[str, str] = {}

    def leader(text: str) -> str:
        while leaders.setdefault(text, text) != text:
            text = leaders[text]
        return text

    for one, others in confusables_data.items():
        for other in others:
            first, second = sorted((leader(_bare(one)), leader(_bare(other["c"]))), key=_rank)
            leaders[second] = first
    return {text: leader(text) for text in leaders if len(text) == 1 and leader(text) != text}


def _bare(text: str) -> str:
    return text.replace("\u200e", "")  # the table isolates text that runs from right to left


def _rank(text: str) -> tuple[bool, int, bool, bool, str]:
    """ASCII leads, the longer first (``rn`` for ``m``, which is one character), then letters, then lower case."""
    return not text.isascii(), -len(text), not text.isalpha(), not text.islower(), text
