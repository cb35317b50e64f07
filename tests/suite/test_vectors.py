"""The inputs of the W3C's suite for VC Data Model 2.0, sent through the profile as the suite sends them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from refolio.credential.keys import PrivateKey, did_key
from refolio.credential.proof import data_integrity, eddsa_rdfc_2022
from refolio.credential.proof.content import Content, rdfc_hashes
from refolio.errors import DocumentRefused, ProofRefused
from tests.suite.conftest import Members, Profile
from verify.suite.inline_contexts import without_inline

HOLDER = PrivateKey.from_seed(bytes([7]) * 32)  # published here, worthless
CHALLENGE, DOMAIN = "uD8Z1vX0a2Yy5cQk3", "w3.example"

# What the suite itself takes either way, or leaves aside, and what we do instead of what it expects.
OTHERWISE = {
    "credential-proof-ok": "it has a proof already, and nothing is signed over a proof (SEC-046)",
}
INJECTED_OR_REFUSED = "-fail-or-inject"


def _inputs(standards: Path, kind: str) -> dict[str, Members]:
    folder = standards / "vectors" / "vc-data-model-2.0"
    of_suite, ours = "did:key:z6MkpJySvETLnxhQG9DzEdmKJtysBDjuuTeDfUj1uNNCUqcj", did_key(HOLDER.public)
    files = sorted([*folder.glob(f"{kind}-*.json"), *folder.glob("names-and-descriptions/*.json")])
    found = {file.stem: json.loads(file.read_text("utf-8").replace(of_suite, ours)) for file in files}
    return {name: one for name, one in found.items() if kind.title() in json.dumps(one.get("type", kind.title()))}


def _with_issuer(credential: Members, did: str) -> Members:
    """The suite fills in the issuer where the input leaves it open, and sets the dates."""
    credential = copy.deepcopy(credential)
    dates = {"PAST DATE": "2025-11-26T00:00:00Z", "FUTURE DATE": "2027-11-26T00:00:00Z"}  # the suite's own stand-ins
    for name in ("validFrom", "validUntil"):
        if name in credential:
            credential[name] = dates.get(credential[name], credential[name])
    issuer = credential.get("issuer", did)
    credential["issuer"] = {"id": did, **issuer} if isinstance(issuer, dict) else issuer
    return credential


def test_every_credential_is_issued_and_verified_or_refused(
    profile: Profile, standards: Path, counted: Callable[[str, int], None]
) -> None:
    did = profile.issuer("rdfc")["id"]
    wrong, number = [], {"ok": 0, "fail": 0}
    for name, sent in _inputs(standards, "credential").items():
        given = profile.issue("rdfc", _with_issuer(sent, did))
        good = "-fail" not in name and name not in OTHERWISE
        number["ok" if good else "fail"] += 1
        if given.status_code != (201 if good else 400):
            wrong.append((name, given.status_code, given.text[:300]))
        elif good and not _holds(profile, given.json()["verifiableCredential"]):
            wrong.append((name, "issued, but not verified", ""))
    assert not wrong
    assert number["ok"] >= 35
    assert number["fail"] >= 25
    counted("vc-data-model-2.0, credentials through VCALM", sum(number.values()))


def _holds(profile: Profile, credential: Members) -> bool:
    """Verified; or not valid yet or any more, or with a status of a kind unknown here, and else as it should be."""
    checks = profile.verify(credential, alwaysOk=True).json()["report"]["checks"]
    return {check["result"] for check in checks[:5]} == {"passed"}


def test_every_presentation_is_verified_or_refused(
    profile: Profile, standards: Path, counted: Callable[[str, int], None]
) -> None:
    wrong, number = [], {"ok": 0, "fail": 0}
    for name, sent in _inputs(standards, "presentation").items():
        if "-enveloped-" in name or "self-asserted" in name:
            continue  # envelopes with invented tokens; the suite has no test for the others
        signed = _signed_presentation(sent)
        if signed is None:
            continue  # cannot be signed at all, so nobody can present it
        good = "-fail" not in name
        number["ok" if good else "fail"] += 1
        given = profile.present(signed, challenge=CHALLENGE, domain=DOMAIN)
        if given.status_code != (200 if good else 400):
            wrong.append((name, given.status_code, given.text[:600]))
    assert not wrong
    assert number["ok"] >= 8
    counted("vc-data-model-2.0, presentations through VCALM", sum(number.values()))


def _signed_presentation(presentation: Members) -> Members | None:
    """As the suite signs it: its credentials by a did:key of its own, then itself, for a challenge and a domain."""
    did = did_key(HOLDER.public)
    document = copy.deepcopy(presentation)
    try:
        if isinstance(embedded := document.get("verifiableCredential"), list):
            document["verifiableCredential"] = [
                _signed({**one, "issuer": did}, "assertionMethod")
                if isinstance(one, dict) and "proof" not in one
                else one
                for one in embedded
            ]
        return _signed(document, "authentication", challenge=CHALLENGE, domain=DOMAIN)
    except (DocumentRefused, ProofRefused, KeyError):
        return None


def _signed(document: Members, purpose: str, **asked: str) -> Members:
    method = f"{did_key(HOLDER.public)}#{HOLDER.public.multibase}"
    configuration = data_integrity.configure(
        eddsa_rdfc_2022.CRYPTOSUITE, verification_method=method, created="2026-01-01T00:00:00Z", purpose=purpose
    )
    configuration |= asked
    plain: Any = without_inline(document)
    return {**document, "proof": data_integrity.sign(configuration, rdfc_hashes(configuration, Content(plain)), HOLDER)}


@pytest.mark.parametrize("mechanism", ["rdfc", "jcs", "ed2020", "status"])
def test_what_is_issued_holds_and_what_is_changed_does_not(profile: Profile, mechanism: str) -> None:
    for credential in (_older(profile, mechanism), _newer(profile, mechanism)):
        made = profile.issued(mechanism, credential)
        assert made.items() >= {name: credential[name] for name in ("type", "issuer", "credentialSubject")}.items()
        assert "created" in made["proof"]
        given = profile.verify(made)
        assert (given.status_code, given.json()["verified"]) == (200, True), given.text
        made["credentialSubject"]["id"] += "x"
        given = profile.verify(made)
        assert (given.status_code, given.json()["verified"]) == (400, False)


def test_a_token_in_its_envelope(profile: Profile) -> None:
    made = profile.issued("jwt", _newer(profile, "jwt"))
    assert made["type"] == "EnvelopedVerifiableCredential"
    assert profile.verify(made).json()["verified"] is True
    head, _, signature = made["id"].rpartition(".")
    made["id"] = f"{head}.{signature[::-1]}"
    assert profile.verify(made).status_code == 400


def _newer(profile: Profile, mechanism: str) -> Members:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:5c1c9f1e-0000-4000-8000-000000000001",
        "type": ["VerifiableCredential"],
        "issuer": profile.issuer(mechanism)["id"],
        "credentialSubject": {"id": "did:example:maya"},
    }


def _older(profile: Profile, mechanism: str) -> Members:
    newer = _newer(profile, mechanism)
    return newer | {"@context": ["https://www.w3.org/2018/credentials/v1"], "issuanceDate": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize("version", [_newer, _older])
def test_the_status_issuer_adds_an_entry_of_its_own_list(profile: Profile, version: Any) -> None:
    entries = [profile.issued("status", version(profile, "status"))["credentialStatus"] for _ in range(3)]
    assert {entry["type"] for entry in entries} == {"BitstringStatusListEntry"}
    assert len({entry["statusListIndex"] for entry in entries}) == 3
    listed = profile.http.get(entries[0]["statusListCredential"])
    assert listed.json()["id"] == entries[0]["statusListCredential"]
    assert profile.verify(listed.json()).status_code == 200
