"""Ninety-eight badges of other people before verifiers that others wrote: each verdict unlike ours is explained.

    python -m pytest tests/interop/test_fixtures_outside.py

prints one line per verifier for the table of docs/interop.md, and the rows that ``differences.DIFFERENCES`` lacks.
Two answers agree when both pass it, both refuse it, or neither could check it. About a badge whose issuer has no DID,
the two JSON verifiers are asked once more with the key that it names in its own proof taken as published, as the
validator of 1EdTech takes it: only so do they reach the signature.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from textwrap import shorten
from typing import Any

import pytest

from refolio.credential import base64url
from refolio.credential.baking import is_image, unbake
from refolio.credential.report import Outcome, VerificationReport
from tests.conftest import REPOSITORY
from tests.credential.test_fixtures import CLOCK, judged
from tests.interop.differences import DIFFERENCES
from tests.interop.test_jose import jose
from tests.interop.test_outside_verifiers import OUTSIDERS, verdicts

KEYS_TAKEN = " + keys named in proofs"
JOSE = "jose (signature)"
CONTEXTS = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
SCHEMAS = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/"
GUIDE = REPOSITORY / "docs" / "interop.md"

Row = tuple[str, str, str]  # verifier, what we say, what it says


@pytest.fixture
def compared(node: str, interop: Path, standards: Path) -> dict[Row, set[str]]:
    return compare(node, interop, standards)


def test_each_difference_is_listed_and_each_listed_one_occurs(compared: dict[Row, set[str]]) -> None:
    found = {(file, *row) for row, files in compared.items() if not agree(row) for file in files}
    listed = {(file, known.verifier, known.ours, known.theirs) for known in DIFFERENCES for file in known.files}
    unlisted, gone = as_rows(found - listed), as_rows(listed - found)
    assert (unlisted, gone) == ("", ""), f"to be listed:\n{unlisted}\n\nno longer so:\n{gone}"


def test_the_guide_explains_what_occurs_and_nothing_else() -> None:
    headings = {line for line in GUIDE.read_text("utf-8").splitlines() if line.startswith("### `")}
    assert headings == {f"### `{key}`" for known in DIFFERENCES for key in known.because}
    assert all(known.because and known.files for known in DIFFERENCES)


def test_the_guide_gives_the_counts(compared: dict[Row, set[str]], capsys: pytest.CaptureFixture[str]) -> None:
    lines = list(counted(compared))
    with capsys.disabled():
        print("", *lines, sep="\n")  # noqa: T201
    text = GUIDE.read_text("utf-8")
    assert [line for line in lines if line not in text] == []


def test_nothing_that_all_others_refuse_passes_here(compared: dict[Row, set[str]]) -> None:
    """Nor does anything that no other verifier could read at all."""
    passed_here, passed_there, seen = set[str](), set[str](), set[str]()
    for (_, ours, theirs), files in compared.items():
        seen |= files
        passed_here |= files if ours.startswith("passed") else set()
        passed_there |= files if theirs == "passed" else set()
    assert passed_here - passed_there == set()
    assert len(seen) == 98


# --- what we say and what they say ------------------------------------------------------------------------------------


@cache
def compare(node: str, interop: Path, standards: Path) -> dict[Row, set[str]]:
    """All answers, ours beside theirs; the names of the fixtures that got them."""
    rows = json.loads((standards / "fixtures/index.json").read_text("utf-8"))["fixtures"]
    raws = {row["file"]: (standards / "fixtures" / row["file"]).read_bytes() for row in rows}
    reports = {file: judged(raw, standards, CLOCK) for file, raw in raws.items()}
    opened = {file: unbake(raw) if is_image(raw) else raw for file, raw in raws.items()}
    credentials = {file: json.loads(raw) for file, raw in opened.items() if not raw.lstrip().startswith(b"eyJ")}
    tokens = {file: raw.decode().strip() for file, raw in opened.items() if file not in credentials}

    found = defaultdict[Row, set[str]](set)
    keys = {file: keys_named_in(credential) for file, credential in credentials.items()}
    for suffix, files in {"": list(credentials), KEYS_TAKEN: [file for file in credentials if keys[file]]}.items():
        given = documents(standards) | (merged(keys.values()) if suffix else {})
        asked = {file: credentials[file] for file in files}
        answers = verdicts(node, interop, asked, given, now=CLOCK.strftime("%Y-%m-%dT%H:%M:%SZ"))
        for file, verifier in product(files, OUTSIDERS):
            ours = said(reports[file], taking_keys=bool(suffix))
            found[verifier + suffix, ours, theirs(answers[file][verifier])].add(file)
    for file, verifier in product(tokens, OUTSIDERS):
        found[verifier, said(reports[file]), "n/a: it reads no JWT"].add(file)
    for file, answer in signatures(node, interop, tokens).items():
        found[JOSE, reports[file].checks[4].result.value, answer].add(file)
    return dict(found)


def said(report: VerificationReport, *, taking_keys: bool = False) -> str:
    """Verdict, and each check and code that led to it; with ``taking_keys`` as if no key had been left unconfirmed."""
    checks = [check for check in report.checks[:7] if not (taking_keys and check.code == "key-not-confirmed")]
    for outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE):
        if codes := [f"{check.number} {check.code}" for check in checks if check.result is outcome]:
            return f"{outcome.value} {', '.join(codes)}"
    return "passed"


def theirs(answer: Mapping[str, Any]) -> str:
    """``passed``, or ``failed`` or ``unchecked`` and the first reason, cut."""
    if answer["pass"]:
        return "passed"
    reason = re.sub(r"^(Error|TypeError|NotFoundError): | \(2026-.*", "", answer["why"][0])
    return f"{'failed' if answer['checked'] else 'unchecked'}: {shorten(reason, 60, placeholder='…')}"


def signatures(node: str, interop: Path, tokens: Mapping[str, str]) -> dict[str, str]:
    """What jose says of the signature of each token, by the key in the token's own header."""
    headers = {file: json.loads(base64url.decode(token.split(".")[0])) for file, token in tokens.items()}
    rows = {
        file: {"token": tokens[file], "jwk": header["jwk"], "alg": header["alg"]}
        for file, header in headers.items()
        if "jwk" in header
    }
    payloads = dict(zip(rows, jose(node, interop, verify=list(rows.values()))["verify"], strict=True))
    return {
        file: "n/a: no key at hand" if file not in rows else "passed" if payloads[file] else "failed: signature"
        for file in tokens
    }


