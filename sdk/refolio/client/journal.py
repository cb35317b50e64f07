"""What a batch has issued so far, in a file that outlives the program: a line of JSON for each credential.

It saves asking again for what is there. That nothing is issued twice does not rest on it but on the service, which
gives the same credential for the same completion; so a line lost in a crash costs one request.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import msgspec

from refolio.client.issued import IssuedCredential
from refolio.errors import RequestRefused


class _Head(msgspec.Struct, frozen=True):
    journal: str


class _Line(msgspec.Struct, frozen=True):
    key: str
    credential: IssuedCredential


class Journal:
    """An open journal. ``service`` is where its credentials are; a journal of another service is refused.

    In memory it keeps some sixty bytes for each credential. Raises RequestRefused and OSError.
    """

    def __init__(self, file: Path, service: str) -> None:
        if file.exists() and not (file.is_file() or file.is_dir()):  # /dev/full, a pipe: reading it may never end
            raise RequestRefused(f"{file} is not a file. Name one that does not exist yet.")
        self._name = str(file)
        self._places: dict[bytes, int] = {}
        self._lock = Lock()
        self._end = file.open("ab", buffering=0)  # what could not be written is not tried again at the end
        self._file = file.open("rb")
        try:
            self._read(file, service)
        except BaseException:
            self._close()
            raise

    def _read(self, file: Path, service: str) -> None:
        place, ended = 0, True
        for number, line in enumerate(self._file):
            ended = line.endswith(b"\n")
            if number == 0:
                self._require_head(file, line, service)
            elif ended and (found := _line_in(line)):  # the last one may be torn
                self._places[_short(found.key)] = place
            place += len(line)
        if place == 0:
            self._write(_Head(service))
        elif not ended:
            self._end.write(b"\n")

    def _require_head(self, file: Path, line: bytes, service: str) -> None:
        try:
            of = msgspec.json.decode(line, type=_Head).journal
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise RequestRefused(
                f"{file} is not the journal of a batch. Name a file that does not exist yet."
            ) from None
        if of != service:
            raise RequestRefused(f"{file} is the journal of a batch at {of}, and this is {service}. Name another file.")

    def find(self, key: str) -> IssuedCredential | None:
        """The credential that this idempotency key led to, if it is known."""
        with self._lock:
            place = self._places.get(_short(key))
            if place is None:
                return None
            self._file.seek(place)
            found = _line_in(self._file.readline())
        return found.credential if found and found.key == key else None

    def add(self, key: str, credential: IssuedCredential) -> None:
        """Take a credential down. It survives the end of this program, however it ends. Raises OSError."""
        with self._lock:
            try:
                self._places[_short(key)] = self._write(_Line(key, credential))
            except OSError as error:  # of a write, which does not know the name
                raise OSError(error.errno, error.strerror, self._name) from None

    def _write(self, line: msgspec.Struct) -> int:
        place = self._end.seek(0, 2)
        left = msgspec.json.encode(line) + b"\n"
        while left:  # a disk that is nearly full takes a part of it
            left = left[self._end.write(left) :]
        return place

    def _close(self) -> None:
        self._end.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()


def _line_in(line: bytes) -> _Line | None:
    try:
        return msgspec.json.decode(line, type=_Line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _short(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()[:16]
