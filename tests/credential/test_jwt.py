"""VC-JWT: what we sign, what others sign, what we do not sign, and anything at all."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey
from joserfc.jws import deserialize_compact

from refolio.credential import base64url
from refolio.credential.jwk import public_key_from_jwk
from refolio.credential.proof import jws, jwt
from refolio.credential.reading import MAX_BYTES
from refolio.errors import DocumentRefused, ProofRefused, RefolioError
from tests.credential.tokens import (
    ACME,
    ED25519,
    HEADER,
    ISSUER,
    KID,
    Document,
    badge,
    by_joserfc,
    good,
    joined,
    public,
    refusal,
    rsa_key,
    signed,
)

TOKEN = jwt.sign(badge(), ACME, kid=KID)


# --- what is good -----------------------------------------------------------------------------------------------------


def test_the_open_badges_edition_repeats_the_members_as_claims() -> None:
    token = good(TOKEN)
    assert token.header == {"alg": "ES256", "kid": KID, "typ": "JWT"}
    assert token.credential == badge()
    assert token.claims == {
        "iss": ISSUER,
        "jti": badge()["id"],
        "sub": badge()["credentialSubject"]["id"],
        "nbf": 1789689600,
        "exp": 1947456000,
    }
    assert token.key_id == KID
    assert token.not_before == datetime(2026, 9, 18, tzinfo=UTC)
    assert token.expires == datetime(2031, 9, 18, tzinfo=UTC)


def test_the_w3c_edition_declares_its_media_type_and_adds_the_issuer_only() -> None:
    token = good(jwt.sign(badge(), ACME, kid=KID, edition="w3c"))
    assert token.header == {"alg": "ES256", "kid": KID, "typ": "vc+jwt", "cty": "vc"}
    assert (token.credential, token.claims) == (badge(), {"iss": ISSUER})
    assert (token.not_before, token.expires) == (None, None)


def test_the_same_credential_gives_the_same_token() -> None:
    assert jwt.sign(badge(), ACME, kid=KID) == TOKEN


def test_a_badge_without_subject_id_and_end_has_no_claims_for_them() -> None:
    credential = badge(credentialSubject={"type": ["AchievementSubject"], "achievement": {}})
    del credential["validUntil"]
    assert good(jwt.sign(credential, ACME, kid=KID)).claims.keys() == {"iss", "jti", "nbf"}


@pytest.mark.parametrize("edition", ["ob", "w3c"])
def test_joserfc_verifies_what_we_sign(edition: jwt.Edition) -> None:
    token = jwt.sign(badge(), ACME, kid=KID, edition=edition)
    payload = deserialize_compact(token, ECKey.import_key(dict(ACME.public.jwk)), ["ES256"]).payload
    assert json.loads(payload).items() >= badge().items()


@pytest.mark.parametrize("algorithm", ["Ed25519", "RS256"])
def test_we_verify_what_joserfc_signs(algorithm: str) -> None:
    key = ED25519 if algorithm == "Ed25519" else rsa_key()
    token = by_joserfc({"alg": algorithm, "kid": KID}, badge(iss=ISSUER), key)
    assert good(token, public(key)).credential == badge()
    assert refusal(token, ACME.public) == "algorithm"


def test_the_older_name_of_ed25519_is_understood_without_a_warning() -> None:
    head = json.dumps({"alg": "EdDSA", "kid": KID}).encode()
    signing_input = joined(head, json.dumps(badge()).encode(), b"").removesuffix(b".")
    signature = ED25519.get_op_key("sign").sign(signing_input)  # type: ignore[union-attr,call-arg]
    assert good(signing_input + b"." + base64url.encode(signature).encode(), public(ED25519)).credential == badge()


def test_the_examples_of_the_rfcs_verify() -> None:
    """RFC 7515 A.3 (ES256) and RFC 8037 A.4 (EdDSA). Their payloads are no credentials."""
    es256 = public_key_from_jwk(
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }
    )
    first = (
        b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp"
        b"0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    )
    second = (
        b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
        b".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    )
    jws.verify(jws.parse(first), es256)
    jws.verify(jws.parse(second), public(ED25519))
    with pytest.raises(DocumentRefused):
        jwt.parse(first)


def test_a_credential_of_data_model_1_is_read_out_of_its_claim() -> None:
    inner = badge(**{"@context": ["https://www.w3.org/2018/credentials/v1"]})
    assert good(signed(HEADER, {"vc": inner, "iss": ISSUER, "jti": inner["id"]})).credential == inner


@pytest.mark.parametrize("type_", ["JWT", "jwt", "vc+jwt", "application/vc+jwt", "VC+JWT"])
def test_media_types_are_read_as_the_rfc_says(type_: str) -> None:
    good(signed({**HEADER, "typ": type_, "cty": "application/vc"}, badge()))


# --- what we do not sign ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"issuer": "did:web:mallory.example"}, "key-id"),
        ({"proof": {}}, "already-signed"),
        ({"exp": 1}, "claims-conflict"),
        ({"vc": {}}, "claims-conflict"),
        ({"type": ["OpenBadgeCredential"]}, "wrong-type"),
        ({"name": 1.5}, "float"),
        ({"validFrom": "tomorrow"}, "timestamp"),
        ({"description": "x" * MAX_BYTES}, "too-large"),
    ],
)
def test_a_document_that_would_not_verify_is_not_signed(change: Document, code: str) -> None:
    with pytest.raises((ProofRefused, DocumentRefused)) as caught:
        jwt.sign(badge(**change), ACME, kid=KID)
    assert caught.value.code == code


# --- anything at all --------------------------------------------------------------------------------------------------


def tries(token: bytes) -> bool:
    try:
        good(token)
    except RefolioError:
        return False
    return True


def test_every_changed_byte_is_refused() -> None:
    short = {"@context": "https://www.w3.org/ns/credentials/v2", "type": "VerifiableCredential", "issuer": ISSUER}
    token = jwt.sign(short, ACME, kid=KID, edition="w3c")
    assert tries(token)
    for position in range(len(token)):
        for other in (token[position] ^ 1, token[position] ^ 4, ord("A"), ord(".")):
            if other != token[position]:
                assert not tries(token[:position] + bytes([other]) + token[position + 1 :])


@given(st.one_of(st.binary(max_size=300), st.from_regex(rb"[A-Za-z0-9_-]{0,40}(\.[A-Za-z0-9_-]{0,40}){0,4}")))
def test_nothing_but_our_refusals_for_any_bytes(token: bytes) -> None:
    assert not tries(token)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_HEADERS = st.dictionaries(st.sampled_from(["alg", "kid", "typ", "cty", "jwk", "crit"]), _JSON)
_MEMBERS = st.dictionaries(
    st.sampled_from([*sorted(jwt.CLAIMS), "vc", "vp", "id", "issuer", "validFrom", "validUntil", "credentialSubject"]),
    _JSON,
)


@given(_HEADERS, _MEMBERS, st.booleans())
def test_nothing_but_our_refusals_for_any_header_and_claims(header: Document, members: Document, known: bool) -> None:
    tries(signed({**header, **HEADER} if known else header, {**badge(), **members}))


@given(st.one_of(st.binary(max_size=12), st.from_regex(rb"[A-Za-z0-9_-]{1,9}[=+/\n]?", fullmatch=True)))
def test_base64url_has_one_spelling_for_each_value(text: bytes) -> None:
    assert base64url.decode(base64url.encode(text)) == text
    try:
        data = base64url.decode(text)
    except ValueError:
        lenient = text.replace(b"-", b"+").replace(b"_", b"/") + b"=" * (-len(text) % 4)
        with suppress(ValueError):  # of no value at all
            assert base64url.encode(base64.b64decode(lenient)).encode() != text
    else:
        assert base64url.encode(data).encode() == text
