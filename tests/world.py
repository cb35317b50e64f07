"""The stage of the service's tests: a database with the cast in it, the whole application on top, time in our hands.

**Acme** and **Brightline** issue, **Northfield** delivers for both, **Maya** did the work. **Mallory** has a platform
and an issuer of her own, and must get nothing of theirs. **Oscar** has nothing. Of Acme are **Ann** (admin), **Sam**
(issuer) and **Vic** (viewer).

Requests go to the application in the event loop of the test, many at a time, and meet in the database as in production.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

import refolio
from refolio.api_keys import SECRET_BYTES, compose_key
from refolio.client.fetching import address_of
from refolio.credential.model import Intern
from refolio.credential.verification import Found, missing
from tests.applications import application
from tests.completions import Members, maya, numbers
from tests.completions import another as another
from tests.completions import plain as plain
from tests.openapi_holding import client_held_to_description
from verify.database import bind, engine_from_url, migrate_forwards, tx
from verify.database.piccolo_app import APP_CONFIG
from verify.http.access import OPERATOR, Role
from verify.http.cookies import cookie_name
from verify.issuers import members
from verify.issuers.registering import register
from verify.people.recognising import recognise
from verify.people.sessions import open_session
from verify.people.tables import Allowance
from verify.platforms import admitting, keying, mandating
from verify.runtime import KeyEncryptionKey, Runtime
from verify.settings import Rate, Settings

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PUBLIC_URL = "https://refolio.example"
PLENTY = Rate(1_000_000, 10)  # requests in a span that never ends, because the clock stands still
KEK = KeyEncryptionKey(bytes(range(32)))
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}


def _known_api_key(letter: bytes) -> str:
    return compose_key("live", letter * SECRET_BYTES)


MEMBERS = {
    "ann@acme.example": ("acme", Role.ADMIN),
    "sam@acme.example": ("acme", Role.ISSUER),
    "vic@acme.example": ("acme", Role.VIEWER),
    "mallory@mallory.example": ("mallory-inc", Role.ADMIN),
}
NORTHFIELD_KEY, MALLORY_KEY = _known_api_key(b"N"), _known_api_key(b"M")


def text_of(mail: EmailMessage) -> str:
    """The text of a mail with plain line ends."""
    return str(mail.get_content()).replace("\r\n", "\n")


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        """Move the time on, or back, by so many ``days``, ``hours``, ``seconds``."""
        self.time += timedelta(**by)


def a_runtime(database_url: str, *, now: Any = None, public_url: str = PUBLIC_URL, data: Path = Path("var")) -> Runtime:
    """The runtime of all tests: the clock stands still, the key-encryption key is known."""
    settings = Settings(public_url, data, database_url, rate_per_key=PLENTY, rate_per_address=PLENTY)
    return Runtime(settings, KEK, now=now or Clock())


async def cast(database_url: str, public_url: str = PUBLIC_URL) -> None:
    """Migrate the database and admit everybody; nothing is issued yet."""
    runtime = a_runtime(database_url, public_url=public_url)
    engine = engine_from_url(database_url)
    bind(engine)
    await engine.open()
    try:
        await migrate_forwards(engine)
        northfield, mallory = "Northfield Careers Service", "Mallory Talent"
        await register(runtime, "acme", "Acme Textiles", url="https://acme.example", vouched_by=northfield)
        await register(runtime, "brightline", "Brightline Studio", url="https://brightline.example")
        await register(runtime, "mallory-inc", "Mallory Incorporated", vouched_by=mallory)
        await admitting.admit(runtime, "northfield", northfield)
        await admitting.admit(runtime, "mallory", mallory)
        for platform, issuer in (("northfield", "acme"), ("northfield", "brightline"), ("mallory", "mallory-inc")):
            await mandating.mandate(runtime, platform, issuer)
        await admitting.open_console(runtime)
        for email, (issuer, role) in MEMBERS.items():
            async with tx():
                person = await recognise(runtime, Intern(name=email.partition("@")[0].title(), email=email))
            await members.add(runtime, OPERATOR, issuer, person, role)
        for platform, letter in (("northfield", b"N"), ("mallory", b"M")):
            loaded = replace(runtime, random_bytes=letter.__mul__)  # dice that always show the same
            assert await keying.new_api_key(loaded, platform) == _known_api_key(letter)
    finally:
        await engine.close()


@dataclass
class World:
    """The running service. ``http`` is Oscar's plain HTTP client; ``northfield`` and ``mallory`` are SDK clients."""

    app: Litestar
    http: httpx.AsyncClient
    runtime: Runtime
    clock: Clock
    northfield: refolio.AsyncClient = field(init=False)
    mallory: refolio.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.northfield = refolio.AsyncClient(NORTHFIELD_KEY, http=self.http)
        self.mallory = refolio.AsyncClient(MALLORY_KEY, http=self.http)

    async def post(
        self,
        body: Members | bytes,
        key: str | None = None,
        *,
        api_key: str = NORTHFIELD_KEY,
        query: str = "",
        **headers: str,
    ) -> httpx.Response:
        """Send a completion; ``headers`` replace the usual ones (``Content_Type="text/plain"``)."""
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        usual = {
            "Authorization": f"Bearer {api_key}",
            "Content-Type": "application/json",
            "Idempotency-Key": key or f"key-{next(numbers)}",
        }
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(f"/api/v1/credentials{query}", content=content, headers=usual | named)

    async def issued(self, body: Members | None = None, **arguments: Any) -> Members:
        """Issue a credential for a completion (default: Maya's at Acme) and return the answer's members."""
        answer = await self.post(maya() if body is None else body, **arguments)
        assert answer.status_code == 201, answer.text
        members: Members = answer.json()
        return members

    async def withdraw(
        self, uuid: str, reason: object = "Wrong dates.", *, api_key: str = NORTHFIELD_KEY
    ) -> httpx.Response:
        """Ask to withdraw; ``reason`` may be anything, also the whole body as bytes."""
        content = reason if isinstance(reason, bytes) else msgspec.json.encode({"reason": reason})
        headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
        return await self.http.post(f"/api/v1/credentials/{uuid}/withdraw", content=content, headers=headers)

    async def document(self, uuid: str) -> bytes:
        """The signed bytes, from their public address."""
        answer = await self.http.get(f"/credentials/{uuid}")
        assert answer.status_code == 200, answer.text
        return answer.content

    async def report(self, document: bytes) -> refolio.VerificationReport:
        """What an outsider with our SDK finds, who fetches all that is named in the document from its address."""
        found: dict[str, Found] = {}
        while names := missing(document, found):
            for name in names:
                found[name] = (await self.http.get(address_of(name))).content
        by_address = {address_of(name): body for name, body in found.items() if isinstance(body, bytes)}
        return refolio.examine(document, documents=by_address, now=self.clock())

    @asynccontextmanager
    async def signed_in(self, email: str, *, staff: bool = True) -> AsyncIterator[httpx.AsyncClient]:
        """The browser of the person with this address, just signed in, until the block ends."""
        async with self.browser() as http:
            if staff:
                await Allowance.delete(force=True)  # a test may need more sign-ins than an hour allows
                await self.sign_in(http, email)
            else:
                async with tx():
                    person = await recognise(self.runtime, Intern(name=email.partition("@")[0].title(), email=email))
                secret = await open_session(self.runtime, person, method="link", staff=False)
                http.cookies.set(cookie_name(self.runtime), secret)
            yield http

    @asynccontextmanager
    async def browser(self, address: str = "203.0.113.7") -> AsyncIterator[httpx.AsyncClient]:
        """A browser that has never been here, on the network with this address."""
        transport = httpx.ASGITransport(app=self.app, client=(address, 1))  # type: ignore[arg-type]
        headers = {**BROWSER, "Origin": PUBLIC_URL, "Sec-Fetch-Site": "same-origin"}
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers) as http:
            yield http

    async def sign_in(self, http: httpx.AsyncClient, email: str) -> httpx.Response:
        """Sign in with this browser by the code in the mail; return the last answer."""
        answer = await http.post("/sign-in", data={"email": email})
        assert answer.status_code == 303, answer.text
        _, code = await self.link_and_code(email)
        answer = await http.post("/sign-in/code", data={"code": code})
        assert answer.status_code == 303, answer.text
        return answer

    async def link_and_code(self, email: str) -> tuple[str, str]:
        """The path of the link and the code in the newest mail that holds them."""
        text = [text_of(mail) for mail in await self.mails(email) if "/sign-in/link/" in text_of(mail)][-1]
        link, code = re.search(r"(/sign-in/link/\S+)", text), re.search(r"there: (\d{3} \d{3})", text)
        assert link, text
        assert code, text
        return link[1], code[1]

    async def mails(self, address: str = "") -> list[EmailMessage]:
        """The mails sent so far (to ``address``), oldest first, as they lie in the outbox folder."""
        await self.app.state.mail.settled()
        files = sorted((self.runtime.settings.data / "outbox").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        mails: list[Any] = [BytesParser(policy=SMTP).parsebytes(file.read_bytes()) for file in files]
        return [mail for mail in mails if address in ("", str(mail["To"]))]

    async def page(self, path: str) -> str:
        """A page as a browser gets it."""
        answer = await self.http.get(path, headers=BROWSER)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8"), answer.text
        return answer.text

    async def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        await self.app.state.mail.settled()
        return {table._meta.tablename: await table.count() for table in APP_CONFIG.table_classes}


@asynccontextmanager
async def stage(
    database_url: str, *, public_url: str = PUBLIC_URL, runtime: Runtime | None = None
) -> AsyncIterator[World]:
    """The service from its start to its end on this database. Entering again is what a restart does."""
    clock = Clock()
    with TemporaryDirectory(prefix="refolio-world-") as data:
        runtime = runtime or a_runtime(database_url, now=clock, public_url=public_url, data=Path(data))
        with application(runtime) as app:
            async with _running(app), client_held_to_description(app, public_url) as http:
                yield World(app, http, runtime, clock)


@asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    """Start and stop the application in one task, as a server does: the two halves of a fixture run in two."""
    started, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            started.set()
            await over.wait()

    task = asyncio.create_task(live())
    task.add_done_callback(lambda _: started.set())
    await started.wait()
    try:
        if not task.done():
            yield
    finally:
        over.set()
        await task


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """The service on a fresh database with the cast; once on SQLite, once on PostgreSQL."""
    async with stage(database_url) as world:
        yield world


@pytest.fixture
def sqlite_url(tmp_path: Path, schema: Callable[[str], Awaitable[None]], sqlite_template: Callable[..., Path]) -> str:
    """A fresh SQLite database with the cast."""
    return f"sqlite:///{shutil.copy(sqlite_template(schema), tmp_path / 'refolio.db')}"


@pytest.fixture
async def sqlite_world(sqlite_url: str) -> AsyncIterator[World]:
    """The service on SQLite alone: for what no database has a say in."""
    async with stage(sqlite_url) as world:
        yield world
