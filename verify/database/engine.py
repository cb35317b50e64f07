"""The database behind a URL: one variable decides between a file and a server, the rest of the code does not care."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from verify.database.postgres import PooledPostgresEngine
from verify.database.sqlite import PooledSQLiteEngine

Engine = PooledSQLiteEngine | PooledPostgresEngine  # engine.engine_type: "sqlite" or "postgres"


def engine_from_url(url: str) -> Engine:
    """Make the engine for a URL, without connecting: ``await engine.open()`` does that.

    ``sqlite:///var/refolio.db`` is relative to the working directory, ``sqlite:////srv/refolio.db`` absolute;
    ``postgresql://user:password@host:5432/database`` as in the PostgreSQL manual, 34.1.1.2. Raises ``ValueError`` for
    anything else; the message never repeats the URL, which may hold a password.
    """
    parts = urlsplit(url)
    if parts.scheme in ("postgresql", "postgres"):
        return PooledPostgresEngine(url)
    path = unquote(parts.path.removeprefix("/"))
    if parts.scheme != "sqlite" or parts.netloc or parts.query or parts.fragment or path in ("", ":memory:"):
        raise ValueError(
            "The database URL must look like sqlite:///var/refolio.db (a file) or "
            "postgresql://user:password@host/database. Databases in memory are not supported."
        )
    return PooledSQLiteEngine(path)
