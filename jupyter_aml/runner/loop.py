"""An event loop for the nursery and the node: descriptors, ended children and timers.

Not asyncio: these processes fork, and a forked child can throw this loop away with three closes.
"""

from __future__ import annotations

import heapq
import itertools
import os
import selectors
import signal
import time
import traceback
from collections.abc import Callable

Callback = Callable[[], None]

_FEW = 64


class Timer:
    """A call that waits. `cancel` may be called at any time, also after it rang."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callback) -> None:
        self.callback: Callback | None = callback

    def cancel(self) -> None:
        self.callback = None


class Loop:
    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self._selector = selectors.DefaultSelector()
        self._watched: dict[int, Callback] = {}
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._most_timers = _FEW
        self._running = True
        self._wake: tuple[int, int] | None = None

    def on_child(self, callback: Callback) -> None:
        """Call `callback` whenever children of this process may have ended."""
        self._wake = os.pipe()
        for fd in self._wake:
            os.set_blocking(fd, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # the default would not wake the selector
        signal.set_wakeup_fd(self._wake[1], warn_on_full_buffer=False)
        self.watch(self._wake[0], lambda: (self._swallow(), callback())[1])

    def watch(self, file: int, callback: Callback, *, writing: bool = False) -> None:
        """Call `callback` whenever `file` is readable, and with `writing` also when writable."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if writing else 0)
        if file in self._watched:
            self._selector.modify(file, events, callback)
        else:
            self._selector.register(file, events, callback)
        self._watched[file] = callback

    def unwatch(self, file: int) -> None:
        if self._watched.pop(file, None) is not None:
            self._selector.unregister(file)

    def call_later(self, seconds: float, callback: Callback) -> Timer:
        timer = Timer(callback)
        if len(self._timers) >= self._most_timers:
            self._tidy()
        heapq.heappush(self._timers, (self.now() + seconds, next(self._order), timer))
        return timer

    def run(self) -> None:
        """Until `stop`."""
        while self._running:
            for key, _ in self._selector.select(self._patience()):
                # An earlier callback of this round may have unwatched it, or given its
                # number to another: then it waits for the next round.
                if self._watched.get(key.fd) is key.data:
                    _call(key.data)
            self._ring()

    def stop(self) -> None:
        self._running = False

    def abandon(self) -> None:
        """In a forked child: let go of what belongs to the parent. The parent notices nothing."""
        self._selector.close()
        self._watched.clear()
        self._timers.clear()
        if self._wake is not None:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(self._wake[0])
            os.close(self._wake[1])
            self._wake = None

    def _tidy(self) -> None:
        """Cancelled ones would lie there until their time comes: half an hour, of idle sessions."""
        self._timers = [entry for entry in self._timers if entry[2].callback is not None]
        heapq.heapify(self._timers)
        self._most_timers = max(_FEW, 2 * len(self._timers))

    def _patience(self) -> float | None:
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
        return max(0.0, self._timers[0][0] - self.now()) if self._timers else None

    def _ring(self) -> None:
        while self._timers and self._timers[0][0] <= self.now():
            callback = heapq.heappop(self._timers)[2].callback
            if callback is not None:
                _call(callback)

    def _swallow(self) -> None:
        assert self._wake is not None
        try:
            os.read(self._wake[0], 4096)
        except BlockingIOError:
            pass


def _call(callback: Callback) -> None:
    try:
        callback()
    except Exception:  # a fault about one job, in the log, must not end the others
        traceback.print_exc()
