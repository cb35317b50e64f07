"""How many requests an API key, or an address without one, may send in a span of seconds; all processes count together.

A write for each request would cost more than most requests do. So each process counts for itself and tells the database
only when it has counted a twentieth of the limit; the answer says what all have counted. An address that stays
below a twentieth is never written down. In return the limit can be passed by a twentieth for each process.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from verify.database import tx
from verify.http.limits import Left
from verify.people.limiting import network_of
from verify.people.tables import Allowance
from verify.platforms.keying import fingerprint
from verify.platforms.tables import ApiKey
from verify.runtime import Runtime
from verify.settings import Rate

PORTIONS = 20
MOST_COUNTED = 100_000  # in memory at a time; an attack from more addresses is counted anew


@dataclass(slots=True)
class _Count:
    """``here`` counts since the database was told last; ``told`` is what all processes had counted then."""

    here: int = 0
    told: int = 0


class Limiter:
    """The counters of one process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._policies = {"key": runtime.settings.rate_per_key, "address": runtime.settings.rate_per_address}
        self._counts: dict[str, tuple[int, dict[str, _Count]]] = {}  # by policy: the span, and who was counted in it
        self._known_keys: dict[str, bool] = {}

    async def charge(self, authorization: str | None, client: str | None) -> Left | None:
        """Count one request of this key or address and say what is left; None where there is no limit.

        What is no key of ours is counted with its address, so that inventing keys gains nothing (SEC-212).
        """
        name, who = "address", client and network_of(client)
        secret = (authorization or "").partition(" ")[2].strip()
        if secret and await self._is_known(key := fingerprint(secret)):
            name, who = "key", key
        rate = self._policies[name]
        if rate is None or not who:  # behind a socket without addresses all would share one
            return None
        return await self._spend(name, rate, who)

    async def _spend(self, name: str, rate: Rate, who: str) -> Left:
        now = self._runtime.now()
        span = int(now.timestamp()) // rate.seconds
        ends_at = datetime.fromtimestamp((span + 1) * rate.seconds, tz=now.tzinfo)
        count = self._count_of(name, span, who)
        reset = max(1, math.ceil((ends_at - now).total_seconds()))
        if count.told + count.here >= rate.most:
            return Left(name, rate, 0, reset, is_over=True)
        count.here += 1
        if count.here >= max(1, rate.most // PORTIONS):
            told, count.here = count.here, 0
            count.told += told  # others are answered meanwhile
            count.told = max(count.told, await self._tell(f"{name}\x1f{who}\x1f{span}", told, ends_at))
        return Left(name, rate, max(0, rate.most - count.told - count.here), reset, is_over=False)

    def _count_of(self, name: str, span: int, who: str) -> _Count:
        begun, counts = self._counts.get(name, (None, {}))
        if begun != span or len(counts) >= MOST_COUNTED:
            counts = {}
            self._counts[name] = (span, counts)
        return counts.setdefault(who, _Count())

    async def _tell(self, what: str, number: int, ends_at: datetime) -> int:
        key = hashlib.sha256(what.encode()).hexdigest()
        async with tx():
            await Allowance.delete().where(Allowance.ends_at < self._runtime.now())
            row = Allowance(key=key, spent=0, ends_at=ends_at + timedelta(seconds=1))
            await Allowance.insert(row).on_conflict(action="DO NOTHING")
            (counted,) = (
                await Allowance.update({Allowance.spent: Allowance.spent + number})
                .where(Allowance.key == key)
                .returning(Allowance.spent)
            )
        spent: int = counted["spent"]
        return spent

    async def _is_known(self, key: str) -> bool:
        if key not in self._known_keys:
            if len(self._known_keys) >= MOST_COUNTED:
                self._known_keys.clear()
            found = await ApiKey.exists().where(ApiKey.sha256 == key, ApiKey.revoked_at.is_null())
            self._known_keys[key] = bool(found)
        return self._known_keys[key]
