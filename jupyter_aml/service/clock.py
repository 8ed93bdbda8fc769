"""Time as a parameter: the service asks a `Clock`, so that a test moves time instead of waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timezone
from functools import lru_cache
from typing import Protocol


class Timer(Protocol):
    """What `Clock.call_later` returns."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """Wall time for what people read, monotonic time for what is measured."""

    def now(self) -> datetime:
        """The wall clock, in UTC."""
        ...

    def time(self) -> float:
        """The wall clock, in seconds since 1970."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump; only differences mean something."""
        ...

    async def sleep(self, seconds: float) -> None: ...

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        """Call `callback` on the running event loop."""
        ...


class SystemClock:
    """This machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(timezone.utc)

    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        return asyncio.get_running_loop().call_later(seconds, callback)


def iso(moment: datetime | float) -> str:
    """RFC 3339 in UTC with microseconds: ``2026-11-21T17:59:13.123456Z``."""
    if isinstance(moment, datetime):
        if moment.utcoffset():
            moment = moment.astimezone(timezone.utc)
        return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    seconds = int(moment)
    return f"{_iso_second(seconds)}.{int((moment - seconds) * 1_000_000):06}Z"


@lru_cache(maxsize=16)
def _iso_second(seconds: int) -> str:
    """Every event of a job has a time, and most fall into the second of the one before."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
