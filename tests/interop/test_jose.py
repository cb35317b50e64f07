"""Our VC-JWTs before the npm package jose, and its tokens before us."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from refolio.credential import base64url
from refolio.credential.jwk import public_key_from_jwk
from refolio.credential.proof import jwt
from tests.credential.tokens import ACME, ED25519, ISSUER, KID, badge, rsa_key

SECRET = base64url.encode(bytes([1]) * 32)  # of ACME


def jose(node: str, interop: Path, **work: Any) -> dict[str, list[Any]]:
    if not (interop / "node_modules" / "jose").is_dir():
        pytest.skip("NOT CHECKED HERE, the npm package jose is not installed.")
    result = subprocess.run(
        [node, "jose.mjs"],
        cwd=interop,
        input=json.dumps({"verify": [], "sign": [], **work}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    answer: dict[str, list[Any]] = json.loads(result.stdout)
    return answer


def test_jose_accepts_what_we_sign_and_refuses_it_changed(node: str, interop: Path) -> None:
    tokens = [jwt.sign(badge(), ACME, kid=KID, edition=edition).decode() for edition in ("ob", "w3c")]
    changed = tokens[0].replace(tokens[0].split(".")[1][40:44], "AAAA")
    rows = [{"token": token, "jwk": ACME.public.jwk, "alg": "ES256"} for token in [*tokens, changed]]
    open_badges, w3c, forged = jose(node, interop, verify=rows)["verify"]
    assert open_badges.items() >= badge().items()
    assert w3c == badge(iss=ISSUER)
    assert forged is None


def test_we_accept_what_jose_signs(node: str, interop: Path) -> None:
    keys = [
        ("ES256", {**ACME.public.jwk, "d": SECRET}),
        ("EdDSA", ED25519.as_dict(private=True)),
        ("Ed25519", ED25519.as_dict(private=True)),
        ("RS256", rsa_key().as_dict(private=True)),
    ]
    header = {"kid": KID, "typ": "vc+jwt", "cty": "vc"}
    rows = [{"payload": badge(iss=ISSUER), "jwk": jwk, "header": {"alg": alg, **header}} for alg, jwk in keys]
    for token, (alg, jwk) in zip(jose(node, interop, sign=rows)["sign"], keys, strict=True):
        parsed = jwt.parse(token.encode())
        jwt.verify(parsed, public_key_from_jwk({n: jwk[n] for n in ("kty", "crv", "x", "y", "n", "e") if n in jwk}))
        assert (parsed.credential, parsed.header["alg"]) == (badge(), alg)
