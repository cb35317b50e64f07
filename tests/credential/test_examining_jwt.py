"""VC-JWTs before the same eight checks as every other credential (SEC-050 to 059 where they change a verdict)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from refolio.credential import base64url, status_list
from refolio.credential.controllers import did_document
from refolio.credential.jwk import EcPrivateKey
from refolio.credential.keys import PrivateKey, did_key
from refolio.credential.method_keys import did_key as jwk_did_key
from refolio.credential.policy import DEFAULT
from refolio.credential.proof import eddsa_jcs_2022, jwt
from refolio.credential.report import Outcome, VerificationReport
from refolio.credential.verification import examine, missing, verify
from tests.credential import tokens
from tests.credential.acme import outcome, sound
from tests.credential.tokens import ACME, HEADER, ISSUER, KID, MALLORY, badge, rsa_key, signed

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
ED25519 = PrivateKey.from_seed(bytes([7]) * 32)


def published(key: dict[str, Any] | None = None, **members: Any) -> dict[str, bytes]:
    """Acme's DID document with a JSON Web Key for tokens beside its Ed25519 key."""
    document: dict[str, Any] = did_document(ISSUER, [ED25519.public])
    method = {"id": KID, "type": "JsonWebKey", "controller": ISSUER, "publicKeyJwk": key or ACME.public.jwk}
    document["verificationMethod"].append(method)
    document["assertionMethod"].append(KID)
    return {ISSUER: json.dumps(document | members).encode()}


def judged(token: bytes, found: dict[str, bytes] | None = None, **options: Any) -> VerificationReport:
    return sound(examine(token, published() if found is None else found, **({"policy": DEFAULT, "now": NOW} | options)))


def eddsa(payload: dict[str, Any], kid: str, key: PrivateKey = ED25519) -> bytes:
    header = json.dumps({"alg": "EdDSA", "kid": kid}).encode()
    signing_input = tokens.joined(header, json.dumps(payload).encode(), b"").removesuffix(b".")
    return signing_input + b"." + base64url.encode(key.sign(signing_input)).encode()


@pytest.mark.parametrize("edition", ["ob", "w3c"])
def test_what_we_issue_as_a_jwt_passes(edition: Any) -> None:
    token = jwt.sign(badge(), ACME, kid=KID, edition=edition)
    assert missing(token, {}) == (ISSUER,)
    assert outcome(judged(token)) == ("passed", 6, "no-status")
    assert judged(b"\n" + token + b"\n").checks[2].says == "It is signed with JWT (ES256)."
    assert verify(token, published(), DEFAULT, NOW).facts.title == "Étude de marché 😀"


def test_the_signature_of_a_token_goes_by_the_probe_for_external_proofs() -> None:
    external, embedded = ["ExternalProofProbe"] * 3, ["EmbeddedProofProbe"] * 3
    token = jwt.sign(badge(), ACME, kid=KID)
    for one in (judged(token), judged(token, {}), judged(token[:-8] + b"AAAAAAAA")):
        assert [check.probe for check in one.checks[2:5]] == external
    assert judged(signed(HEADER | {"alg": "none"}, badge())).checks[2].probe == external[0]
    issuer = did_key(ED25519.public)
    unsigned, method = badge(issuer=issuer), f"{issuer}#{ED25519.public.multibase}"
    proof = eddsa_jcs_2022.sign(unsigned, ED25519, verification_method=method, created="2026-09-18T00:00:00Z")
    proven = json.dumps({**unsigned, "proof": proof}).encode()
    assert [check.probe for check in judged(proven).checks[2:5]] == embedded


