"""The kinds of mutants, and how the mutant of a number is made: the same seed and number, the same bytes, everywhere.

Half of all numbers go through a list in which every member of every badge is changed, cut and retyped; the other half
draws a badge and a kind.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random
from typing import NamedTuple

from refolio.credential.baking import bake_png, bake_svg
from tests.credential.drawings import DRAWING
from tests.drills import forged_tokens, meaning, proofs, spellings, structure, tokens
from tests.drills.images import PIXEL
from tests.drills.places import Document, Path, at, changed, copied, of_another_type, places
from tests.drills.specimens import VC_JWT, Specimen, specimens

Change = Callable[[Random, Document], bool]
Transplant = Callable[[Random, Document, Document], bool]
Make = Callable[[Random, Specimen], bytes | None]
TRIES = 20


class Kind(NamedTuple):
    """A way to make a mutant. ``never``: whoever accepts one is wrong, whatever the canonical form says."""

    name: str
    make: Make
    weight: int = 2
    never: bool = False


class Mutant(NamedTuple):
    number: int
    kind: Kind
    original: Specimen
    raw: bytes
    detail: str = ""


def _rewritten(specimen: Specimen, document: Document) -> bytes:
    text = spellings.dumped(document).encode("utf-8", "surrogatepass")
    return tokens.with_payload(specimen.raw, text) if specimen.is_token else text


def _changed(change: Change) -> Make:
    def make(rng: Random, specimen: Specimen) -> bytes | None:
        document = copied(specimen.document)
        return _rewritten(specimen, document) if change(rng, document) else None

    return make


def _mixed(change: Transplant) -> Make:
    def make(rng: Random, specimen: Specimen) -> bytes | None:
        document = copied(specimen.document)
        donor = rng.choice([one for one in specimens() if one.form == specimen.form and one.name != specimen.name])
        return _rewritten(specimen, document) if change(rng, document, donor.document) else None

    return make


def _respelled(respell: Callable[[Random, Document], bytes]) -> Make:
    return lambda rng, specimen: respell(rng, specimen.document)


def _spliced(rng: Random, specimen: Specimen) -> bytes | None:
    donor = rng.choice([one for one in specimens() if one.form == VC_JWT and one.name != specimen.name])
    return tokens.segments(rng, specimen, donor)


_DOCUMENT = [
    Kind("value changed (028, 007)", _changed(structure.leaf_changed), 4),
    Kind("member or item cut (028)", _changed(structure.cut), 3),
    Kind("value of another type (028)", _changed(structure.retyped), 4),
    Kind("member renamed (015, 016)", _changed(structure.renamed), 3),
    Kind("undefined word added (013, 015, 016, 025)", _changed(structure.undefined_term), 5, never=True),
    Kind("defined word added", _changed(structure.defined_term), 3),
    Kind("contexts changed (017, 018)", _changed(meaning.context_changed), 4),
    Kind("context embedded (019)", _changed(meaning.embedded_context), 3),
    Kind("two values swapped", _changed(structure.swapped), 3),
    Kind("member or item moved", _changed(structure.moved), 3),
    Kind("array and scalar (024)", _changed(structure.wrapped), 4),
    Kind("value object (024)", _changed(structure.value_object), 4),
    Kind("null added (024)", _changed(structure.null_added), 2, never=True),
    Kind("item doubled (024)", _changed(structure.doubled), 3),
    Kind("items reordered (024)", _changed(structure.reordered), 3),
    Kind("id changed (023, 036)", _changed(meaning.identifier_changed), 3),
    Kind("type changed (025, 074)", _changed(meaning.type_changed), 3),
    Kind("issuer swapped (033, 036, 060)", _changed(meaning.issuer_swapped), 3),
    Kind("subject changed (066, 067)", _changed(meaning.subject_changed), 2),
    Kind("good one quoted inside (072, 073)", _changed(meaning.quoted_inside), 2, never=True),
    Kind("part of another badge", _mixed(structure.transplanted), 3),
    Kind("said at another mention of the id (024)", _changed(structure.restated), 4),
    Kind("date respelled (063)", _changed(meaning.dates_respelled), 2),
    Kind("two changes at once", _changed(structure.two_at_once), 3),
]
_JSON = [
    Kind("name doubled (001)", _respelled(spellings.name_doubled), 4, never=True),
    Kind("number respelled (002, 003, 026)", _respelled(spellings.number_respelled), 3, never=True),
    Kind("other encoding (005, 006)", _respelled(spellings.encoded), 3),
    Kind("something around it (008, 012)", _respelled(spellings.surrounded), 2),
    Kind("bytes changed", lambda rng, specimen: spellings.bytes_changed(rng, specimen.raw), 6),
]
_PROOF = [
    Kind("proof member changed (028, 038)", _changed(proofs.member_changed), 4),
    Kind("proof purpose (032)", _changed(proofs.purpose), 2, never=True),
    Kind("proof dates (038)", _changed(proofs.moment), 2),
    Kind("verification method (033, 035)", _changed(proofs.method), 3, never=True),
    Kind("cryptosuite or proof type (037)", _changed(proofs.suite), 3),
    Kind("member added to the proof (031, 035, 039)", _changed(proofs.extra_member), 4, never=True),
    Kind("proof stripped or emptied (029)", _changed(proofs.taken_away), 3, never=True),
    Kind("proof set (030)", _mixed(proofs.set_changed), 4),
    Kind("proofValue bytes (040)", _changed(proofs.value), 4, never=True),
    Kind("S + kL (040)", _changed(proofs.malleable), 2, never=True),
    Kind("proofValue spelling (043)", _changed(proofs.spelling), 2),
    Kind("weak key (041)", _changed(proofs.weak_key), 2, never=True),
    Kind("signed by a stranger (033)", _changed(proofs.by_a_stranger), 2, never=True),
    Kind("signed for something else (032, 035)", _changed(proofs.signed_for_something_else), 2, never=True),
]
_TOKEN = [
    Kind("header changed (050 to 053, 057)", tokens.header_changed, 8, never=True),
    Kind("payload respelled (054)", tokens.payload_respelled, 4, never=True),
    Kind("signature changed (050)", tokens.signature_changed, 5, never=True),
    Kind("the other half of ECDSA", tokens.other_half, 1),
    Kind("loose base64url (055)", tokens.loosely_encoded, 6, never=True),
    Kind("parts and serialisations (058)", _spliced, 5),
    Kind("bytes of the token changed", tokens.any_byte, 6),
    Kind("claims in conflict, signed (056)", forged_tokens.claim_conflict, 4, never=True),
    Kind("forbidden header, signed (050 to 053, 057)", forged_tokens.forbidden_header, 4, never=True),
    Kind("alg none (050)", forged_tokens.unsigned, 2, never=True),
    Kind("HMAC with the public key (051)", forged_tokens.keyed_with_the_public_key, 2, never=True),
    Kind("token signed by a stranger (033, 052)", forged_tokens.by_a_stranger, 3, never=True),
    Kind("bad proof inside a good token (059)", forged_tokens.bad_proof_inside, 2, never=True),
    Kind("undefined word or no badge, signed (015, 057)", forged_tokens.hidden_word, 3, never=True),
]
_OF_JSON = (*_DOCUMENT, *_JSON, *_PROOF)
_OF_TOKEN = (*_DOCUMENT, *_TOKEN)


def kinds_of(specimen: Specimen) -> tuple[Kind, ...]:
    return _OF_TOKEN if specimen.is_token else _OF_JSON


def document_kinds() -> tuple[Kind, ...]:
    """The changes that need no signature to be one: for comparing JSON-LD processors."""
    return (*_DOCUMENT, *_JSON)


def _leaf(change: str) -> Kind:
    return Kind(f"every member {change} (028)", lambda *_: None)


_SWEPT = {change: _leaf(change) for change in ("changed", "cut", "retyped")}


@cache
def sweep(seed: int) -> list[tuple[int, Path, str]]:
    """Every member and item of every specimen with each of three changes, in an order that the seed tells."""
    listed = [
        (n, place.path, change)
        for n, specimen in enumerate(specimens())
        for place in places(specimen.document)
        for change in _SWEPT
    ]
    Random(seed).shuffle(listed)
    return listed


def mutant(seed: int, number: int) -> Mutant:
    """The mutant of a number; its bytes are never those of the original."""
    rng = Random(f"{seed}:{number}")
    if number % 2:
        listed = sweep(seed)
        n, path, change = listed[number // 2 % len(listed)]
        original = specimens()[n]
        document = copied(original.document)
        place = at(document, path)
        if change == "cut":
            del place.holder[place.key]
        else:
            place.put((changed if change == "changed" else of_another_type)(rng, place.value))
        return Mutant(number, _SWEPT[change], original, _rewritten(original, document), "/".join(map(str, path)))
    original = rng.choice(specimens())
    kinds = kinds_of(original)
    for _ in range(TRIES):
        (kind,) = rng.choices(kinds, [kind.weight for kind in kinds])
        raw = kind.make(rng, original)
        if raw is not None and raw != original.raw:
            return Mutant(number, kind, original, raw)
    raise AssertionError(f"no mutant {number} of {original.name} in {TRIES} tries")


# --- what must pass ------------------------------------------------------------------------------------------------

_IN_IMAGES: dict[str, Make] = {
    "untouched": lambda _, specimen: specimen.raw,
    "baked into a PNG": lambda _, specimen: bake_png(PIXEL, specimen.raw),
    "baked into an SVG": lambda _, specimen: bake_svg(DRAWING, specimen.raw),
}
_IN_TOKEN: dict[str, Make] = {
    "white space around": lambda rng, specimen: rng.choice((b" ", b"\n\n", b"")) + specimen.raw + b"\r\n",
}
_IN_JSON: dict[str, Make] = {
    "re-spaced": lambda rng, specimen: spellings.spaced(rng, specimen.document),
    "members reordered": lambda rng, specimen: spellings.members_reordered(rng, specimen.document),
    "other escapes": lambda rng, specimen: spellings.escaped(rng, specimen.document),
}


def untouched(seed: int, number: int) -> tuple[str, Specimen, bytes]:
    """A good credential as it is, baked, or in another spelling that its format allows: what has to be accepted."""
    rng = Random(f"{seed}:good:{number}")
    original = specimens()[number % len(specimens())]
    ways = _IN_IMAGES | (_IN_TOKEN if original.is_token else _IN_JSON)
    name = rng.choice(list(ways))
    raw = ways[name](rng, original)
    assert raw is not None
    return name, original, raw
