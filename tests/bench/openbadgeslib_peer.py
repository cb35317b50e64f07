"""openbadgeslib as a peer of `make bench`. Runs in an environment of its own, so it imports nothing of ours.

One JSON object a line, in and out, as in tests/interop/rate.mjs:
    {"load": {"unsigned", "rdfc", "EdDSA", "pem", "public_pem", "method", …}}  → {"versions", "made"}
    {"work": name, "seconds": 1.0}                                            → {"count", "wall", "cpu"}
"""

from __future__ import annotations

import gc
import json
import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from openbadgeslib.ob3 import OB3LdpSigner, OB3LdpVerifier, OB3Signer, OB3Verifier, OpenBadgeCredential


def works(given: dict[str, Any]) -> dict[str, Callable[[int], object]]:
    """Its strict doors, made once for the issuer's key. Its model keeps less of a credential than it is given."""
    ready = [OpenBadgeCredential.from_vc_document(json.loads(text)) for text in given["unsigned"]]
    linked, tokens = given["rdfc"], given["EdDSA"]
    pem, public = given["pem"].encode(), given["public_pem"].encode()
    linked_signer, linked_verifier = OB3LdpSigner(pem, given["method"]), OB3LdpVerifier(public)
    signer, verifier = OB3Signer(pem, "EdDSA"), OB3Verifier(public)
    return {
        "sign rdfc": lambda n: linked_signer.sign_to_json(ready[n % len(ready)]),
        "verify rdfc": lambda n: linked_verifier.verify(linked[n % len(linked)]),
        "sign EdDSA": lambda n: signer.sign(ready[n % len(ready)]),
        "verify EdDSA": lambda n: verifier.verify(tokens[n % len(tokens)]),
    }


def turn(work: Callable[[int], object], first: int, seconds: float) -> dict[str, Any]:
    n, cpu, start = first, time.process_time(), time.perf_counter()
    while True:
        work(n)
        n += 1
        if (wall := time.perf_counter() - start) >= seconds:
            return {"count": n - first, "wall": wall, "cpu": time.process_time() - cpu}


def main() -> None:
    known: dict[str, Callable[[int], object]] = {}
    done: dict[str, int] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        if "load" in asked:
            known = works(asked["load"])
            made = {name: work(0) for name, work in known.items()}  # what does not work at all shows before measuring
            gc.collect()
            gc.freeze()  # as ours does: what the bench keeps is not the peer's to walk through
            names = ("openbadgeslib", "PyLD", "PyJWT", "cryptography")
            versions = {"python": platform.python_version(), **{name: version(name) for name in names}}
            answer: dict[str, Any] = {
                "versions": versions,
                "made": {name: one if isinstance(one, str) else None for name, one in made.items()},
            }
        else:
            name = asked["work"]
            answer = turn(known[name], done.get(name, 0), asked["seconds"])
            done[name] = done.get(name, 0) + answer["count"]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