def test_keys_of_other_kinds_and_places() -> None:
    ours = eddsa(badge(), f"{ISSUER}#{ED25519.public.multibase}")
    assert outcome(judged(ours)) == ("passed", 6, "no-status")
    rsa = tokens.by_joserfc({"alg": "RS256", "kid": KID}, badge(), rsa_key())
    assert outcome(judged(rsa, published(tokens.public(rsa_key()).jwk))) == ("passed", 6, "no-status")
    bare = signed(HEADER | {"kid": "#jwt"}, badge())
    assert outcome(judged(bare)) == ("passed", 6, "no-status")
    for did, token in (
        (did_key(ED25519.public), lambda did, kid: eddsa(badge(issuer=did), kid)),
        (jwk_did_key(ACME.public), lambda did, kid: signed(HEADER | {"kid": kid}, badge(issuer=did))),
    ):
        raw = token(did, f"{did}#{did.removeprefix('did:key:')}")
        assert missing(raw, {}) == ()
        assert outcome(judged(raw, {})) == ("passed", 6, "no-status")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({"alg": "none"}, (2, "algorithm")),
        ({"alg": "HS256"}, (2, "algorithm")),
        ({"alg": "EdDSA"}, (4, "algorithm")),
        ({"crit": ["exp"]}, (2, "header-member")),
        ({"b64": False}, (2, "header-member")),
        ({"jku": "https://mallory.example"}, (2, "header-member")),
        ({"typ": "at+jwt"}, (2, "media-type")),
        ({"typ": "vp+jwt"}, (2, "media-type")),
        ({"kid": f"{ISSUER}#other"}, (3, "method-not-found")),
        ({"kid": "did:web:mallory.example#jwt"}, (3, "stranger")),
        ({"kid": "../../etc/passwd"}, (3, "method-id")),
        ({"jwk": MALLORY.public.jwk}, (4, "another-key")),
    ],
)
def test_sec_050_to_053_headers(header: dict[str, Any], expected: tuple[int, str]) -> None:
    report = judged(signed(HEADER | header, badge()))
    assert outcome(report) == ("failed", *expected)
    assert report.checks[0].result is Outcome.PASSED


def test_sec_052_a_key_in_the_header_proves_no_issuer() -> None:
    header = {"alg": "ES256", "jwk": MALLORY.public.jwk}
    report = judged(signed(header, badge(), MALLORY))
    assert outcome(report) == ("inconclusive", 3, "key-not-confirmed")
    assert report.checks[4].result is Outcome.PASSED
    assert outcome(judged(signed(header, badge(), ACME))) == ("failed", 4, "signature")
    assert outcome(judged(signed({"alg": "ES256"}, badge()))) == ("failed", 3, "no-key-named")


def test_a_changed_word_breaks_the_signature() -> None:
    head, _, signature = signed(HEADER, badge()).split(b".")
    other = base64url.encode(json.dumps(badge(name="More")).encode()).encode()
    assert outcome(judged(b".".join([head, other, signature]))) == ("failed", 4, "signature")


@pytest.mark.parametrize("text", [b"eyJh.eyJh", b"eyJh.!!.c2ln", b"eyJh..", b"eyJhbGciOiJFUzI1NiJ9.e30.c2ln", b"eyJ."])
def test_sec_055_and_058_what_is_no_token(text: bytes) -> None:
    assert outcome(judged(text))[:2] in {("failed", 0), ("failed", 2)}


def test_sec_015_a_word_that_nothing_defines_is_refused_in_a_token_too() -> None:
    """Its signature would cover it, but the same credential with an embedded proof would not carry it."""
    assert outcome(judged(signed(HEADER, badge(salary="1")))) == ("failed", 1, "undefined-term")


def test_sec_056_claims_that_contradict_the_credential() -> None:
    assert outcome(judged(signed(HEADER, badge(iss="did:web:mallory.example")))) == ("failed", 0, "claims-conflict")
    assert outcome(judged(signed(HEADER, {"vc": badge()}))) == ("failed", 0, "claims-conflict")


def test_the_dates_of_the_token_count_too() -> None:
    at = int(NOW.timestamp())
    members = {"typ": "vc+jwt"}
    assert outcome(judged(signed(HEADER | members, badge(exp=at - 1)))) == ("failed", 5, "signature-expired")
    assert outcome(judged(signed(HEADER | members, badge(nbf=at + 61)))) == ("failed", 5, "signed-in-the-future")
    assert judged(signed(HEADER | members, badge(exp=at + 1, nbf=at + 60))).verdict is Outcome.PASSED
    assert outcome(judged(signed(HEADER, badge(validUntil="2026-11-23T11:59:59Z")))) == ("failed", 5, "expired")