def agree(row: Row) -> bool:
    """Both pass, both refuse, or neither could check; nobody passes what the other refuses or leaves open.

    Where the issuer's key cannot be had, "not verified" is all that another verifier can say of a badge that we refuse
    for what is in it. Once it has the key, it has to find a fault too.
    """
    verifier, ours, theirs = row
    kind = theirs.split(":")[0]
    match ours.split()[0]:
        case "passed":
            return kind in {"passed", "n/a"}
        case "failed":
            return kind in {"failed", "n/a"} or (kind == "unchecked" and not verifier.endswith(KEYS_TAKEN))
        case _:
            return kind in {"unchecked", "n/a"}


# --- what the verifiers are given -------------------------------------------------------------------------------------


def documents(standards: Path) -> dict[str, Any]:
    """DID documents, status lists, contexts and schemas of the collection, by URL."""
    files = dict(json.loads((standards / "documents.json").read_text("utf-8"))["documents"])
    contexts = json.loads((standards / "contexts/index.json").read_text("utf-8"))
    files |= {url: revisions[0]["file"] for url, revisions in contexts.items()}
    files |= {SCHEMAS + path.name: str(path) for path in (standards / "schemas/ob-v3p0").glob("ob_*.json")}
    return {url: json.loads((standards / file).read_bytes()) for url, file in files.items()}


def keys_named_in(credential: Mapping[str, Any]) -> dict[str, Any]:
    """By method: the keys that an issuer without a DID names as a fragment in its own proofs. Nobody published them."""
    proofs = credential.get("proof", [])
    named = (proof["verificationMethod"].partition("#") for proof in (proofs if isinstance(proofs, list) else [proofs]))
    return {
        f"{controller}#{key}": {
            "@context": CONTEXTS[1],
            "id": f"{controller}#{key}",
            "type": "Multikey",
            "controller": controller,
            "publicKeyMultibase": key,
        }
        for controller, _, key in named
        if controller.startswith(("https:", "urn:")) and key.startswith("z6Mk")
    }


def merged(keys: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The keys by method, and the documents of their controllers by controller."""
    methods = {name: method for named in keys for name, method in named.items()}
    controllers = {method["controller"] for method in methods.values()}
    return methods | {
        name: {
            "@context": CONTEXTS,
            "id": name,
            "assertionMethod": [method for method in methods.values() if method["controller"] == name],
        }
        for name in controllers
    }


# --- what a person reads ----------------------------------------------------------------------------------------------


def counted(compared: Mapping[Row, set[str]]) -> Iterator[str]:
    """A line of a Markdown table for each verifier: agreements by kind, differences, and what it cannot read."""
    kinds = ("passed", "failed", "inconclusive", "different", "n/a")
    for verifier in dict.fromkeys(row[0] for row in compared):
        counts = Counter[str]()
        for row, files in compared.items():
            if row[0] == verifier:
                kind = "n/a" if row[2].startswith("n/a") else row[1].split()[0] if agree(row) else "different"
                counts[kind] += len(files)
        yield f"| {verifier} | " + " | ".join(str(counts[kind]) for kind in kinds) + " |"


def as_rows(rows: Iterable[tuple[str, str, str, str]]) -> str:
    """As they stand in differences.py, but for the reason; ruff format folds them."""
    grouped = defaultdict[Row, list[str]](list)
    for file, *row in sorted(rows):
        grouped[row[0], row[1], row[2]].append(file)
    return "\n".join(f"    Difference([], {repr(row)[1:-1]}, {files!r})," for row, files in sorted(grouped.items()))
