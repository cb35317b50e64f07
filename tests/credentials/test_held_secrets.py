"""The key of an issuer that holds it itself is nowhere in the service: not in its files, not in its memory.

The search is shown to work by words that must be there. SEC-188.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import refolio
from refolio import cli
from refolio.client.held import new_key_file
from refolio.credential import multibase
from refolio.credential.keys import secret_multikey
from tests.credentials.holding import SEED, SLUG, held_key, registered, work
from tests.live_demo import free_port
from tests.serving import northfield, serving
from tests.world import NORTHFIELD_KEY, a_runtime, another, cast
from verify.database import bind, engine_from_url

MOST = 2 * 1024**3  # bytes of memory looked through
PIECE = 16 * 1024**2


def spellings(seed: bytes) -> dict[str, bytes]:
    """How 32 secret bytes may be written."""
    secret = secret_multikey(seed)
    # Two thirds of a base64 text do not depend on what stands before or behind the bytes.
    inner = {f"base64 at {n}": base64.b64encode(b"\0" * n + seed)[4 if n else 0 : -4] for n in range(3)}
    return {
        "raw": seed,
        "raw, turned round": seed[::-1],
        "hexadecimal": seed.hex().encode(),
        "HEXADECIMAL": seed.hex().upper().encode(),
        **inner,
        **{f"{name}, for URLs": text.translate(bytes.maketrans(b"+/", b"-_")) for name, text in inner.items()},
        "base58": multibase.encode(seed)[1:].encode(),
        "Multikey": secret.encode(),
        "half of it": seed[:16],
    }


def memory_of(process: int) -> Iterator[bytes]:
    """The readable memory of a process, in pieces that overlap, up to MOST bytes."""
    left = MOST
    maps = Path(f"/proc/{process}/maps").read_text()
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        for start, end in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) r", maps, re.M):
            for place in range(int(start, 16), int(end, 16), PIECE):
                size = min(PIECE + 128, int(end, 16) - place)
                try:
                    memory.seek(place)
                    piece = memory.read(size)
                except (OSError, OverflowError, ValueError):  # what the kernel maps in for itself
                    continue
                left -= len(piece)
                assert left > 0, "more memory than is looked through"
                yield piece


def files_in(folder: Path) -> bytes:
    """Whatever stands in any file below the folder."""
    return b"\0".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def child() -> int:
    """The one process of the service that this test has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == os.getpid() and b"verify\0serve" in command:
            found.append(int(folder.name))
    (process,) = found
    return process


async def test_sec_188_the_partners_key_is_in_no_file_and_in_no_memory_of_the_service(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service, completion, key_file = tmp_path / "service", tmp_path / "completion.json", tmp_path / "partner.key"
    service.mkdir()
    completion.write_text(json.dumps(another(issuer=SLUG)))
    key_file.write_bytes(new_key_file(SEED))
    address = f"http://localhost:{free_port()}"
    database = f"sqlite:///{service / 'refolio.db'}"
    await cast(database, public_url=address)
    runtime = a_runtime(database, public_url=address)
    engine = engine_from_url(database)
    bind(engine)
    await engine.open()
    try:
        key = await registered(runtime)
    finally:
        await engine.close()
    with serving(database, service, public_url=address) as (url,), northfield(url) as client:
        issued = [client.credentials.issue_held(work(), key) for _ in range(3)]
        client.credentials.withdraw(issued[0], "Wrong dates.")
        assert client.status_lists.sign_due(SLUG, key) == 1
        with pytest.raises(refolio.DocumentRefused, match="in the name of somebody else"):
            client.credentials.issue_held(work(), held_key(runtime, bytes([7]) * 32))
        own = ["--key", str(key_file), "--url", url, "--api-key", NORTHFIELD_KEY]
        assert cli.main(["issue", str(completion), *own]) == 0
        client.credentials.withdraw(issued[1], "Wrong dates.")
        assert cli.main(["lists", "sign", SLUG, *own]) == 0
        said = capsys.readouterr().out
        assert said.startswith("Issued ")
        assert said.endswith("1 status list signed.\n")
        spelled, seen, size = spellings(SEED), set(), 0
        must_be_there = {"the public key": key.signer.public.multibase.encode(), "a code": issued[1].uuid.encode()}
        process = child()
        for piece in memory_of(process):
            size += len(piece)
            seen |= {name for name, text in (spelled | must_be_there).items() if text in piece}
        assert seen == set(must_be_there)
        kept = files_in(service)
    kept += files_in(service)
    found = {name for name, text in (spelled | must_be_there).items() if text in kept}
    assert found == set(must_be_there)
    print(f"\n{size:,} bytes of memory and {len(kept):,} of files: none of {len(spelled)} spellings.")  # noqa: T201
