"""The peers: other people's software, each in one long-lived process on our core, spoken to in lines of JSON.

A peer that is not installed is left out, with a loud line that says how to install it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from refolio.credential import base64url
from refolio.credential.jwk import from_ed25519
from refolio.credential.keys import secret_multikey
from tests.bench import documents as ours
from tests.bench.documents import REPOSITORY, Documents
from tests.bench.rounds import Row, Turn

INTEROP = REPOSITORY / "tests" / "interop"
PEER_PYTHON = REPOSITORY / ".venv" / "peer" / "bin" / "python"
INSTALL_NODE = "npm install --prefix tests/interop --no-package-lock"
INSTALL_PYTHON = (
    "python3 -m venv .venv/peer && .venv/peer/bin/python -m pip install --no-deps --require-hashes "
    "--only-binary :all: -r tests/bench/peer-requirements.txt"
)


class Peer:
    """A process that answers each line with one line. It inherits the core that this process is pinned to."""

    def __init__(self, command: Sequence[str], folder: Path, load: Mapping[str, Any]) -> None:
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        loaded = self._ask({"load": load})
        self.versions: dict[str, str] = loaded["versions"]
        self.made: dict[str, str | None] = loaded["made"]  # what each work gave for the first document

    def turn(self, work: str, seconds: float) -> Turn:
        return Turn(**self._ask({"work": work, "seconds": seconds}))

    def _ask(self, question: Mapping[str, Any]) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:  # its own words about why are on the screen already
            self.close()
            raise SystemExit(f"A peer of the bench stopped with status {self._process.returncode}.")
        return json.loads(answer)

    def close(self) -> None:
        """Let it end: the end of its input is the end of its loop."""
        with suppress(BrokenPipeError):
            self._process.communicate(timeout=30)

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def node(documents: Documents) -> Peer | None:
    """@digitalbazaar/vc and jose, or None where they are not installed."""
    program = shutil.which("node")
    if program is None or not (INTEROP / "node_modules" / "jose").is_dir():
        return None
    return Peer([program, "rate.mjs"], INTEROP, load_of(documents))


def openbadgeslib(documents: Documents) -> Peer | None:
    """openbadgeslib in its own environment, or None where there is none."""
    if not PEER_PYTHON.exists():
        return None
    program = Path(__file__).with_name("openbadgeslib_peer.py")
    return Peer([str(PEER_PYTHON), str(program)], REPOSITORY, load_of(documents))


def rows(peer: Peer, names: Mapping[str, str]) -> Iterator[Row]:
    """One row for each work of ``peer``; ``names`` says which of its packages does it."""
    for work in peer.made:
        yield Row(work, names[work.split()[-1]], partial(peer.turn, work))


def load_of(documents: Documents) -> dict[str, Any]:
    """All that a peer works on, as text: the very documents and keys of ours."""
    secret = base64url.encode(ours.SEED)
    private = Ed25519PrivateKey.from_private_bytes(ours.SEED)
    return {
        "unsigned": [json.dumps(document) for document in documents.unsigned],
        "rdfc": _texts(documents.rdfc),
        "jcs": _texts(documents.jcs),
        "EdDSA": _texts(documents.eddsa),
        "ES256": _texts(documents.es256),
        "key": {
            "@context": "https://w3id.org/security/multikey/v1",
            "type": "Multikey",
            "id": ours.METHOD,
            "controller": ours.DID,
            "publicKeyMultibase": ours.KEY.public.multibase,
            "secretKeyMultibase": secret_multikey(ours.SEED),
        },
        "jwks": {
            "EdDSA": {**from_ed25519(ours.KEY.public).jwk, "d": secret},
            "ES256": {**ours.EC_KEY.public.jwk, "d": secret},
        },
        "kids": {"EdDSA": ours.METHOD, "ES256": ours.EC_METHOD},
        "pem": private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "public_pem": private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        "method": ours.METHOD,
        "created": ours.CREATED,
        "now": ours.NOW.isoformat(),
    }


def _texts(documents: Sequence[bytes]) -> list[str]:
    return [document.decode() for document in documents]
