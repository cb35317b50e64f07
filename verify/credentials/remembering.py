"""What was published and done, remembered in files outside the database: a restored copy of that would not know.

In ``<REFOLIO_DATA>/published/<lineage>/``: ``lists/<id>`` is the newest edition of each status list that this process
or another one with the same folder has signed, ``ends/<issuer>`` the end of each issuer's audit trail. Processes with
folders of their own each remember what they did. ``restoring`` compares at the start.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakKeyDictionary

import msgspec

from refolio.credential import status_list
from verify.credentials.tables import Lineage
from verify.database import Engine, tx
from verify.database.binding import bound_engine
from verify.runtime import Runtime
from verify.trail.tables import TrailHead


class RememberedList(msgspec.Struct, frozen=True):
    """An edition of a status list. ``version`` counts withdrawals as StatusList.version does."""

    id: str
    issuer: str
    length: int
    version: int
    document: str

    @property
    def bits(self) -> bytes:
        """The bits that were published."""
        encoded: str = msgspec.json.decode(self.document)["credentialSubject"]["encodedList"]
        return status_list.decode(encoded)


class RememberedEnd(msgspec.Struct, frozen=True):
    """The end of an issuer's audit trail: the number and the hash of an entry that was committed."""

    number: int
    hash: str


_lineages: WeakKeyDictionary[Engine, str] = WeakKeyDictionary()


async def folder_of(runtime: Runtime) -> Path:
    """Where this database's files are."""
    engine = bound_engine()
    if engine not in _lineages:
        row = await Lineage.select(Lineage.id).first()
        if row is None:
            async with tx():
                await Lineage(id=runtime.new_id(), created_at=runtime.now()).save()
            row = await Lineage.select(Lineage.id).order_by(Lineage.created_at).order_by(Lineage.id).first()
        _lineages[engine] = str(row["id"] if row else "")
    return runtime.settings.data / "published" / _lineages[engine]


async def remember_act(runtime: Runtime, issuer: str) -> None:
    """Remember that the trail of ``issuer`` has come as far as it has. Call after the commit, before the answer."""
    head = await TrailHead.select(TrailHead.number, TrailHead.hash).where(TrailHead.scope == issuer).first()
    if head:
        _keep_end(await folder_of(runtime), issuer, RememberedEnd(head["number"], head["hash"]))


async def forget_end(runtime: Runtime, issuer: str) -> None:
    """Let the trail as it is now be the one to remember, although it is shorter or another than the remembered one."""
    head = await TrailHead.select(TrailHead.number, TrailHead.hash).where(TrailHead.scope == issuer).first()
    if head:
        _keep_end(await folder_of(runtime), issuer, RememberedEnd(head["number"], head["hash"]), even_if_older=True)


async def remember_list(runtime: Runtime, edition: RememberedList) -> None:
    """Keep this edition, and every bit of the one that was kept before; on the disk when this returns."""
    await asyncio.to_thread(_keep_list, await folder_of(runtime), edition)


async def remembered_list(runtime: Runtime, list_id: str) -> RememberedList | None:
    """The newest edition of a list that was remembered here."""
    return _read_list(await folder_of(runtime) / "lists" / list_id)


def lists_in(folder: Path) -> Iterator[RememberedList]:
    """All lists that are remembered."""
    for file in sorted((folder / "lists").glob("*")):
        if not file.suffix and (kept := _read_list(file)):
            yield kept


def ends_in(folder: Path) -> Iterator[tuple[str, RememberedEnd]]:
    """All issuers with the end of their trail as it is remembered."""
    for file in sorted((folder / "ends").glob("*")):
        if end := _read_end(file):
            yield file.name, end


def union(bits: bytes, more: bytes) -> bytes:
    """Every bit that is set in either of two lists of one length."""
    return (int.from_bytes(bits) | int.from_bytes(more)).to_bytes(len(bits))


def _keep_end(folder: Path, issuer: str, end: RememberedEnd, *, even_if_older: bool = False) -> None:
    """Not forced to the disk: after a power failure an end may lag behind, and lagging is harmless."""
    file = folder / "ends" / issuer
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.seek(0)
        known = _decoded_end(held.read())
        if even_if_older or known is None or known.number < end.number:
            held.seek(0)
            held.truncate()
            held.write(msgspec.json.encode(end))


def _keep_list(folder: Path, edition: RememberedList) -> None:
    file = folder / "lists" / edition.id
    file.parent.mkdir(parents=True, exist_ok=True)
    with _alone(file.with_suffix(".lock")):
        known = _read_list(file)
        if known and known.version > edition.version:
            return
        draft = file.with_suffix(".draft")
        with draft.open("wb") as written:
            written.write(msgspec.json.encode(edition))
            written.flush()
            os.fsync(written.fileno())
        draft.replace(file)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One process at a time; a process that dies lets go."""
    with lock.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _read_list(file: Path) -> RememberedList | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=RememberedList)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _read_end(file: Path) -> RememberedEnd | None:
    try:
        return _decoded_end(file.read_bytes())
    except FileNotFoundError:
        return None


def _decoded_end(raw: bytes) -> RememberedEnd | None:
    try:
        return msgspec.json.decode(raw, type=RememberedEnd)
    except msgspec.DecodeError:
        return None
