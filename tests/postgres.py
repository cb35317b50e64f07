"""A PostgreSQL server for the tests, and a fresh database for each test that asks for one.

The server is, in this order: the one at ``TEST_DATABASE_URL`` (its user must be allowed to create databases); one that
we start ourselves from ``initdb`` and ``pg_ctl`` found on the PATH or where Debian puts them, in a temporary folder,
reached through a socket in that folder; none, and then the tests that need it are skipped, or fail with ``CI=true`` or
``REQUIRE_PG=1``. Each pytest-xdist worker has its own server and its own names. Nothing is left behind.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

Schema = Callable[[str], Awaitable[None]]

# Only for tests: a crash of the machine may lose everything, and every commit is a good deal faster.
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB"]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a database on a PostgreSQL server, whose user may create other databases."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
    elif programs := _find_programs():
        with _own_server(programs) as url:
            yield url
    else:
        reason = (
            "No PostgreSQL to test with: set TEST_DATABASE_URL=postgresql://…, or install the server "
            "(Debian: apt-get install postgresql)."
        )
        if os.environ.get("CI") == "true" or os.environ.get("REQUIRE_PG") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def schema() -> Schema | None:
    """What a fresh database holds: nothing. Override with an async function of a URL that migrates it.

    It then runs once a session and engine; each test gets a copy.
    """
    return None


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[Callable[[Schema], str]]:
    """A function from a schema to the URL of a database that has it, made at the first call."""
    with ExitStack() as databases:

        @cache
        def template(schema: Schema) -> str:
            url = databases.enter_context(new_postgres(postgres_server))
            asyncio.run(_awaited(schema(url)))
            return url

        yield template


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Schema], Path]:
    """A function from a schema to a file that has it, made at the first call."""

    @cache
    def template(schema: Schema) -> Path:
        path = tmp_path_factory.mktemp("template") / "template.db"
        asyncio.run(_awaited(schema(f"sqlite:///{path}")))
        return path

    return template


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, schema: Schema | None) -> Iterator[str]:
    """A fresh database with the ``schema``, once on each engine."""
    if request.param == "sqlite":
        path = tmp_path / "refolio.db"
        if schema is not None:
            shutil.copy(request.getfixturevalue("sqlite_template")(schema), path)
        yield f"sqlite:///{path}"
    else:
        template = request.getfixturevalue("postgres_template")(schema) if schema is not None else None
        with new_postgres(request.getfixturevalue("postgres_server"), template) as url:
            yield url


@contextmanager
def new_postgres(server: str, template: str | None = None) -> Iterator[str]:
    """A new database on the server, a copy of the database at ``template`` if given; dropped after the block."""
    name = f"refolio_test_{uuid4().hex}"
    asyncio.run(_create(server, name, urlsplit(template).path[1:] if template else "template1"))
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        asyncio.run(_execute(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


def put_back(server: str, url: str, copy: str) -> None:
    """Let the database at ``url`` be again as its ``copy`` is."""
    name, copied = urlsplit(url).path[1:], urlsplit(copy).path[1:]
    asyncio.run(_execute(server, f'DROP DATABASE "{name}" WITH (FORCE)'))
    asyncio.run(_create(server, name, copied))


async def _create(server: str, name: str, template: str) -> None:
    connection = await asyncpg.connect(server)
    try:  # as files: since version 15 the default writes every page to the log, which takes twice as long
        how = " STRATEGY FILE_COPY" if connection.get_server_version().major >= 15 else ""
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{how}')
    finally:
        await connection.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _awaited(work: Awaitable[None]) -> None:
    await work


def _find_programs() -> Path | None:
    """The folder of initdb and pg_ctl: that on the PATH, else the newest of Debian's."""
    if found := shutil.which("initdb"):
        folders = [Path(found).resolve().parent]
    else:
        versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
        folders = sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


@contextmanager
def _own_server(programs: Path) -> Iterator[str]:
    # Not pytest's temporary folder: the path of a socket must be short, and another user must get there.
    folder = Path(tempfile.mkdtemp(prefix="refolio-postgres-", dir="/tmp"))
    user, group, extra_groups = _unprivileged()
    if user is not None and group is not None:
        os.chown(folder, user, group)

    # Waits for its input to end, as it does however we end, kill -9 included; then stops the server and cleans up.
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", 'cat; "$0" stop -w -m immediate -D "$1/data"; rm -rf "$1"', programs / "pg_ctl", folder],
        user=user,
        group=group,
        extra_groups=extra_groups,
        cwd="/tmp",
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # out of reach of Ctrl-C
    )

    def run(program: str, *arguments: str) -> None:
        with (folder / "output").open("ab") as output:  # not a pipe: the server would keep it open
            done = subprocess.run(
                [programs / program, "-D", folder / "data", *arguments],
                user=user,
                group=group,
                extra_groups=extra_groups,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=60,
            )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{(folder / 'output').read_text()}")

    try:
        run("initdb", "--no-sync", "-E", "UTF8", "--locale=C", "-A", "trust", "-U", "refolio")
        settings = [*FAST, "listen_addresses=", f"unix_socket_directories={folder}"]
        run("pg_ctl", "start", "-w", "-o", " ".join(f"-c {setting}" for setting in settings))
        yield f"postgresql://refolio@/postgres?host={folder}"
    finally:
        keeper.communicate(timeout=60)


def _unprivileged() -> tuple[int | None, int | None, list[int] | None]:
    """Whom to run as when we are root, which PostgreSQL refuses: its own user if installed, else nobody."""
    if os.getuid() != 0:
        return None, None, None
    users = {user.pw_name: (user.pw_uid, user.pw_gid) for user in pwd.getpwall()}
    return *(users.get("postgres") or users["nobody"]), []
