"""Forged, bent and mislabelled JWTs put before examine() as whole files (catalogue area 1.4)."""

from __future__ import annotations

import base64
import json
import socket
from typing import Any

import pytest
from joserfc.jwk import OctKey

from refolio.credential import base64url
from refolio.credential.policy import DEFAULT
from refolio.credential.proof import jwt
from refolio.credential.report import Outcome, VerificationReport
from refolio.credential.verification import examine, missing
from tests.credential import tokens
from tests.credential.acme import NOW, SAM, as_bytes, outcome, sound
from tests.credential.test_jwt_attacks import PAYLOAD, TOKEN, spare_bits
from tests.credential.tokens import HEADER, ISSUER, KID, MALLORY, Document, badge, by_joserfc, joined, signed

KEYS = as_bytes(
    {
        "id": ISSUER,
        "verificationMethod": [
            {"id": KID, "type": "JsonWebKey", "controller": ISSUER, "publicKeyJwk": tokens.ACME.public.jwk}
        ],
        "assertionMethod": [KID],
    }
)
MALLORYS_KEY = f"{ISSUER}#mallory"


def examined(raw: bytes, **found: bytes) -> VerificationReport:
    return sound(examine(raw, {ISSUER: KEYS} | found, DEFAULT, NOW))


def assert_failed(raw: bytes, about: object = None) -> VerificationReport:
    report = examined(raw)
    assert report.verdict is Outcome.FAILED, (about, report.says)
    assert report.checks[4].result is not Outcome.PASSED, about
    return report


def test_a_token_of_acmes_passes() -> None:
    assert missing(TOKEN, {}) == (ISSUER,)
    for token in (TOKEN, jwt.sign(badge(), tokens.ACME, kid=KID, edition="w3c"), b"\n" + TOKEN + b"\n"):
        assert outcome(examined(token)) == ("passed", 6, "no-status")


ALGORITHMS: list[Any] = ["none", "None", "NONE", "nOnE", "", "HS256", "HS512", "PS256", "ES256K", "es256", " ES256"]


@pytest.mark.parametrize("algorithm", [*ALGORITHMS, ["ES256"], ["none"], None, True, 0, {"name": "ES256"}], ids=str)
def test_sec_050_an_algorithm_that_signs_nothing_or_is_no_name(algorithm: Any) -> None:
    header = {"alg": algorithm, "kid": KID}
    assert_failed(signed(header, badge()))
    assert_failed(joined(json.dumps(header).encode(), PAYLOAD, b""))


def test_sec_050_no_algorithm_and_no_signature() -> None:
    assert_failed(signed({"kid": KID}, badge()))
    for header in ({"alg": "none"}, {"alg": "none", "kid": KID}, HEADER, {}):
        assert_failed(joined(json.dumps(header).encode(), PAYLOAD, b""))
    assert_failed(TOKEN.rpartition(b".")[0] + b".")


@pytest.mark.parametrize("name", ["RS256", "PS512", "ES384", "ES512", "EdDSA", "Ed25519", "HS256"])
def test_sec_051_the_published_key_decides_the_algorithm(name: str) -> None:
    assert_failed(signed({"alg": name, "kid": KID}, badge()))


def test_sec_051_a_mac_keyed_with_what_everybody_can_read() -> None:
    point = base64url.encode(b"\x04" + bytes(64))
    for secret in (json.dumps(tokens.ACME.public.jwk), KID, point, KEYS.decode()):
        token = by_joserfc({"alg": "HS256", "kid": KID}, badge(), OctKey.import_key(secret))
        assert_failed(token)
        _, payload, mac = token.split(b".")
        assert_failed(b".".join([base64url.encode(json.dumps(HEADER).encode()).encode(), payload, mac]))


@pytest.mark.parametrize("signature", [bytes(64), bytes(63), bytes(65), b"\xff" * 64, bytes(32) + b"\1" * 32])
def test_sec_051_signatures_of_nothing(signature: bytes) -> None:
    assert_failed(joined(json.dumps(HEADER).encode(), PAYLOAD, signature))