def test_sec_059_a_proof_inside_a_token_must_hold_too() -> None:
    proof = eddsa_jcs_2022.sign(
        badge(), ED25519, verification_method=f"{ISSUER}#{ED25519.public.multibase}", created="2026-09-18T00:00:00Z"
    )
    both = signed(HEADER, badge(proof=proof))
    report = judged(both)
    assert outcome(report) == ("passed", 6, "no-status")
    assert report.checks[2].says == "It is signed with JWT (ES256) and eddsa-jcs-2022."
    assert outcome(judged(signed(HEADER, badge(name="More", proof=proof)))) == ("failed", 4, "signature")
    assert outcome(judged(signed(HEADER, badge(proof=[])))) == ("failed", 2, "proof-missing")


def test_sec_032_a_key_that_may_not_issue() -> None:
    found = published(assertionMethod=[], authentication=[KID])
    assert outcome(judged(signed(HEADER, badge()), found)) == ("failed", 3, "not-for-purpose")
    assert outcome(judged(signed(HEADER, badge()), {})) == ("inconclusive", 3, "not-fetched")


def test_a_weak_key_of_another_curve() -> None:
    off_the_curve = ACME.public.jwk | {"y": ACME.public.jwk["x"]}
    assert outcome(judged(signed(HEADER, badge()), published(off_the_curve))) == ("failed", 3, "malformed-key")
    assert EcPrivateKey.from_secret(bytes([1]) * 32).public == ACME.public


def test_words_of_an_unknown_vocabulary_leave_a_token_open() -> None:
    """A token signs the text itself, so everything else can be said of it."""
    odd = badge()
    odd["@context"] = [odd["@context"][0], "https://acme.example/context"]
    report = judged(signed(HEADER, odd))
    assert outcome(report) == ("inconclusive", 1, "unknown-context")
    assert report.checks[4].result is Outcome.PASSED
    assert outcome(judged(signed(HEADER, odd, MALLORY))) == ("failed", 4, "signature")


def test_sec_079_a_list_that_brings_its_own_key_is_not_signed_by_the_same() -> None:
    """Neither has a name for its key, so nothing tells that the two are one."""
    url = "https://acme.example/lists/1"
    issuer = "https://acme.example/issuers/1"
    entry = {
        "id": f"{url}#7",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": url,
    }
    listed = status_list.compose(
        list_id=url,
        issuer=issuer,
        valid_from="2026-11-23T00:00:00Z",
        valid_until="2026-12-03T00:00:00Z",
        bits=status_list.with_bits(status_list.MINIMUM_ENTRIES, [7]),
    )
    credential = signed({"alg": "ES256", "jwk": ACME.public.jwk}, badge(issuer=issuer, credentialStatus=entry))
    forged = signed({"alg": "ES256", "jwk": MALLORY.public.jwk}, listed, MALLORY)
    report = judged(credential, {url: forged})
    assert outcome(report) == ("inconclusive", 3, "key-not-confirmed")
    assert report.checks[6].code == "STATUS_VERIFICATION_ERROR"


def test_sec_230_when_one_algorithm_breaks_credentials_are_signed_anew_with_another() -> None:
    """Ed25519 is broken: Acme withdraws its key and signs the same badge again by ES256; what was on record stays."""
    old = eddsa(badge(), f"{ISSUER}#{ED25519.public.multibase}")
    document: dict[str, Any] = json.loads(published()[ISSUER])
    document["verificationMethod"][0]["revoked"] = "2026-11-20T00:00:00Z"
    document["assertionMethod"] = [KID]
    broken = {ISSUER: json.dumps(document).encode()}
    anew = jwt.sign(badge(), ACME, kid=KID, edition="ob")
    assert outcome(judged(anew, broken)) == ("passed", 6, "no-status")
    assert verify(anew, broken, DEFAULT, NOW).facts == verify(old, published(), DEFAULT, NOW).facts
    assert judged(old, broken).verdict is Outcome.FAILED, "nobody knows when it was signed"
    recorded = {since: judged(old, broken, policy=replace(DEFAULT, recorded_at=since)) for since in (BEFORE, NOW)}
    assert (recorded[BEFORE].verdict, recorded[BEFORE].checks[3].code) == (Outcome.PASSED, "key-revoked-later")
    assert (recorded[NOW].verdict, recorded[NOW].checks[3].code) == (Outcome.FAILED, "key-not-valid-then")
