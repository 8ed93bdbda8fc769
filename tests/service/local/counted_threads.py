"""The event loop's threads, counted, so that a clock that a test moves can wait for them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class CountedThreads(ThreadPoolExecutor):
    """Set as a loop's default executor: then `asyncio.to_thread` uses it."""

    def __init__(self) -> None:
        super().__init__(thread_name_prefix="counted")
        self.at_work = 0
        """Calls whose end the event loop has not been told yet."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        loop = asyncio.get_running_loop()
        self.at_work += 1
        future = super().submit(fn, *args, **named)
        future.add_done_callback(lambda _: self._tell(loop))
        return future

    def _tell(self, loop: asyncio.AbstractEventLoop) -> None:
        with contextlib.suppress(RuntimeError):  # it was closed meanwhile
            loop.call_soon_threadsafe(self._left)

    def _left(self) -> None:
        self.at_work -= 1
