"""One document through three JSON-LD processors: ours, npm jsonld in safe mode, and PyLD."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from refolio.credential.canonical import rdfc
from refolio.credential.reading import read
from refolio.errors import DocumentRefused
from tests.credential.oracles import contexts, pyld_rdfc
from tests.drills.working import REPOSITORY

INTEROP = REPOSITORY / "tests" / "interop"


class Answer(NamedTuple):
    """Canonical N-Quads, or the code of the refusal."""

    quads: str | None
    refused: str = ""


class SafeMode:
    """npm jsonld in safe mode, kept running; one document in, one answer out."""

    def __init__(self, standards: Path) -> None:
        node = shutil.which("node")
        if node is None or not (INTEROP / "node_modules" / "jsonld").is_dir():
            raise SystemExit(
                "NOT CHECKED HERE: npm jsonld is absent. Run: npm install --prefix tests/interop --no-package-lock"
            )
        with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False, encoding="utf-8") as file:
            json.dump(contexts(standards), file)
        self._contexts = Path(file.name)
        self._process = subprocess.Popen(
            [node, "safe_mode.mjs", file.name], cwd=INTEROP, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __call__(self, raw: bytes) -> Answer:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(base64.b64encode(raw) + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return Answer(answer.get("quads"), answer.get("refused", ""))

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()
        self._contexts.unlink(missing_ok=True)


def ours(raw: bytes) -> Answer:
    """Reader and walk, as every credential passes them; nothing of the rules about credentials."""
    try:
        return Answer(rdfc(read(raw)).decode())
    except DocumentRefused as refused:
        return Answer(None, refused.code)


def pyld(standards: Path) -> Callable[[bytes], Answer]:
    """PyLD, which has no safe mode: what it does not know it leaves out."""
    normalise = pyld_rdfc(standards)

    def answer(raw: bytes) -> Answer:
        try:
            document: Any = json.loads(raw.decode("utf-8"))
            return Answer(normalise(document).decode())
        except Exception as fault:  # many kinds, some of them plain TypeErrors
            return Answer(None, _pyld_code(fault))

    return answer


def _pyld_code(fault: BaseException) -> str:
    code = getattr(fault, "code", None)
    return str(code) if code else type(fault).__name__
