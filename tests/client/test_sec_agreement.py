"""SEC-009: one text, one reading. Core, SDK and command line say the very same of a corpus of odd credentials."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import refolio
from refolio.credential.keys import did_web_url
from refolio.credential.policy import DEFAULT
from refolio.credential.verification import examine
from tests.client.conftest import Run
from tests.credential.acme import JCS, NOW, as_bytes, published, signed, unsigned
from tests.credential.completions import ACME_DID, LIST_URL

RAW = as_bytes(signed())
TEXT = RAW.decode()

CORPUS: dict[str, bytes] = {
    "genuine": RAW,
    "one suite": as_bytes(signed(suites=[JCS])),
    "pretty": json.dumps(signed(), indent=2, sort_keys=True).encode(),
    "escaped": json.dumps(signed(), ensure_ascii=True).encode(),
    "other spelling in RDF": RAW.replace(b'"name": "Acme Textiles"', b'"name": ["Acme Textiles"]'),
    "withdrawn": as_bytes(signed(lambda content: content["credentialStatus"].update(statusListIndex="7"))),
    "expired": as_bytes(signed(lambda content: content.update(validUntil="2026-10-01T00:00:00Z"))),
    "unsigned": as_bytes(unsigned()),
    "changed": RAW.replace(b"Maya Okafor", b"Maya Okaf\\u043er"),
    "name twice, evil first": RAW.replace(b'"validFrom":', b'"validFrom": "1999-01-01T00:00:00Z", "validFrom":'),
    "name twice, evil last": RAW[:-1] + b', "issuer": "did:web:mallory.example"}',
    "name twice, escaped": RAW[:-1] + b', "issu\\u0065r": "did:web:mallory.example"}',
    "prototype": RAW[:-1] + b', "__proto__": {"issuer": "did:web:mallory.example"}}',
    "NaN": RAW[:-1] + b', "x": NaN}',
    "fraction": RAW[:-1] + b', "x": 1.0}',
    "big": RAW[:-1] + b', "x": 9007199254740993}',
    "5,000 digits": RAW[:-1] + b', "x": ' + b"9" * 5000 + b"}",
    "lone surrogate": RAW.replace(b"Maya", b"\\ud800"),
    "NUL": RAW.replace(b"Maya", b"\\u0000"),
    "Latin-1": RAW.replace(b"Maya", b"M\xe4ya"),
    "UTF-16": TEXT.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + RAW,
    "two documents": RAW + RAW,
    "trailing comma": RAW[:-1] + b",}",
    "comment": b"/**/" + RAW,
    "single quotes": RAW.replace(b'"', b"'"),
    "text": json.dumps(TEXT).encode(),
    "array": b"[" + RAW + b"]",
    "deep": b"[" * 100_000,
    "empty": b"",
    "undefined term": RAW[:-1] + b', "grade": "A"}',
    "embedded context": RAW.replace(b'"issuer": {', b'"issuer": {"@context": {"name": "https://mallory.example/"}, '),
    "appended context": RAW.replace(b'3.0.3.json"]', b'3.0.3.json", "https://mallory.example/context"]', 1),
    "proof null": as_bytes({**signed(), "proof": None}),
    "proof empty": as_bytes({**signed(), "proof": []}),
    "unknown suite": RAW.replace(b"eddsa-rdfc-2022", b"eddsa-rdfc-2023"),
    "stranger": RAW.replace(b"issuers:acme#", b"issuers:mallory#"),
    "line separators": RAW.replace(b"Maya Okafor", "Maya\u2028Okafor".encode()),
}


@pytest.fixture
def documents(tmp_path: Path) -> tuple[Path, dict[str, bytes]]:
    """What Acme publishes, as a map of files and as bytes by URL."""
    by_name = published(7)
    by_url = {did_web_url(ACME_DID): by_name[ACME_DID], LIST_URL: by_name[LIST_URL]}
    paths = {}
    for number, (url, body) in enumerate(by_url.items()):
        assert isinstance(body, bytes)
        paths[url] = f"{number}.json"
        (tmp_path / paths[url]).write_bytes(body)
    (tmp_path / "documents.json").write_text(json.dumps({"documents": paths}))
    return tmp_path / "documents.json", {url: body for url, body in by_url.items() if isinstance(body, bytes)}


def test_sec_009_every_door_reads_one_text_alike(
    run: Run, documents: tuple[Path, dict[str, bytes]], tmp_path: Path
) -> None:
    map_file, by_url = documents
    verdicts = set()
    for name, raw in CORPUS.items():
        core = examine(raw, published(7), DEFAULT, NOW).members()
        file = tmp_path / "credential.json"
        file.write_bytes(raw)
        status, out, _ = run("verify", "--json", "--now", "2026-11-23T12:00:00Z", "--documents", map_file, file)
        spoken = {
            "SDK, bytes": refolio.examine(raw, now=NOW, documents=by_url).members(),
            "SDK, files": refolio.examine(raw, now=NOW, documents=map_file).members(),
            "command line": json.loads(out),
        }
        try:
            spoken["SDK, text"] = refolio.examine(raw.decode("utf-8"), now=NOW, documents=by_url).members()
        except UnicodeDecodeError:
            assert core["verdict"] == "failed", name
        for door, members in spoken.items():
            assert members == core, (name, door)
        assert (status == 0) == (core["verdict"] == "passed"), name
        verdicts.add(core["verdict"])
    assert verdicts == {"passed", "failed", "inconclusive"}
