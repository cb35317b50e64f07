"""A few hundred mutants of `make drill-mutants`; and proof that the drill finds a verifier that is wrong."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest

from refolio.credential import multibase
from refolio.credential.baking import is_image
from tests.credential.acme import ACME, JCS, MALLORY, RDFC
from tests.credential.oracles import pyld_rdfc
from tests.drills.equivalence import Judge, NotProved
from tests.drills.judging import Tally, judged
from tests.drills.mutants import TRIES, kinds_of, mutant, untouched
from tests.drills.specimens import FORMS, Specimen, specimens, verdict


@pytest.fixture(scope="module")
def judge(standards: Path) -> Judge:
    return Judge(standards)


def test_every_specimen_is_accepted_as_it_is() -> None:
    assert {one.name: verdict(one.raw) for one in specimens() if not verdict(one.raw)[0]} == {}
    assert len({one.name for one in specimens()}) >= 20


def test_six_hundred_mutants(judge: Judge) -> None:
    tally = judged(judge, 1, 0, 600)
    assert tally.failures == []
    assert tally.mutants.keys() == set(FORMS)
    assert tally.good.total() == 60
    assert tally.equivalent.total() > 0


def test_the_same_number_makes_the_same_mutant() -> None:
    numbers = range(0, 4_000, 37)
    assert [mutant(7, n).raw for n in numbers] == [mutant(7, n).raw for n in numbers]
    assert [mutant(7, n).raw for n in numbers] != [mutant(8, n).raw for n in numbers]
    assert all(mutant(7, n).raw != mutant(7, n).original.raw for n in numbers)


@pytest.mark.parametrize("form", FORMS)
def test_every_kind_finds_something_to_change(form: str) -> None:
    rng = Random(1)
    chosen = [one for one in specimens() if one.form == form]
    idle = {
        kind.name
        for kind in kinds_of(chosen[0])
        if not any((one := rng.choice(chosen)).raw != kind.make(rng, one) is not None for _ in range(TRIES))
    }
    assert idle == set()


def test_what_must_pass_is_the_same_json_in_other_bytes() -> None:
    names: Counter[str] = Counter()
    for number in range(400):
        name, original, raw = untouched(3, number)
        names[name] += raw != original.raw
        if not original.is_token and not is_image(raw):
            assert json.loads(raw) == original.document
    assert {name for name, others in names.items() if not others} == {"untouched"}
    assert len(names) == 7


# --- verifiers that are wrong --------------------------------------------------------------------------------------


def test_a_verifier_that_accepts_everything_is_found_out(judge: Judge) -> None:
    tally = judged(judge, 1, 0, 80, lambda raw: (True, ""))
    assert len(tally.accepted) > 70
    assert len(tally.accepted) + tally.equivalent.total() == 80


def test_a_verifier_that_refuses_everything_does_not_win(judge: Judge) -> None:
    tally = judged(judge, 1, 0, 100, lambda raw: (False, "no"))
    assert tally.accepted == []
    assert len(tally.refused_good) == 10


def test_a_verifier_that_raises_is_found_out(judge: Judge) -> None:
    def broken(raw: bytes) -> tuple[bool, str]:
        return bool(json.loads(raw)["proof"]), ""

    tally = judged(judge, 1, 0, 40, broken)
    assert len(tally.exceptions) > 5


def test_a_verifier_without_the_gate_is_found_out(judge: Judge, standards: Path) -> None:
    """SEC-015: signatures checked over what PyLD leaves of a document, as a first verifier might be written."""
    normalise = pyld_rdfc(standards)

    def careless(raw: bytes) -> tuple[bool, str]:
        try:
            document: dict[str, Any] = json.loads(raw)
            proof = dict(document.pop("proof"))
            signature = multibase.decode(proof.pop("proofValue"), length=64)
            configuration = normalise({"@context": document["@context"], **proof})
            hashes = sha256(configuration).digest() + sha256(normalise(document)).digest()
            return ACME.key.public.verify(signature, hashes), ""
        except Exception as fault:
            return False, type(fault).__name__

    tally = judged(judge, 1, 0, 160, careless)
    assert "undefined word added" in " ".join(tally.accepted)


# --- the judge -----------------------------------------------------------------------------------------------------


def one_of(name: str, form: str) -> Specimen:
    return next(one for one in specimens() if (one.name, one.form) == (name, form))


def proved(judge: Judge, original: Specimen, document: Any) -> str:
    try:
        return judge.prove(original, json.dumps(document).encode())
    except NotProved as why:
        return f"not proved: {why}"


def test_the_judge_knows_what_each_format_leaves_open(judge: Judge) -> None:
    tags = ["a", "b"]
    for form, answer in (
        (RDFC, "the same canonical N-Quads"),
        (JCS, "not proved: rfc8785 gives other bytes for the document"),
    ):
        original = one_of("sixty alignments", form)
        document = json.loads(original.raw)
        document["credentialSubject"]["achievement"]["alignment"].reverse()
        assert proved(judge, original, document) == answer
        assert proved(judge, original, {**json.loads(original.raw), "note": tags}).startswith("not proved")
        assert proved(judge, original, {**json.loads(original.raw), "name": "x"}).startswith("not proved")
        assert proved(judge, original, json.loads(original.raw)) == "the same JSON value"


def test_the_judge_asks_for_the_same_proof(judge: Judge) -> None:
    original = one_of("plain", RDFC)
    document = json.loads(original.raw)
    strange = MALLORY.proof({name: value for name, value in document.items() if name != "proof"})
    sound = [document["proof"], strange]
    for proof in (strange, [], {}, {**document["proof"], "proofValue": strange["proofValue"]}):
        assert proved(judge, original, {**document, "proof": proof}).startswith("not proved")
    for spoilt in ({**strange, "created": "2026-09-18T12:30:16Z"}, {**strange, "verificationMethod": ACME.method}, {}):
        assert proved(judge, original, {**document, "proof": [document["proof"], spoilt]}).startswith("not proved")
    assert proved(judge, original, {**document, "proof": sound}).endswith("another's sound proof beside it")
    assert proved(judge, original, {**document, "proof": [document["proof"]]}) == "the same canonical N-Quads"


def test_the_judge_reads_no_name_twice(judge: Judge) -> None:
    original = one_of("plain", JCS)
    with pytest.raises(NotProved, match="twice"):
        judge.prove(original, original.raw.replace(b'"name":', b'"name": "Forged", "name":', 1))


def test_tallies_add_up() -> None:
    one, other = Tally(swept=1, accepted=["a"], slowest=(0.1, 4)), Tally(swept=2, slowest=(0.2, 3))
    assert (one + other).swept == 3
    assert (one + other).slowest == (0.2, 3)
    assert (one + other).failures == ["ACCEPTED: a"]
