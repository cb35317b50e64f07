"""VC-JWT: every forgery is refused. The numbers are those of the catalogue."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from joserfc.jwk import OctKey

from refolio.credential import base64url
from refolio.credential.proof import jws, jwt
from refolio.credential.reading import MAX_BYTES
from refolio.errors import ProofRefused
from tests.credential.tokens import (
    ACME,
    ED25519,
    HEADER,
    ISSUER,
    KID,
    MALLORY,
    Document,
    badge,
    by_joserfc,
    good,
    joined,
    public,
    refusal,
    signed,
)

TOKEN = jwt.sign(badge(), ACME, kid=KID)

# --- SEC-050, 051: algorithms -----------------------------------------------------------------------------------------

PAYLOAD = json.dumps(badge()).encode()


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", "HS256", "PS256", "ES256K", "RS1", "es256"])
def test_sec_050_unsigned_and_unknown_algorithms(algorithm: str) -> None:
    assert refusal(signed({"alg": algorithm, "kid": KID}, badge())) == "algorithm"


@pytest.mark.parametrize("algorithm", [["ES256"], None, True, 256, {"name": "ES256"}])
def test_sec_050_algorithms_that_are_not_text(algorithm: object) -> None:
    assert refusal(signed({"alg": algorithm, "kid": KID}, badge())) == "header-member"


def test_sec_050_no_algorithm_and_no_signature() -> None:
    assert refusal(signed({"kid": KID}, badge())) == "algorithm"
    for header in ({"alg": "none"}, HEADER):
        assert refusal(joined(json.dumps(header).encode(), PAYLOAD, b"")) == "unsigned"


@pytest.mark.parametrize("name", ["RS256", "ES384", "EdDSA", "Ed25519"])
def test_sec_051_the_key_decides_the_algorithm(name: str) -> None:
    assert refusal(signed({"alg": name, "kid": KID}, badge())) == "algorithm"
    assert refusal(TOKEN, public(ED25519)) == "algorithm"


def test_sec_051_a_mac_keyed_with_the_public_key() -> None:
    secret = OctKey.import_key(json.dumps(ACME.public.jwk))
    token = by_joserfc({"alg": "HS256", "kid": KID}, badge(), secret)
    assert refusal(token) == "algorithm"
    _, payload, mac = token.split(b".")
    assert refusal(b".".join([base64url.encode(json.dumps(HEADER).encode()).encode(), payload, mac])) == "signature"


@pytest.mark.parametrize("signature", [bytes(64), bytes(63), bytes(65), b"\xff" * 64, bytes(32) + b"\1" * 32])
def test_sec_051_signatures_of_nothing(signature: bytes) -> None:
    """Zeros verified in Java once (CVE-2022-21449)."""
    assert refusal(joined(json.dumps(HEADER).encode(), PAYLOAD, signature)) == "signature"


# --- SEC-052, 053, 054: the header ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "member",
    [
        {"jku": "https://mallory.example/jwks.json"},
        {"x5u": "https://mallory.example/cert.pem"},
        {"x5c": ["MIIB"]},
        {"x5t": "abc"},
        {"kid": [KID]},
        {"kid": None},
        {"jwk": "key"},
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": False, "crit": ["b64"]},
        {"b64": False},
        {"b64": True},
        {"zip": "DEF"},
        {"enc": "A256GCM"},
        {"iss": ISSUER},
        {"": ""},
    ],
    ids=str,
)
def test_sec_052_053_header_members_that_are_not_accepted(member: Document) -> None:
    assert refusal(signed({**HEADER, **member}, badge())) == "header-member"


def test_sec_052_a_key_in_the_header_is_never_used() -> None:
    forged = signed({**HEADER, "jwk": MALLORY.public.jwk}, badge(), MALLORY)
    assert refusal(forged) == "another-key"
    good(signed({"alg": "ES256", "jwk": ACME.public.jwk}, badge()))
    private = {**MALLORY.public.jwk, "d": base64url.encode(bytes([2]) * 32)}
    assert refusal(signed({**HEADER, "jwk": private}, badge(), MALLORY)) == "jwk"


@pytest.mark.parametrize("kid", ["../../etc/passwd", "' OR 1=1 --", "http://169.254.169.254/", ""])
def test_sec_052_a_key_name_is_text_and_nothing_more(kid: str) -> None:
    assert good(signed({**HEADER, "kid": kid}, badge())).key_id == kid


@pytest.mark.parametrize(
    "header",
    [b'{"alg":"none","alg":"ES256"}', b'{"alg":"ES256","\\u0061lg":"none"}', b'{"alg":"ES256","kid":"a","kid":"b"}'],
)
def test_sec_054_a_name_twice_in_the_header(header: bytes) -> None:
    assert refusal(signed(header, badge())) == "duplicate-name"


def test_sec_054_a_claim_twice_in_the_payload() -> None:
    assert refusal(signed(HEADER, PAYLOAD[:-1] + b',"id":"https://mallory.example/2"}')) == "duplicate-name"


# --- SEC-055, 058: the form of the token ------------------------------------------------------------------------------


def spare_bits(part: bytes) -> bytes:
    """Another spelling of the same bytes, for a reader that ignores the bits left over at the end."""
    assert len(part) % 4
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = part[:-1] + alphabet[alphabet.index(part[-1:]) + 1 :][:1]
    assert base64.urlsafe_b64decode(other + b"==") == base64.urlsafe_b64decode(part + b"==")
    return other


@pytest.mark.parametrize("part", [0, 1, 2])
@pytest.mark.parametrize(
    "change",
    [
        lambda part: part + b"=",
        lambda part: part + b"==",
        lambda part: part + b"\n",
        lambda part: b" " + part,
        lambda part: part[:8] + b"\r\n" + part[8:],
        lambda part: part[:8] + b"+/" + part[8:],
        lambda part: part[:8] + b"\0" + part[8:],
        lambda part: part + b"A" * (5 - len(part) % 4),
        lambda part: "é".encode() + part,
    ],
)
def test_sec_055_loose_base64url(part: int, change: Any) -> None:
    parts = TOKEN.split(b".")
    parts[part] = change(parts[part])
    assert refusal(b".".join(parts)) == "base64url"


def test_sec_055_spare_bits() -> None:
    head, payload, signature = TOKEN.split(b".")
    assert refusal(b".".join([head, payload, spare_bits(signature)])) == "base64url"


@pytest.mark.parametrize(
    "token",
    [
        b"",
        b".",
        TOKEN.rpartition(b".")[0],
        TOKEN + b"." + TOKEN.rpartition(b".")[2],
        TOKEN + b".a.b",
        json.dumps(badge()).encode().replace(b".", b""),
        json.dumps({"payload": "e30", "signatures": [{"protected": "e30", "signature": "AA"}] * 2}).encode(),
        json.dumps({"payload": "e30", "protected": "e30", "signature": "AA"}).encode(),
    ],
    ids=["empty", "dot", "two", "four", "five", "json", "general", "flattened"],
)
def test_sec_058_anything_but_three_parts(token: bytes) -> None:
    assert refusal(token) == "not-compact"


def test_sec_058_too_large() -> None:
    assert refusal(b"a" * (jws.MAX_TOKEN + 1)) == "too-large"
    assert refusal(signed({**HEADER, "kid": "k" * jws.MAX_HEADER}, badge())) == "too-large"
    assert refusal(signed(HEADER, badge(name="x" * MAX_BYTES))) == "too-large"
    good(signed(HEADER, badge(name="x" * (MAX_BYTES - 2000))))


# --- SEC-056, 057: what is said twice, and what it is -----------------------------------------------------------------

_VCDM_1 = {**badge(), "@context": ["https://www.w3.org/2018/credentials/v1"]}


@pytest.mark.parametrize("type_", ["JWT", "vc+jwt"])
@pytest.mark.parametrize(
    "claim",
    [
        {"iss": "did:web:mallory.example"},
        {"iss": ISSUER + "/"},
        {"jti": "https://portfolio.example/credentials/2"},
        {"sub": "did:key:z6MkMallory"},
        {"vc": {}},
        {"vp": {}},
        {"vc": badge()},
        {"vc": _VCDM_1},
    ],
    ids=str,
)
def test_sec_056_claims_that_contradict_the_credential(claim: Document, type_: str) -> None:
    assert refusal(signed({**HEADER, "typ": type_}, badge(**claim))) == "claims-conflict"


@pytest.mark.parametrize("claim", [{"nbf": 1789689601}, {"exp": 1947455999}, {"exp": 4102444800}])
def test_sec_056_times_that_contradict_the_credential(claim: Document) -> None:
    assert refusal(signed(HEADER, badge(**claim))) == "claims-conflict"
    own = good(signed({**HEADER, "typ": "vc+jwt"}, badge(**claim)))  # there they are limits of the signature
    assert own.claims == claim
    assert own.not_before or own.expires


def test_sec_056_a_subject_claim_that_nothing_repeats() -> None:
    several = badge(credentialSubject=[badge()["credentialSubject"]], sub=badge()["credentialSubject"]["id"])
    assert refusal(signed(HEADER, several)) == "claims-conflict"


@pytest.mark.parametrize(
    "payload",
    [
        {"vc": _VCDM_1, "issuer": ISSUER},
        {"vc": _VCDM_1, "vp": {}},
        {"vc": [_VCDM_1]},
        {"vc": badge()},
        {"vc": _VCDM_1, "iss": "did:web:mallory.example"},
    ],
    ids=["beside", "both", "array", "2.0 inside", "another issuer"],
)
def test_sec_056_a_claim_vc_that_is_not_the_whole_payload(payload: Document) -> None:
    assert refusal(signed(HEADER, payload)) == "claims-conflict"


@pytest.mark.parametrize(
    "claim",
    [
        {"exp": "2031-09-18T00:00:00Z"},
        {"exp": True},
        {"exp": 10**14},
        {"nbf": None},
        {"iss": {"id": ISSUER}},
        {"jti": 1},
        {"iat": []},
        {"aud": {}},
        {"cnf": "key"},
    ],
    ids=str,
)
def test_sec_056_claims_of_the_wrong_type(claim: Document) -> None:
    assert refusal(signed({**HEADER, "typ": "vc+jwt"}, badge(**claim))) == "claim"


@pytest.mark.parametrize(
    "media",
    [
        {"typ": "vp+jwt"},
        {"typ": "at+jwt"},
        {"typ": "secevent+jwt"},
        {"typ": "vc+sd-jwt"},
        {"typ": "dc+sd-jwt"},
        {"typ": "JOSE"},
        {"typ": ""},
        {"cty": "JWT"},
        {"cty": "vp"},
        {"cty": "json"},
    ],
    ids=str,
)
def test_sec_057_a_token_that_declares_itself_something_else(media: Document) -> None:
    assert refusal(signed({**HEADER, **media}, badge())) == "media-type"


def test_sec_057_a_session_or_a_presentation_of_the_same_key_is_no_credential() -> None:
    assert refusal(signed({**HEADER, "typ": "JWT"}, {"iss": ISSUER, "sub": "maya", "exp": 1947456000})) == "wrong-type"
    presentation = {"@context": badge()["@context"], "type": ["VerifiablePresentation"], "holder": ISSUER}
    token = jwt.sign_presentation(presentation, ACME, kid=KID)
    assert refusal(token) == "media-type"
    assert jwt.parse_presentation(token).credential == presentation
    with pytest.raises(ProofRefused):
        jwt.parse_presentation(jwt.sign(badge(), ACME, kid=KID, edition="w3c"))


def test_sec_059_an_embedded_proof_stays_in_the_credential() -> None:
    """Both have to hold; the one inside is checked like any other, so it must still be there."""
    assert good(signed(HEADER, badge(proof={"type": "DataIntegrityProof"}))).credential["proof"]
