"""Applications for the tests. Building the routes of one takes long, so they serve one world after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from litestar import Litestar

from verify.app import build, furnish, is_https
from verify.runtime import Runtime

_free: dict[tuple[bool, bool, bool], list[Litestar]] = {}


@contextmanager
def application(runtime: Runtime) -> Iterator[Litestar]:
    """An application with this runtime. Nothing of the world before is left in it."""
    free = _free.setdefault((is_https(runtime.settings), runtime.settings.suite, runtime.settings.outbox), [])
    app = free.pop() if free else build(runtime.settings)
    for name in list(app.state):
        del app.state[name]
    furnish(app, runtime)
    yield app
    free.append(app)
