"""Keys for JWTs as did:key and DID documents spell them: Multikeys and JsonWebKeys, nothing looser."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from refolio.credential import base64url, multibase
from refolio.credential.jwk import CURVES, EcPrivateKey, from_point, public_key_from_jwk
from refolio.credential.keys import PrivateKey
from refolio.credential.method_keys import decode_multikey, did_key, key_of, read_did_key
from refolio.errors import KeyRefused
from tests.credential.tokens import ACME, ED25519, public, rsa_key

Document = dict[str, Any]

EC = ACME.public.jwk
OKP = public(ED25519).jwk


def test_did_keys_of_others(standards: Path, counted: Callable[[str, int], None]) -> None:
    rows = json.loads((standards / "vectors/did-key/vectors.json").read_text())
    seen = set()
    for row in rows:
        if row["key_type"] in ("Ed25519", *CURVES):
            key = read_did_key(row["did"])
            assert did_key(key) == row["did"]
            raw = bytes.fromhex(row["public_key_hex"])
            expected = (
                public_key_from_jwk({"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(raw)})
                if row["key_type"] == "Ed25519"
                else from_point(CURVES[row["key_type"]], raw)
            )
            assert key == expected
            seen.add(row["key_type"])
    assert seen >= {"Ed25519", "P-256", "P-384"}
    counted("did-key", len(rows))


@pytest.mark.parametrize("name", CURVES)
def test_multikeys_of_every_curve(name: str) -> None:
    key = EcPrivateKey.from_secret(bytes([0, 1]) * (CURVES[name].size // 2), name).public
    assert key.multikey
    assert decode_multikey(key.multikey) == key
    assert key.algorithm == CURVES[name].algorithm


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "key-type"),
        ("z", "key-type"),
        ("zDn", "key-type"),
        ("z" + "1" * 300_000, "key-type"),
        (multibase.encode(b"\xe7\x01" + bytes([2]) * 33), "key-type"),  # secp256k1
        (multibase.encode(b"\x80\x24\x04" + bytes([2]) * 32), "malformed-key"),
        (multibase.encode(b"\x80\x24\x02" + b"\xff" * 32), "malformed-key"),
        ("z6Mk" + "0" * 44, "multibase"),
    ],
    ids=range(8),
)
def test_values_that_are_no_multikey(text: str, code: str) -> None:
    with pytest.raises(KeyRefused) as caught:
        decode_multikey(text)
    assert caught.value.code == code


def test_an_rsa_key_has_no_did_key() -> None:
    with pytest.raises(KeyRefused):
        did_key(public(rsa_key()))
    with pytest.raises(KeyRefused):
        read_did_key("did:web:acme.example")


ED = PrivateKey.from_seed(bytes(range(32))).public


@pytest.mark.parametrize("type_", ["JsonWebKey", "JsonWebKey2020"])
@pytest.mark.parametrize("jwk", [EC, OKP], ids=["EC", "OKP"])
def test_methods_with_a_jwk(type_: str, jwk: Document) -> None:
    assert key_of({"type": type_, "publicKeyJwk": jwk}) == public_key_from_jwk(jwk)


def test_methods_with_a_multikey() -> None:
    assert key_of({"type": "Multikey", "publicKeyMultibase": ACME.public.multikey}) == ACME.public
    for type_ in ("Multikey", "Ed25519VerificationKey2020"):
        assert key_of({"type": type_, "publicKeyMultibase": ED.multibase}).multikey == ED.multibase


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ({}, "method-type"),
        ({"type": ["Multikey"]}, "method-type"),
        ({"type": "RsaVerificationKey2018", "publicKeyJwk": EC}, "method-type"),
        ({"type": "JsonWebKey"}, "malformed-method"),
        ({"type": "JsonWebKey", "publicKeyJwk": "EC"}, "malformed-method"),
        ({"type": "Multikey", "publicKeyMultibase": 1}, "malformed-method"),
        ({"type": "Multikey", "publicKeyJwk": EC}, "malformed-method"),
        ({"type": "JsonWebKey", "publicKeyMultibase": ACME.public.multikey}, "malformed-method"),
        ({"type": "JsonWebKey", "publicKeyJwk": EC, "publicKeyMultibase": ED.multibase}, "malformed-method"),
        ({"type": "JsonWebKey", "publicKeyJwk": {**EC, "d": "AA"}}, "secret-published"),
        ({"type": "JsonWebKey", "publicKeyJwk": EC, "secretKeyJwk": {}}, "secret-published"),
        ({"type": "Ed25519VerificationKey2020", "publicKeyMultibase": ACME.public.multikey}, "key-type"),
    ],
    ids=range(12),
)
def test_methods_that_are_refused(method: Document, code: str) -> None:
    with pytest.raises(KeyRefused) as caught:
        key_of(method)
    assert caught.value.code == code
