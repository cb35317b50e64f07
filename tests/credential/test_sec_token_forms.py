"""JWTs in other forms, and around or beside a proof, put before examine() as whole files (catalogue area 1.4)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from refolio.credential import base64url
from refolio.credential.report import Outcome
from tests.credential.acme import SAM
from tests.credential.test_jwt_attacks import TOKEN
from tests.credential.test_sec_tokens import MALLORYS_KEY, assert_failed, examined
from tests.credential.tokens import HEADER, KID, MALLORY, Document, badge, signed

FORMS = {
    "general": json.dumps({"payload": "e30", "signatures": [{"protected": "e30", "signature": "AA"}] * 2}).encode(),
    "flattened": json.dumps(
        dict(zip(("protected", "payload", "signature"), TOKEN.decode().split("."), strict=True))
    ).encode(),
    "two parts": TOKEN.rpartition(b".")[0],
    "four parts": TOKEN + b"." + TOKEN.rpartition(b".")[2],
    "five parts": TOKEN + b".YQ.Yg",
    "two tokens": TOKEN + b"\n" + TOKEN,
    "dot": TOKEN + b".",
    "SD-JWT": TOKEN + b"~",
    "in quotes": b'"' + TOKEN + b'"',
    "in an array": b'["' + TOKEN + b'"]',
    "as a URL": b"data:application/vc+jwt," + TOKEN,
}


@pytest.mark.parametrize("raw", FORMS.values(), ids=FORMS)
def test_sec_058_anything_but_one_compact_token(raw: bytes) -> None:
    assert_failed(raw)


def both(**members: Any) -> Document:
    """A badge of Sam's with a proof inside; members replaced after signing."""
    content = {**badge(), "issuer": {**badge()["issuer"], "id": SAM.did}}
    return {**SAM.sign(content), **members}


def test_sec_059_a_token_around_a_proof_needs_both() -> None:
    """Open Badges lets one suffice. Here all that is there must hold, and check 2 names what there is."""
    content = badge()
    good_inside = SAM.sign(content)  # a stranger beside Acme's token
    report = examined(signed(HEADER, good_inside))
    assert report.verdict is Outcome.PASSED
    assert "JWT (ES256)" in report.checks[2].says
    assert "eddsa-rdfc-2022" in report.checks[2].says
    bent = {**good_inside, "proof": [{**good_inside["proof"][0], "proofValue": good_inside["proof"][1]["proofValue"]}]}
    for inside in (bent, {**content, "proof": []}, {**content, "proof": {}}, {**content, "proof": "z"}):
        assert_failed(signed(HEADER, inside))
    head, payload, signature = signed(HEADER, good_inside).split(b".")
    assert_failed(b".".join([head, payload, base64url.encode(bytes(64)).encode()]))
    assert signature
    unknown = {**content, "proof": {**good_inside["proof"][0], "cryptosuite": "bbs-2023"}}
    assert examined(signed(HEADER, unknown)).verdict is Outcome.INCONCLUSIVE


def test_sec_059_a_token_of_a_stranger_around_the_issuers_proof_is_told_as_the_issuers() -> None:
    """Mallory wraps Sam's badge: Sam's own proof must be there and hold; her token alone is worth nothing."""
    for header in ({"alg": "ES256", "kid": KID}, {"alg": "ES256", "kid": MALLORYS_KEY}):
        token = signed(header, {name: value for name, value in both().items() if name != "proof"}, MALLORY)
        assert examined(token).verdict is not Outcome.PASSED
        changed = signed(header, both(name="Chief executive"), MALLORY)
        assert examined(changed).verdict is not Outcome.PASSED
