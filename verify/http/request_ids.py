"""An id for every request, in its answer, its problem document and its lines in the log. It never comes from outside.

Whoever asks for help names it, and the log shows what happened.
"""

from __future__ import annotations

import base64
import copy
import logging
from contextvars import ContextVar
from typing import Any

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope
from uvicorn.config import LOGGING_CONFIG

from verify.runtime import Runtime

HEADER = "Request-Id"
_STATE = "request_id"
_current: ContextVar[str] = ContextVar("request_id", default="-")


def request_id(scope: Scope, runtime: Runtime) -> str:
    """The id of this request: ``req_`` and 80 random bits, made when it is first asked for."""
    state: dict[str, Any] = scope["state"]
    if _STATE not in state:
        state[_STATE] = "req_" + base64.b32encode(runtime.random_bytes(10)).decode().lower()
    made: str = state[_STATE]
    _current.set(made)
    return made


async def add_request_id(message: Message, scope: Scope) -> None:
    """A hook that puts the id on every HTTP answer, also those that no handler gives."""
    if message["type"] == "http.response.start":
        runtime: Runtime = scope["litestar_app"].state.runtime
        MutableScopeHeaders.from_message(message)[HEADER] = request_id(scope, runtime)


class WithRequestId(logging.Filter):
    """Gives each record of a log the id of the request that is being answered, ``-`` for work of no request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _current.get()
        return True


def log_config() -> dict[str, Any]:
    """The server's usual logging, with the id at the end of each line of a request; our own loggers too."""
    config: dict[str, Any] = copy.deepcopy(LOGGING_CONFIG)
    config["filters"] = {"request_id": {"()": WithRequestId}}
    for formatter in config["formatters"].values():
        formatter["fmt"] += " %(request_id)s"
    for handler in config["handlers"].values():
        handler["filters"] = ["request_id"]
    config["loggers"]["verify"] = {"handlers": ["default"], "level": "WARNING", "propagate": False}
    return config
