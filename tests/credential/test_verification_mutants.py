"""Anything changed anywhere in the credential, the key document or the list: never passed, never an exception."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from refolio.credential.canonical import rdfc
from refolio.credential.facts import read_facts
from refolio.credential.policy import DEFAULT
from refolio.credential.report import Outcome
from refolio.credential.shape import unsecured
from refolio.credential.verification import examine, missing
from tests.credential.acme import ACME, JCS, NOW, RDFC, Document, as_bytes, examined, signed, sound, tampered
from tests.credential.completions import ACME_DID, LIST_URL

Path = tuple[str | int, ...]


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where every member and item of a document stands."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in items:
        yield (*path, name)
        yield from paths(member, (*path, name))


def at(document: Any, path: Path) -> Any:
    for name in path:
        document = document[name]
    return document


def put(document: Any, path: Path, value: Any) -> Any:
    """A copy of the document with another value at one place."""
    copied = copy.deepcopy(document)
    at(copied, path[:-1])[path[-1]] = value
    return copied


def cut(document: Any, path: Path) -> Any:
    """A copy of the document without what stands at one place."""
    copied = copy.deepcopy(document)
    del at(copied, path[:-1])[path[-1]]
    return copied


def mutants(document: Document) -> Iterator[tuple[Path, Any]]:
    """Every leaf changed and retyped, everything cut out, every object given one member more (SEC-015)."""
    for path in paths(document):
        value = at(document, path)
        yield path, cut(document, path)
        if isinstance(value, dict):
            yield path, put(document, path, {**value, "note": "x"})
            yield path, put(document, path, {**value, "name": "x", "description": "y"})
        elif isinstance(value, list):
            yield path, put(document, path, [*value, "urn:x:y"])
        else:
            changed = (not value) if isinstance(value, bool) else f"{value}x"
            for other in (changed, 7, None, {"id": "urn:x:y"}, [value, "x"]):
                yield path, put(document, path, other)


_HOST, _CREATOR = ("credentialSubject", "source"), ("credentialSubject", "achievement", "creator")
_SAID_TWICE = {(*place, *said) for place in (_HOST, _CREATOR) for said in (("type",), ("type", 0), ("name",))}
EQUIVALENT: dict[tuple[str, ...], set[Path]] = {
    (RDFC,): _SAID_TWICE,  # the host is the creator too
    (JCS,): set(),
    (RDFC, JCS): {("proof", 0), ("proof", 1)},
}


@pytest.mark.parametrize("suites", [[RDFC], [JCS], [RDFC, JCS]], ids="+".join)
def test_sec_028_every_leaf_changed_cut_or_retyped(suites: list[str]) -> None:
    document = signed(suites=suites)
    facts, statements = read_facts(document), rdfc(unsecured(document))
    tried, passed = 0, []
    for path, mutant in mutants(document):
        report = examined(mutant)
        tried += 1
        if report.verdict is Outcome.PASSED:  # one good proof fewer, or a statement fewer that stands elsewhere too
            assert (read_facts(mutant), rdfc(unsecured(mutant))) == (facts, statements), path
            passed.append(path)
        elif path[0] not in ("@context", "proof"):
            assert report.verdict is Outcome.FAILED, (path, report.says)
    assert tried > 700
    assert set(passed) <= EQUIVALENT[tuple(suites)]


# --- other spellings of the same statements ------------------------------------------------------------------------


def _described(document: Document, path: Path, wrap: Callable[[Any], Any]) -> Any:
    return put(document, path, wrap(at(document, path)))


def respelled(document: Document) -> Iterator[tuple[str, Document]]:
    """Documents with the same RDF statements: what only a proof over RDF lets pass."""
    subject, achievement = ("credentialSubject",), ("credentialSubject", "achievement")
    result, description = (*subject, "result"), (*achievement, "resultDescription")
    yield "value objects", _described(document, (*subject, "role"), lambda text: {"@value": text})
    yield "arrays of one", _described(document, (*subject, "role"), lambda text: [text])
    yield "hours in an array", _described(document, (*result, 1, "value"), lambda text: [text])
    yield (
        "level as a typed value",
        _described(
            document,
            (*result, 3, "achievedLevel"),
            lambda text: {"@value": text, "@type": "https://www.w3.org/2001/XMLSchema#anyURI"},
        ),
    )
    yield (
        "link as a value",
        _described(
            document,
            (*result, 3, "resultDescription"),
            lambda text: [{"@value": text, "@type": "https://www.w3.org/2001/XMLSchema#anyURI"}],
        ),
    )
    yield "genre in an array", _described(document, ("evidence", 2, "genre"), lambda text: [text])
    yield "boolean as text", put(document, (*subject, "identifier", 1, "hashed"), "false")
    yield "achievement in an array", _described(document, achievement, lambda members: [members])
    yield "criteria in an array", _described(document, (*achievement, "criteria"), lambda members: [members])
    yield "tags as values", _described(document, (*achievement, "tag"), lambda tags: [{"@value": tag} for tag in tags])
    yield "results the other way round", _described(document, result, lambda items: items[::-1])
    host = at(document, (*subject, "source"))
    moved = put(document, (*achievement, "creator"), {**at(document, (*achievement, "creator")), "url": host["url"]})
    yield "source as a bare id", put(moved, (*subject, "source"), host["id"])
    yield "source in an array", _described(document, (*subject, "source"), lambda members: [members])
    yield "result type as a value", _described(document, (*description, 1, "resultType"), lambda text: {"@value": text})
    feedback = at(document, ("evidence", 2))
    halves = [{"id": feedback["id"], "genre": "Feedback", "type": ["Evidence"]}, {**feedback}]
    del halves[1]["genre"]
    yield "feedback in two halves", _described(document, ("evidence",), lambda items: [*items[:2], *halves, *items[3:]])


def test_sec_024_another_spelling_of_the_same_statements_hides_nothing() -> None:
    """With the proof over the JSON taken away, the proof over RDF still holds; the page must show the same facts.

    Most of these spellings are none that Open Badges knows, and are refused for that.
    """
    document = signed(suites=[RDFC])
    facts = read_facts(document)
    refused = {"said-twice": set(), "schema": set()}
    accepted = set()
    for name, other in respelled(document):
        report = examined(other)
        if report.decisive.code in refused:
            refused[report.decisive.code].add(name)
            continue
        assert report.verdict is Outcome.PASSED, name
        assert read_facts(other) == facts, name
        accepted.add(name)
    assert refused["said-twice"] == {"feedback in two halves"}
    assert accepted == {"results the other way round"}


def test_sec_024_the_proof_over_the_json_refuses_every_other_spelling() -> None:
    for name, other in respelled(signed()):
        assert examined(other).verdict is Outcome.FAILED, name


@pytest.mark.parametrize(
    "change",
    [
        lambda status: status.update(statusPurpose=["revocation"]),
        lambda status: status.update(statusPurpose={"@value": "revocation"}),
        lambda status: status.update(statusListIndex={"@value": "94567"}),
        lambda status: status.update(statusListCredential={"id": LIST_URL}),
    ],
)
def test_sec_076_another_spelling_of_the_status_does_not_undo_a_withdrawal(change: Any) -> None:
    document = tampered(signed(suites=[RDFC]), lambda content: change(content["credentialStatus"]))
    report = examined(document, {LIST_URL: ACME.status_list(94567)})
    assert report.checks[4].result is Outcome.PASSED
    assert (report.verdict, report.decisive.code) == (Outcome.INCONCLUSIVE, "MALFORMED_VALUE_ERROR")


def test_sec_076_a_status_entry_in_two_halves_does_not_undo_a_withdrawal() -> None:
    def split(content: Document) -> None:
        entry = content["credentialStatus"]
        half = {name: entry.pop(name) for name in ("statusPurpose",)}
        content["credentialStatus"] = [entry, {"id": entry["id"], "type": entry["type"], **half}]

    report = examined(tampered(signed(suites=[RDFC]), split), {LIST_URL: ACME.status_list(94567)})
    assert (report.verdict, report.decisive.code) == (Outcome.FAILED, "said-twice")


# --- hostile bytes -------------------------------------------------------------------------------------------------

BADGE, KEYS, LIST = signed(), ACME.did_document, ACME.status_list()

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([ACME_DID, LIST_URL])
)
names = st.text(max_size=8) | st.sampled_from(sorted({*BADGE, *KEYS, "@value", "@id", "id", "type"}))
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4), max_leaves=8
)


@settings(max_examples=200)
@given(raw=st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
@example(b'{"@context":' * 30)
@example(json.dumps({"a": "\ud800"}).encode())
def test_sec_006_any_bytes_get_a_report(raw: bytes) -> None:
    found = {ACME_DID: raw, LIST_URL: raw}
    assert sound(examine(raw, found, DEFAULT, NOW)).verdict is not Outcome.PASSED
    assert isinstance(missing(raw, found), tuple)


@settings(max_examples=300)
@given(
    st.sampled_from([(n, path) for n, document in enumerate((BADGE, KEYS, LIST)) for path in paths(document)]),
    json_values,
)
def test_sec_006_any_value_at_any_place_gets_a_report(place: tuple[int, Path], value: Any) -> None:
    which, path = place
    documents = [BADGE, KEYS, LIST]
    documents[which] = put(documents[which], path, value)
    badge, keys, listed = map(escaped, documents)
    found = {ACME_DID: keys, LIST_URL: listed}
    missing(badge, found)
    report = sound(examine(badge, found, DEFAULT, NOW))
    if which == 0 and report.verdict is Outcome.PASSED:
        assert json.loads(badge) == BADGE


def escaped(document: Any) -> bytes:
    """JSON that may hold lone surrogates, as an attacker would escape them."""
    return json.dumps(document).encode()


@settings(max_examples=100)
@given(st.integers(0, 2), st.integers(0, 10_000), st.binary(min_size=0, max_size=3))
def test_sec_006_any_bytes_at_any_place_get_a_report(which: int, position: int, inserted: bytes) -> None:
    raw = [as_bytes(BADGE), as_bytes(KEYS), as_bytes(LIST)]
    place = position % len(raw[which])
    raw[which] = raw[which][:place] + inserted + raw[which][place + 1 :]
    report = sound(examine(raw[0], {ACME_DID: raw[1], LIST_URL: raw[2]}, DEFAULT, NOW))
    if which == 0 and report.verdict is Outcome.PASSED:
        assert json.loads(raw[0]) == BADGE  # white space
