"""Records for a plugin of the service: what is said, how the answer is read, and both resource classes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from refolio.client.issued import IssuedCredential
from refolio.client.requests import JSON_BODY, Answer, AsyncSend, Request, Send, body_of, read
from refolio.errors import Fault, RequestRefused, faults_in

MOST_RECORDS = 100  # in one request


class DeliveredRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one record: its credential, or the problem document that says why there is none.

    After a dry run a record without a problem has no credential either: it would have been issued.
    """

    credential: IssuedCredential | None = None
    problem: dict[str, Any] | None = None

    @property
    def faults(self) -> list[Fault]:
        """What is wrong, by the names of the record."""
        return list(faults_in(self.problem or {}))

    @property
    def says(self) -> str:
        """Why there is no credential, in a sentence; empty when there is one."""
        return str((self.problem or {}).get("detail", ""))


class _Results(msgspec.Struct):
    results: list[DeliveredRecord]


def deliver_request(plugin: str, records: Sequence[Mapping[str, object]], *, dry_run: bool) -> Request:
    """Send records. Repeatable: the same record again gives the same credential."""
    if not re.fullmatch(r"[a-z0-9-]{1,48}", plugin):
        raise RequestRefused(f"“{plugin[:60]}” is no plugin. Its name has lower-case letters, digits and hyphens.")
    if not 0 < len(records) <= MOST_RECORDS:
        raise RequestRefused(f"Send 1 to {MOST_RECORDS} records at once.")
    path = f"/api/v1/plugins/{plugin}/records" + ("?dry_run=true" if dry_run else "")
    return Request("POST", path, JSON_BODY, body_of({"records": records}), repeatable=True)


def delivered_in(answer: Answer) -> list[DeliveredRecord]:
    """Read the answer. Raises ServiceError when it is not one of a Refolio service."""
    return read(answer, _Results).results


class Plugins:
    """``client.plugins``: records in a foreign layout, read by a plugin that the service has switched on for you."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def deliver(
        self, plugin: str, records: Sequence[Mapping[str, object]], *, dry_run: bool = False
    ) -> list[DeliveredRecord]:
        """Deliver up to 100 records; the answers are in their order, and each stands for itself.

        Safe to call again: the same record gives the same credential. ``dry_run`` issues nothing. Raises RequestRefused
        for a plugin that is not yours, Unavailable for one that does not work.
        """
        return delivered_in(self._send(deliver_request(plugin, records, dry_run=dry_run)))


class AsyncPlugins:
    """``client.plugins`` of an AsyncClient."""

    def __init__(self, send: AsyncSend) -> None:
        self._send = send

    async def deliver(
        self, plugin: str, records: Sequence[Mapping[str, object]], *, dry_run: bool = False
    ) -> list[DeliveredRecord]:
        """As ``Plugins.deliver``."""
        return delivered_in(await self._send(deliver_request(plugin, records, dry_run=dry_run)))
