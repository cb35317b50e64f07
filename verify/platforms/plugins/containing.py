"""A process for one plugin: started, asked within a deadline, and killed with everything it started.

Blocking; a server calls it from a thread. It holds off plugins that hang, crash, print, eat memory or talk without end.
Not code that means harm: it runs as the same user of this machine (docs/decisions/0026).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from verify.platforms.plugins.configuring import SwitchedOn
from verify.settings import plugin_environment

WORKER = Path(__file__).with_name("worker.py")
MEMORY = 512 * 1024 * 1024  # address space in bytes
PROCESSOR = 60  # seconds of processor time for one delivery
LIFE = 180  # seconds after which it ends by itself, should nobody be left to kill it
LONGEST_ANSWER = 512 * 1024  # bytes
KEPT = 2000  # bytes of what it printed last, for the operator's log
START_SECONDS, CALL_SECONDS = 10.0, 5.0
_CHUNK = 64 * 1024


class PluginFault(Exception):
    """The plugin did what no plugin may. The message is ours, in a sentence; it repeats nothing of a record."""


class Contained:
    """One process with one plugin, for the time of a ``with`` block. ``config`` None only loads the class."""

    def __init__(
        self, entry: str, config: dict[str, str] | None, wrap: tuple[str, ...] = (), *, memory: int = MEMORY
    ) -> None:
        self._load = {"do": "load", "path": [str(Path(one).absolute()) for one in sys.path], "entry": entry}
        self._load["config"] = config  # type: ignore[assignment]
        self._command = (*wrap, sys.executable, "-s", "-P", "-B", str(WORKER), str(memory), str(PROCESSOR), str(LIFE))
        self._buffer = bytearray()
        self.printed = bytearray()
        self.manifest: dict[str, Any] = {}

    @classmethod
    def of(cls, one: SwitchedOn, entry: str) -> Contained:
        """That of a plugin that is switched on."""
        return cls(entry, dict(one.config), one.wrap)

    def __enter__(self) -> Self:
        try:
            self._process = subprocess.Popen(  # noqa: S603 - ours, and what the operator put before it
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=plugin_environment(),
                cwd="/",
                start_new_session=True,  # so that what it starts can be killed with it
                bufsize=0,
            )
        except OSError as error:
            raise PluginFault(f"Its process cannot be started: {error.strerror}.") from None
        for pipe in self._pipes():
            os.set_blocking(pipe.fileno(), False)
        try:
            answer = self.ask(self._load, START_SECONDS, among=("loaded", "config"))
            if "config" in answer:
                raise ConfigFault(answer["config"])
            self.manifest = answer["loaded"]
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()

    def kill(self) -> None:
        """End it, and whatever it started that has not left its session."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):  # what runs as somebody else is not ours to end
            self._process.wait(5)
        for pipe in self._pipes():
            pipe.close()

    def ask(self, message: dict[str, Any], seconds: float | None = None, *, among: tuple[str, ...]) -> dict[str, Any]:
        """Say one thing and return the answer, an object with one of the members ``among``. Raises PluginFault."""
        seconds = CALL_SECONDS if seconds is None else seconds
        line = self._converse(json.dumps(message).encode() + b"\n", time.monotonic() + seconds, seconds)
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            raise PluginFault("It answered something that is no JSON.") from None
        if isinstance(answer, dict) and isinstance(answer.get("fault"), str):
            raise PluginFault(f"It broke: {_kind(answer['fault'])}.")
        if not isinstance(answer, dict) or not any(name in answer for name in among):
            raise PluginFault("It answered something else than what was asked.")
        return answer

    def _converse(self, out: bytes, deadline: float, seconds: float) -> bytes:
        """Write all of ``out`` and read one line, whatever comes first; drop what is printed but for its end."""
        if self._buffer:
            raise PluginFault("It spoke without being asked.")
        stdin, stdout, stderr = self._pipes()
        with selectors.DefaultSelector() as waiting:
            waiting.register(stdin, selectors.EVENT_WRITE)
            for pipe in (stdout, stderr):
                waiting.register(pipe, selectors.EVENT_READ)
            while True:
                left = deadline - time.monotonic()
                ready = waiting.select(left) if left > 0 else []
                if not ready:
                    raise PluginFault(f"It gave no answer within {seconds:g} seconds.")
                for key, _ in ready:
                    if key.fileobj is stdin:
                        out = self._write(out)
                        if not out:
                            waiting.unregister(stdin)
                    elif key.fileobj is stderr:
                        if not self._keep(os.read(key.fd, _CHUNK)):
                            waiting.unregister(stderr)
                    else:
                        self._take(os.read(key.fd, _CHUNK))
                        if (end := self._buffer.find(b"\n")) >= 0:
                            line = bytes(self._buffer[:end])
                            del self._buffer[: end + 1]
                            return line

    def _write(self, out: bytes) -> bytes:
        assert self._process.stdin
        try:
            return out[os.write(self._process.stdin.fileno(), out[:_CHUNK]) :]
        except BlockingIOError:
            return out
        except BrokenPipeError:
            return b""  # it has ended; reading says so

    def _keep(self, chunk: bytes) -> bool:
        self.printed += chunk
        del self.printed[:-KEPT]
        return bool(chunk)

    def _take(self, chunk: bytes) -> None:
        if not chunk:
            raise PluginFault(f"Its process ended: {self._ended()}.")
        self._buffer += chunk
        if len(self._buffer) > LONGEST_ANSWER:
            raise PluginFault(f"It answered with more than {LONGEST_ANSWER // 1024} kB.")

    def _ended(self) -> str:
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return "it hung up"
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"

    def _pipes(self) -> tuple[Any, Any, Any]:
        return self._process.stdin, self._process.stdout, self._process.stderr


class ConfigFault(PluginFault):
    """The plugin refuses its config. ``key`` may be shown to anybody, the message only to the operator."""

    def __init__(self, said: Any) -> None:
        key, reason, fix = (*map(str, said if isinstance(said, list) else []), "", "", "")[:3]
        self.key = key[:60]
        super().__init__(f"It refuses its config. {self.key}: {reason[:300]} {fix[:300]}".rstrip())


def _kind(fault: str) -> str:
    """``KeyError at plugin.py:12``; whatever else it may say is not repeated, because anybody may read this."""
    return fault if re.fullmatch(r"[A-Za-z_]\w{0,60}( at [\w.-]{1,60}:[0-9]{1,6})?", fault) else "an exception"
