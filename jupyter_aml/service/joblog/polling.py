"""The watcher of platforms without inotify, and of folders that found no watch left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jupyter_aml.service.clock import Clock, Timer

FASTEST_SECONDS = 0.020
SLOWEST_SECONDS = 0.200
_SLOWING = 1.3


class PollingWatcher:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: set[_PollingWatch] = set()

    def watch(self, _folder: Path | str, wake: Callable[[], object]) -> _PollingWatch:
        watch = _PollingWatch(self._clock, wake, self._open.discard)
        self._open.add(watch)
        return watch

    def close(self) -> None:
        for watch in list(self._open):
            watch.close()


class _PollingWatch:
    """Wakes every 20 ms at first, then ever more rarely until it was muted, which means news."""

    def __init__(
        self, clock: Clock, wake: Callable[[], object], forget: Callable[[_PollingWatch], object]
    ) -> None:
        self._clock = clock
        self._wake = wake
        self._forget = forget
        self._timer: Timer | None = None
        self._wait = FASTEST_SECONDS
        self.unmute()

    def mute(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def unmute(self) -> None:
        self.mute()
        self._wait = FASTEST_SECONDS
        self._timer = self._clock.call_later(self._wait, self._poll)

    def close(self) -> None:
        self.mute()
        self._forget(self)

    def _poll(self) -> None:
        self._wait = min(self._wait * _SLOWING, SLOWEST_SECONDS)
        self._timer = self._clock.call_later(self._wait, self._poll)
        self._wake()
