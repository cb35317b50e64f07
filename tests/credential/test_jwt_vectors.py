"""VC-JWT against what others published: the JOSE cases of the W3C's vc-jose-cose suite, and the 1EdTech's JWT badges.

The suite's cases go through ``refolio jose`` from file to file, as the suite itself would run it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from refolio import cli
from refolio.credential.jwk import public_key_from_jwk
from refolio.credential.proof import jwt
from refolio.errors import RefolioError

Case = dict[str, Any]

# What each failing case must fail for; a case that fails for another reason shows nothing.
REASONS = {
    5: "/badExtension: This member is not defined",
    9: "The token names another key.",  # see the note in cases.json: the token is signed with vm-p521
    10: "not a compact JWS",
    11: "not a compact JWS",
    12: "The signature does not fit",
    13: "declares itself as something else",
    14: "declares itself as something else",
    15: "The claims vc and vp do not belong",
    16: "must hold secured credentials",
}


def jose(function: str, source: Path, key: Path, feature: str, output: Path) -> tuple[int, dict[str, str]]:
    arguments = ["--input", source, "--key", key, "--feature", feature, "--output", output]
    status = cli.main(["jose", function, *map(str, arguments)])
    return status, json.loads(output.read_text("utf-8"))


def cases(standards: Path) -> list[Case]:
    found: list[Case] = json.loads((standards / "vectors/vc-jose-cose/cases.json").read_text("utf-8"))
    return found


def test_every_jose_case_gets_its_expected_result(
    standards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], counted: Callable[[str, int], None]
) -> None:
    inputs = standards / "vectors/vc-jose-cose/input"
    counts: Counter[str] = Counter()
    for case in cases(standards):
        number, feature = case["number"], case["feature"]
        if not feature.endswith("_jose"):
            counts["not ours (SD-JWT, COSE)"] += 1
            continue
        arguments = (inputs / case["input"], inputs / case["key"], feature, tmp_path / "result.json")
        status, result = jose(case["function"], *arguments)
        assert (result["result"], status == 0) == (case["expected"], case["expected"] == "success"), (number, result)
        if case["expected"] == "failure":
            assert REASONS[number] in result["data"], number
        elif case["function"] == "issue":
            token = tmp_path / "token.txt"
            token.write_text(result["data"], "ascii")
            status, verified = jose("verify", token, inputs / case["key"], feature, tmp_path / "verified.json")
            assert status == 0
            assert json.loads(verified["data"]) == json.loads((inputs / case["input"]).read_text("utf-8"))
        counts[f"{feature} {case['expected']}"] += 1
    with capsys.disabled():
        print(f"\nvc-jose-cose: {dict(counts)}")  # noqa: T201
    assert counts == {
        "credential_jose success": 4,
        "credential_jose failure": 6,
        "presentation_jose success": 3,
        "presentation_jose failure": 3,
        "not ours (SD-JWT, COSE)": 19,
    }
    counted("vc-jose-cose, the JOSE cases", 16)


def test_a_good_token_of_one_key_fails_with_every_other(standards: Path, tmp_path: Path) -> None:
    inputs = standards / "vectors/vc-jose-cose/input"
    good = inputs / "credential-jose-minimal.txt"
    for name in ("ed25519", "p384", "p521", "did-ed25519"):
        status, result = jose("verify", good, inputs / f"vm-{name}.json", "credential_jose", tmp_path / "out.json")
        assert (status, result["result"]) == (1, "failure")


def test_case_9_with_its_real_key_is_a_good_credential(standards: Path, tmp_path: Path) -> None:
    """The suite means to show unknown extensions, but its input holds none."""
    inputs = standards / "vectors/vc-jose-cose/input"
    token = inputs / "credential-jose-unknown-extensions.txt"
    status, _ = jose("verify", token, inputs / "vm-p521.json", "credential_jose", tmp_path / "out.json")
    assert status == 0


def test_a_key_of_somebody_else_than_the_issuer(standards: Path, tmp_path: Path) -> None:
    inputs = standards / "vectors/vc-jose-cose/input"
    method = json.loads((inputs / "vm-p256.json").read_text("utf-8"))
    stranger = tmp_path / "key.json"
    stranger.write_text(json.dumps({**method, "controller": "https://mallory.example"}), "utf-8")
    good = inputs / "credential-jose-minimal.txt"
    status, result = jose("verify", good, stranger, "credential_jose", tmp_path / "out.json")
    assert (status, "somebody else" in result["data"]) == (1, True)


# --- 1EdTech ----------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(rb"eyJ[\w-]+\.[\w-]+\.[\w-]+")


def token_in(standards: Path, name: str) -> bytes:
    raw = (standards / "fixtures/1edtech" / name).read_bytes()
    found = max(_TOKEN.findall(raw), key=len)
    assert isinstance(found, bytes)
    return found


@pytest.mark.parametrize("name", ["ob30/simple-jwt.png", "ob30/simple-jwt_v1.svg", "clr20/simple.jwt"])
def test_badges_that_carry_their_key_are_signed_with_it(standards: Path, name: str) -> None:
    token = jwt.parse(token_in(standards, name))
    jwk = token.header["jwk"]
    assert isinstance(jwk, dict)
    jwt.verify(token, public_key_from_jwk(jwk))  # whose key it is, is another question
    assert token.key_id is None
    assert "VerifiableCredential" in token.credential["type"]  # type: ignore[operator]


@pytest.mark.parametrize("name", ["ob30/simple.jwt", "ob30/velocity.jwt"])
def test_the_other_badges_are_read(standards: Path, name: str) -> None:
    assert jwt.parse(token_in(standards, name)).credential["issuer"]


@pytest.mark.parametrize("name", ["ob30/simple-jwt.png", "clr20/simple.jwt"])
def test_changed_badges_are_refused(standards: Path, name: str) -> None:
    head, payload, signature = token_in(standards, name).split(b".")
    original = jwt.parse(b".".join([head, payload, signature]))
    jwk = original.header["jwk"]
    assert isinstance(jwk, dict)
    key = public_key_from_jwk(jwk)
    for part in (payload[:-8] + b"A" + payload[-7:], payload[:200] + b"B" + payload[201:]):
        if part != payload:
            with pytest.raises(RefolioError):
                jwt.verify(jwt.parse(b".".join([head, part, signature])), key)
