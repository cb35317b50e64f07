"""did:web to URL and back, one spelling each (SEC-099)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from refolio.credential.keys import did_web, did_web_url
from refolio.errors import KeyRefused


def test_did_webs_of_the_vectors(standards: Path, counted: Callable[[str, int], None]) -> None:
    for vector in json.loads((standards / "vectors/did-web/did-to-url.json").read_text()):
        if "url" in vector:
            assert did_web_url(vector["did"]) == vector["url"]
        else:
            with pytest.raises(KeyRefused) as caught:
                did_web_url(vector["did"])
            assert caught.value.code == "did-web"
    counted("did-web", len(json.loads((standards / "vectors/did-web/did-to-url.json").read_text())))


@pytest.mark.parametrize(
    ("host", "path", "did"),
    [
        ("acme.example", (), "did:web:acme.example"),
        ("acme.example", ("issuers", "acme"), "did:web:acme.example:issuers:acme"),
        ("localhost:8000", ("issuers", "acme"), "did:web:localhost%3A8000:issuers:acme"),
        ("localhost", (), "did:web:localhost"),
        ("xn--bcher-kva.example", (), "did:web:xn--bcher-kva.example"),
        ("a-b.c3.example:65535", ("a b", "c~d"), "did:web:a-b.c3.example%3A65535:a%20b:c%7Ed"),
        ("acme.example", ("...", ".well-known", "a..b"), "did:web:acme.example:...:.well-known:a..b"),
    ],
)
def test_did_webs_are_built_and_lead_back_to_their_url(host: str, path: tuple[str, ...], did: str) -> None:
    assert did_web(host, *path) == did
    encoded = [part.replace(" ", "%20").replace("~", "%7E") for part in path]
    assert did_web_url(did) == "/".join([f"https://{host}", *(encoded or [".well-known"]), "did.json"])


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "acme",  # no dot: a name inside somebody's network
        "acme.example.",
        ".acme.example",
        "acme..example",
        "-acme.example",
        "acme-.example",
        "ac_me.example",
        "Acme.example",
        "acme.example%3A",
        "acme.example%3A0",
        "acme.example%3A080",
        "acme.example%3A65536",
        "acme.example%3A99999999999999999999",
        "acme.example%3a8000",  # a second spelling
        "acme.example%253A8000",
        "acme.example%3A8000%3A1",
        "acme.example%3A-1",
        "acme.example%3A٨٠",
        "127.0.0.1",
        "127.1",
        "0177.0.0.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "1.2.3.4%3A80",
        "acme.0x7f",
        "[%3A%3A1]",
        "[::1]",
        "%5B%3A%3A1%5D",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "bücher.example",
        "xn--" + "a" * 60 + ".example",
        ".".join(["a" * 60] * 5) + ".example",
        "user@acme.example",
        "user%40acme.example",
        "acme.example%40evil.example",
        "user:pass@acme.example",
        "acme.example/x",
        "acme.example\\x",
        "acme.example?x",
        "acme.example#x",
        "acme.example;x",
        "acme.example x",
        "acme.example\r\n",
        "acme.example\n",
        "acme.example%0d%0a",
        "acme.example%00",
        "acme.example:",
        "acme.example::x",
        "acme.example:x:",
        "acme.example:.",
        "acme.example:..",
        "acme.example:..:..:etc",
        "acme.example:%2E%2E",
        "acme.example:%2e%2e",
        "acme.example:.%2E",
        "acme.example:..%2F..%2Fetc",
        "acme.example:a%2Fb",
        "acme.example:a%5Cb",
        "acme.example:a%252Fb",
        "acme.example:%61",  # a second spelling
        "acme.example:%c3%a9",
        "acme.example:%C3%A9",
        "acme.example:é",
        "acme.example:a/b",
        "acme.example:a?b",
        "acme.example:a#b",
        "acme.example:a@b",
        "acme.example:a%0A",
        "acme.example:a%",
        "acme.example:a%2",
        "acme.example:a%zz",
        "acme.example:" + "a" * 3000,
        "localhost.",
        "localhost%3A",
        "LOCALHOST",
    ],
    ids=lambda text: ascii(text)[1:40],
)
def test_sec_099_other_did_webs(identifier: str) -> None:
    with pytest.raises(KeyRefused) as caught:
        did_web_url("did:web:" + identifier)
    assert caught.value.code == "did-web"


@pytest.mark.parametrize(
    "did", ["did:web", "did:WEB:acme.example", "DID:web:acme.example", " did:web:acme.example", "did:key:z6Mk", ""]
)
def test_sec_099_what_is_no_did_web(did: str) -> None:
    with pytest.raises(KeyRefused):
        did_web_url(did)


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("", ()),
        ("Acme.example", ()),
        ("127.0.0.1:8000", ()),
        ("https://acme.example", ()),
        ("a.example:1:2", ()),
        ("a.example", ("",)),
        ("a.example", ("..",)),
        ("a.example", ("a/b",)),
        ("a.example", ("é",)),
        ("a.example", ("a%2Fb",)),
        ("a.example%3A80", ("a\nb",)),
    ],
)
def test_sec_099_odd_did_webs_are_not_built_either(host: str, path: tuple[str, ...]) -> None:
    with pytest.raises(KeyRefused):
        did_web(host, *path)
