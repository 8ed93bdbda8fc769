"""Clocks for tests: one that stands still until it is moved, one that goes and can be moved on."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from datetime import datetime, timezone


class FakeClock:
    """A `service.clock.Clock`. Timers fire inside `advance`, in order, on the caller's thread."""

    def __init__(self, start: float = 1_795_283_953.0) -> None:
        self._wall = start
        self._elapsed = 0.0
        self._order = itertools.count()
        self._timers: list[tuple[float, int, _FakeTimer]] = []

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._wall, timezone.utc)

    def time(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.call_later(seconds, lambda: future.done() or future.set_result(None))
        await future

    def call_later(self, seconds: float, callback: Callable[[], object]) -> _FakeTimer:
        timer = _FakeTimer(callback)
        heapq.heappush(self._timers, (self._elapsed + seconds, next(self._order), timer))
        return timer

    def advance(self, seconds: float) -> None:
        """Let time pass; timers that fall due fire at their own moment."""
        until = self._elapsed + seconds
        while self._timers and self._timers[0][0] <= until:
            due, _, timer = heapq.heappop(self._timers)
            self._move_to(max(due, self._elapsed))
            timer.fire()
        self._move_to(until)

    async def pass_time(self, seconds: float, *, turns: int = 10) -> None:
        """`advance`, then give the tasks that were woken some turns of the event loop."""
        self.advance(seconds)
        for _ in range(turns):
            await asyncio.sleep(0)

    def jump(self, seconds: float) -> None:
        """Set the wall clock alone, as a person or NTP does."""
        self._wall += seconds

    @property
    def timers(self) -> int:
        """How many timers wait: a leak check."""
        return sum(not timer.cancelled for _, _, timer in self._timers)

    def _move_to(self, elapsed: float) -> None:
        self._wall += elapsed - self._elapsed
        self._elapsed = elapsed


class MovableClock:
    """Goes as the system's does, and forward when told: for what runs real processes.

    A `service.clock.Clock`. Timers fire when their time has come on their own; `advance` brings
    those forward that are due by then.
    """

    def __init__(self) -> None:
        self._ahead = 0.0
        self._waiting: dict[_Brought, float] = {}

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time(), timezone.utc)

    def time(self) -> float:
        return time.time() + self._ahead

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_later(seconds, lambda: future.done() or future.set_result(None))
        try:
            await future
        finally:
            timer.cancel()

    def call_later(self, seconds: float, callback: Callable[[], object]) -> _Brought:
        timer = _Brought(callback, self._waiting)
        self._waiting[timer] = self.monotonic() + seconds
        timer.wait(seconds)
        return timer

    def advance(self, seconds: float) -> None:
        """Let time pass at once, on the event loop's thread."""
        self._ahead += seconds
        now = self.monotonic()
        for timer, due in sorted(self._waiting.items(), key=lambda item: item[1]):
            timer.wait(max(0.0, due - now))


class _Brought:
    """A timer of the event loop that can be set anew."""

    def __init__(self, callback: Callable[[], object], waiting: dict[_Brought, float]) -> None:
        self._callback = callback
        self._waiting = waiting
        self._handle: asyncio.TimerHandle | None = None

    def wait(self, seconds: float) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._handle = asyncio.get_running_loop().call_later(seconds, self._fire)

    def cancel(self) -> None:
        self._waiting.pop(self, None)
        if self._handle is not None:
            self._handle.cancel()

    def _fire(self) -> None:
        if self._waiting.pop(self, None) is not None:
            self._callback()


class _FakeTimer:
    def __init__(self, callback: Callable[[], object]) -> None:
        self._callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True

    def fire(self) -> None:
        if not self.cancelled:
            self.cancelled = True
            self._callback()
