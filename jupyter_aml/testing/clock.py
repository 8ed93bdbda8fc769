"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
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