HEADERS: list[Document] = [
    {"jku": "https://mallory.example/jwks.json"},
    {"x5u": "https://mallory.example/cert.pem"},
    {"x5c": ["MIIB"]},
    {"x5t#S256": "abc"},
    {"jwk": MALLORY.public.jwk},
    {"jwk": "key"},
    {"jwk": {**MALLORY.public.jwk, "d": "AA"}},
    {"kid": [KID]},
    {"kid": {"id": KID}},
    {"kid": "../../../etc/passwd"},
    {"kid": "' OR '1'='1"},
    {"kid": "https://mallory.example/#key"},
    {"kid": "did:key:" + SAM.key.public.multibase + "#" + SAM.key.public.multibase},
    {"kid": f"{ISSUER}.evil#jwt"},
    {"kid": f"{ISSUER}#other"},
    {"kid": f"{ISSUER}#jwt "},
    {"kid": KID.upper()},
    {"kid": "#"},
    {"kid": "#other"},
    {"kid": ""},
]


@pytest.mark.parametrize("member", HEADERS, ids=str)
def test_sec_052_a_header_names_no_key_but_the_issuers(member: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether Mallory signed it or Acme; and nothing that a header names is ever asked for."""

    def no_socket(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", no_socket)
    monkeypatch.setattr(socket, "getaddrinfo", no_socket)
    for key in (MALLORY, tokens.ACME):
        token = signed({**HEADER, **member}, badge(), key)
        assert examined(token).verdict is not Outcome.PASSED
        assert not {name for name in missing(token, {}) if "jwks" in name or "cert" in name}


def test_sec_052_a_key_in_the_header_alone_confirms_nobody() -> None:
    """Signed with it, so nothing was changed since; by whom, nobody knows. Both halves are told."""
    token = signed({"alg": "ES256", "jwk": MALLORY.public.jwk}, badge(), MALLORY)
    report = examined(token)
    assert outcome(report) == ("inconclusive", 3, "key-not-confirmed")
    assert report.says.startswith("Unchanged, but nobody knows by whom")
    assert report.checks[7].result is not Outcome.PASSED
    assert_failed(signed({"alg": "ES256", "jwk": tokens.ACME.public.jwk}, badge(), MALLORY))


@pytest.mark.parametrize(
    "member",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"crit": "b64"},
        {"crit": ["kid"]},
        {"b64": False, "crit": ["b64"]},
        {"b64": False},
        {"b64": True, "crit": ["b64"]},
        {"zip": "DEF"},
        {"enc": "A256GCM"},
        {"unknown": 1},
        {"": ""},
    ],
    ids=str,
)
def test_sec_053_extensions_that_change_what_is_signed(member: Document) -> None:
    assert_failed(signed({**HEADER, **member}, badge()))


DOUBLED: list[tuple[bytes | Document, bytes]] = [
    (b'{"alg":"none","alg":"ES256","kid":"' + KID.encode() + b'"}', PAYLOAD),
    (b'{"alg":"ES256","\\u0061lg":"none","kid":"' + KID.encode() + b'"}', PAYLOAD),
    (b'{"alg":"ES256","kid":"' + MALLORYS_KEY.encode() + b'","kid":"' + KID.encode() + b'"}', PAYLOAD),
    (HEADER, PAYLOAD[:-1] + b',"issuer":"did:web:mallory.example"}'),
    (HEADER, PAYLOAD[:-1] + b',"iss":"a","iss":"' + ISSUER.encode() + b'"}'),
    (HEADER, PAYLOAD[:-1] + b',"issu\\u0065r":"did:web:mallory.example"}'),
    (HEADER, PAYLOAD.replace(b'"name":', b'"name":"Mallory","name":', 1)),
]


@pytest.mark.parametrize(("header", "payload"), DOUBLED, ids=range(len(DOUBLED)))
def test_sec_054_a_name_twice(header: bytes | Document, payload: bytes) -> None:
    assert payload is PAYLOAD or payload != PAYLOAD
    assert_failed(signed(header, payload))


@pytest.mark.parametrize("part", [0, 1, 2])
def test_sec_055_loose_base64url(part: int) -> None:
    parts = TOKEN.split(b".")
    changes = [
        parts[part] + b"=",
        parts[part] + b"==",
        parts[part] + b"\n",
        b" " + parts[part],
        parts[part][:8] + b"\r\n" + parts[part][8:],
        parts[part][:8] + b"+/" + parts[part][8:],
        parts[part][:8] + b"\0" + parts[part][8:],
        parts[part] + b"A" * (5 - len(parts[part]) % 4),
        base64.b64encode(base64.urlsafe_b64decode(parts[part] + b"==")) + b"=",
    ]
    for changed in changes:
        token = b".".join([*parts[:part], changed, *parts[part + 1 :]])
        assert token.strip() == TOKEN or examined(token).verdict is Outcome.FAILED, changed[:20]
    head, payload, signature = parts
    assert_failed(b".".join([head, payload, spare_bits(signature)]))


V1 = {**badge(), "@context": ["https://www.w3.org/2018/credentials/v1"]}
CLAIMS: list[Document] = [
    {"iss": "did:web:mallory.example"},
    {"iss": f"{ISSUER}/"},
    {"iss": [ISSUER]},
    {"iss": {"id": ISSUER}},
    {"jti": "https://portfolio.example/credentials/2"},
    {"jti": 1},
    {"sub": "did:key:z6MkMallory"},
    {"nbf": 1789689601},
    {"exp": 4102444800},
    {"exp": "2031-09-18T00:00:00Z"},
    {"exp": True},
    {"nbf": None},
    {"vc": {}},
    {"vp": {}},
    {"vc": badge()},
    {"vc": V1},
]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: str(claim)[:40])
def test_sec_056_a_claim_that_contradicts_what_it_repeats(claim: Document) -> None:
    assert_failed(signed({**HEADER, "typ": "JWT"}, badge(**claim)))


def test_sec_056_whichever_end_comes_first_counts() -> None:
    """An ``exp`` that ends the signature before the credential does is obeyed, as is an ``nbf`` in the future."""
    typ = {**HEADER, "typ": "vc+jwt"}
    for claim, code in (({"exp": 1789689600}, "signature-expired"), ({"nbf": 4102444800}, "signed-in-the-future")):
        assert outcome(examined(signed(typ, badge(**claim)))) == ("failed", 5, code)
    endless = {name: value for name, value in badge().items() if name != "validUntil"}
    assert outcome(examined(signed(HEADER, {**endless, "exp": 1789689600}))) == ("failed", 5, "signature-expired")
    old = badge(validUntil="2026-10-01T00:00:00Z")
    assert outcome(examined(signed(typ, {**old, "exp": 4102444800}))) == ("failed", 5, "expired")


@pytest.mark.parametrize(
    "media",
    [
        {"typ": "vp+jwt"},
        {"typ": "at+jwt"},
        {"typ": "secevent+jwt"},
        {"typ": "vc+sd-jwt"},
        {"typ": "session+jwt"},
        {"typ": ""},
        {"cty": "vp"},
        {"cty": "json"},
    ],
    ids=str,
)
def test_sec_057_a_token_made_for_something_else(media: Document) -> None:
    assert_failed(signed({**HEADER, **media}, badge()))


@pytest.mark.parametrize(
    "payload",
    [
        {"iss": ISSUER, "sub": "maya", "exp": 1947456000},
        {"iss": ISSUER, "aud": "refolio", "scope": "issue", "iat": 1789689600},
        {"type": "credential.issued", "data": {"id": "https://portfolio.example/credentials/1"}},
        {"iss": ISSUER, "vc": {"type": ["VerifiableCredential"]}},
        {},
    ],
    ids=str,
)
def test_sec_057_a_session_or_a_webhook_of_the_same_key_is_no_credential(payload: Document) -> None:
    for media in ({}, {"typ": "JWT"}, {"typ": "vc+jwt"}):
        assert_failed(signed({**HEADER, **media}, payload))
