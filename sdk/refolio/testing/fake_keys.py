"""Keys that anybody can make again, because the way they are made is written here: for tests, and for nothing else."""

from __future__ import annotations

import hashlib

from refolio.credential.keys import PrivateKey

FAKE_API_KEY = "rf_test_FAKE-FAKE-FAKE-not-a-secret"


def fake_key(name: str) -> PrivateKey:
    """The fake key of this name: the same on every machine. Whatever it signs can be signed by everybody."""
    return PrivateKey.from_seed(hashlib.sha256(f"refolio.testing fake key, no secret: {name}".encode()).digest())
