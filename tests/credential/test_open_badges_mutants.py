"""Our rules of Open Badges 3.0 and CLR 2.0 against 1EdTech's own schemas, over thousands of broken credentials.

Wherever the two differ, the difference must be one of those listed here, each with its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from refolio.credential.open_badges_table import CLASSES
from tests.credential.composed import composed
from tests.credential.open_badge_examples import FILES, Document, Mutant, example, mutants, refusal, validator

_DATES = {
    name for facts in CLASSES.values() for kind in ("date", "date-time") for name in facts.members.get(kind, "").split()
}

# What we refuse and the schema accepts.
STRICTER = {
    "class named by a text alone": (
        'The schema looks for the class only in an array: "type": "Nonsense" passes it. In JSON-LD both forms are one.'
    ),
    "language map": (
        "The schema takes {en: text} for a text. No context gives these words a meaning, so the walk refuses them, all "
        "but {} and {id: URL}, which is a link (id is Indonesian to the schema) where people expect a name."
    ),
    "date without a meaning": "The schema calls a date-time any text: its format is a remark, not a rule.",
}
# What the schema refuses and we accept.
LOOSER = {
    "proof": "Check 2 judges proofs, and asks more of them.",
    "type": "Without the type of a badge it is no badge, and other rules refuse it where a badge is wanted.",
    "credentialStatus": "VC Data Model 2.0 §4.10 allows several entries; Open Badges 3.1 will (1EdTech issue 623).",
}


def at(document: Any, path: str) -> Any:
    """What stands at a JSON Pointer, None if nothing does."""
    for step in path.split("/")[1:]:
        if isinstance(document, list):
            document = document[int(step)]
        else:
            document = document.get(step) if isinstance(document, dict) else None
    return document


def difference(mutant: Mutant, path: str | None) -> str:
    """The name of the reason why the schema and we differ over a mutant, "" for none; ``path`` is what we refuse."""
    if path is None:
        if mutant.path == "/type":
            return "type"
        return next((name for name in LOOSER if name != "type" and f"/{name}" in mutant.path), "")
    refused = at(mutant.document, path)
    for place in (path, mutant.path, mutant.path.rpartition("/")[0]):
        changed = at(mutant.document, place)
        if isinstance(changed, dict) and all(len(k) == 2 and isinstance(text, str) for k, text in changed.items()):
            return "language map"
    if path.endswith("/type") and isinstance(refused, str):
        return "class named by a text alone"
    return "date without a meaning" if path.rsplit("/", 1)[-1] in _DATES and isinstance(refused, str) else ""


def compare(standards: Path, class_: str, chosen: Iterator[Mutant]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for mutant in chosen:
        refused = refusal(mutant.document)
        accepted = validator(standards, class_).is_valid(mutant.document)
        counts["refused by both" if refused and not accepted else "accepted by both"] += (refused is None) == accepted
        if refused:  # one thing is wrong, so it is there that we must see it
            places = (f"{mutant.path}/", f"{mutant.path}X/")  # X: under its new name
            assert f"{refused.path}/".startswith(places), (mutant.path, mutant.change, refused)
        if (refused is None) != accepted:
            reason = difference(mutant, refused.path if refused else None)
            assert reason in (STRICTER if refused else LOOSER), (mutant.path, mutant.change, refused)
            counts[reason] += 1
    return counts


@pytest.mark.parametrize("class_", FILES)
def test_an_example_of_everything_is_accepted_by_both(standards: Path, class_: str) -> None:
    assert list(validator(standards, class_).iter_errors(example(class_))) == []
    assert refusal(example(class_)) is None


@pytest.mark.parametrize("class_", FILES)
def test_a_sample_of_broken_credentials_is_judged_as_by_the_schema(standards: Path, class_: str) -> None:
    counts = compare(standards, class_, mutants(example(class_), every=37))
    assert counts["refused by both"] > 20
    assert counts["accepted by both"] > 0


def test_broken_credentials_of_our_own_are_judged_as_by_the_schema(standards: Path) -> None:
    counts = compare(standards, "OpenBadgeCredential", mutants(composed(), every=43))
    assert counts["refused by both"] > 20


@pytest.mark.drill
@pytest.mark.parametrize("class_", FILES)
def test_every_broken_credential_is_judged_as_by_the_schema(standards: Path, class_: str) -> None:
    counts = compare(standards, class_, mutants(example(class_)))
    assert counts.total() > 1_500
    assert {*STRICTER, *LOOSER} <= set(counts)  # every difference that is listed is met


def test_embedded_badges_of_a_clr_satisfy_the_rules_of_badges(standards: Path) -> None:
    """The CLR schema sees a VerifiableCredential and no more; we apply the rules of its own class."""
    clr, badge = example("ClrCredential"), composed()
    clr["credentialSubject"]["verifiableCredential"] = [badge]
    assert refusal(clr) is None
    del badge["credentialSubject"]["achievement"]["criteria"]
    refused = refusal(clr)
    assert refused
    assert refused.path == "/credentialSubject/verifiableCredential/0/credentialSubject/achievement/criteria"
    assert validator(standards, "ClrCredential").is_valid(clr)


def test_single_values_may_stand_where_an_array_may() -> None:
    """As JSON-LD compaction leaves them; the older published schema asks for arrays."""

    def compacted(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: member if name == "@context" else compacted(member) for name, member in value.items()}
        if isinstance(value, list):
            return compacted(value[0]) if len(value) == 1 else [compacted(item) for item in value]
        return value

    for class_ in FILES:
        document: Document = compacted(example(class_))
        assert document != example(class_)
        assert refusal(document) is None
