"""Waiting for the next event of a log."""

from __future__ import annotations

import asyncio

from jupyter_aml.service.clock import Clock


class News:
    """Of one log."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: set[asyncio.Future[bool]] = set()

    async def wait(self, seconds: float) -> bool:
        """Until `tell` is called; False if it was not in that time."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        timer = self._clock.call_later(seconds, lambda: future.done() or future.set_result(False))
        try:
            return await future
        finally:
            timer.cancel()
            self._waiting.discard(future)

    def tell(self) -> None:
        """There is something new, or nothing new will come."""
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(True)
