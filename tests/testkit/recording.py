"""Record what the real service answers for ``refolio.testing.recorded``: python -m tests.testkit.recording

Clock and dice stand still, so that the same code gives the same files.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from refolio.testing import FAKE_API_KEY
from tests.completions import plain
from tests.world import PUBLIC_URL, a_runtime
from verify.app import create_app
from verify.issuers.registering import register
from verify.platforms import admitting, keying, mandating
from verify.runtime import Runtime

FOLDER = Path(__file__).parents[2] / "sdk" / "refolio" / "testing" / "recorded"
KEPT_HEADERS = ("content-type", "location", "www-authenticate")
NO_SUCH = "00000000-0000-4000-8000-000000000000"


def deterministic(runtime: Runtime) -> Runtime:
    """The runtime with dice that always fall in the same order."""
    thrown = count()

    def random_bytes(number: int) -> bytes:
        return hashlib.shake_256(str(next(thrown)).encode()).digest(number)

    return replace(runtime, random_bytes=random_bytes, random_below=lambda below: below // 2)


@asynccontextmanager
async def service(folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """The service with one platform and one issuer; a client and the platform's API key."""
    runtime = deterministic(a_runtime(f"sqlite:///{folder}/refolio.db", data=folder))
    app = create_app(runtime)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as http:
        await admitting.admit(runtime, "northfield", "Northfield Careers Service")
        await register(runtime, "acme", "Acme Textiles", url="https://acme.example")
        await mandating.mandate(runtime, "northfield", "acme")
        yield http, await keying.new_api_key(runtime, "northfield")


def script(uuid: str) -> list[tuple[str, str, str, str, dict[str, str], Any]]:
    """Name, sentence, method, path, headers, body of each request; ``uuid`` is that of the first credential."""
    key = {"Idempotency-Key": "NF-2026-001"}
    credential = f"/api/v1/credentials/{uuid}"
    hours = {"hours": {"total": 4000, "basis": "logged"}}
    return [
        ("issue", "A completion becomes a credential.", "POST", "/api/v1/credentials", key, plain()),
        ("issue-again", "The same request again.", "POST", "/api/v1/credentials", key, plain()),
        ("key-reused", "Another body.", "POST", "/api/v1/credentials", key, plain(role="Designer")),
        ("no-idempotency-key", "No Idempotency-Key.", "POST", "/api/v1/credentials", {}, plain()),
        ("refused", "Hours that cannot be.", "POST", "/api/v1/credentials", {"Idempotency-Key": "2"}, plain(**hours)),
        ("unreadable", "No JSON.", "POST", "/api/v1/credentials", {"Idempotency-Key": "3"}, "{"),
        ("no-api-key", "No API key.", "POST", "/api/v1/credentials", {**key, "Authorization": ""}, plain()),
        ("get", "What became of it.", "GET", credential, {}, None),
        ("not-there", "A credential that is not there.", "GET", f"/api/v1/credentials/{NO_SUCH}", {}, None),
        ("withdraw", "It is withdrawn.", "POST", f"{credential}/withdraw", {}, {"reason": "Wrong dates."}),
        ("withdraw-again", "For another reason.", "POST", f"{credential}/withdraw", {}, {"reason": "Wrong hours."}),
        ("get-withdrawn", "What became of it then.", "GET", credential, {}, None),
    ]


async def record() -> dict[str, str]:
    """File name → its content."""
    files: dict[str, str] = {}
    with TemporaryDirectory(prefix="refolio-recording-") as folder:
        async with service(Path(folder)) as (http, api_key):
            uuid = ""
            for number in range(len(script(uuid))):
                name, says, method, path, extra, body = script(uuid)[number]
                headers = {"Authorization": f"Bearer {FAKE_API_KEY}", "Content-Type": "application/json", **extra}
                if body is None:
                    del headers["Content-Type"]
                headers = {header: value for header, value in headers.items() if value}
                content = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body else None
                real = {header: value.replace(FAKE_API_KEY, api_key) for header, value in headers.items()}
                answer = await http.request(method, path, headers=real, content=content)
                uuid = uuid or answer.json()["uuid"]
                exchange = {
                    "name": name,
                    "says": says,
                    "request": {"method": method, "path": path, "headers": headers, "body": body},
                    "response": {"status": answer.status_code, "headers": _kept(answer), "body": answer.json()},
                }
                files[f"{number + 1:02}-{name}.json"] = json.dumps(exchange, indent=2, ensure_ascii=False) + "\n"
    return files


def _kept(answer: httpx.Response) -> dict[str, str]:
    return {header: answer.headers[header] for header in KEPT_HEADERS if header in answer.headers}


def main() -> None:
    """Write the files anew."""
    for file in FOLDER.glob("*.json"):
        file.unlink()
    for name, content in asyncio.run(record()).items():
        (FOLDER / name).write_text(content, "utf-8")


if __name__ == "__main__":
    main()
