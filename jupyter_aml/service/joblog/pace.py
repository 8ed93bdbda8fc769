"""When to look at a job's files: at the first change at once, at later ones together."""

from __future__ import annotations

from collections.abc import Callable

from jupyter_aml.service.clock import Clock, Timer
from jupyter_aml.service.joblog.watcher import Watch, Watcher

FOLLOWED_SECONDS = 0.015
"""Least time between two looks while somebody follows."""
ALONE_SECONDS = 0.250
"""The same while nobody does: fewer and larger chunks, so that months of output stay small."""


class Pace:
    """Calls `look` after changes in `folder`. `look` returns (found something, there is more)."""

    def __init__(
        self,
        folder: str,
        look: Callable[[], tuple[bool, bool]],
        *,
        watcher: Watcher,
        clock: Clock,
        followed: Callable[[], bool],
    ) -> None:
        self._look = look
        self._clock = clock
        self._followed = followed
        self._timer: Timer | None = None
        self._closed = False
        self._folder = folder
        self._watcher = watcher
        self._watch: Watch | None = None
        if followed():
            self._watch = watcher.watch(folder, self._changed)
        else:  # until then a quick job has ended, and nobody had to be woken for it
            self._timer = clock.call_later(ALONE_SECONDS, self._look_again)

    def hurry(self) -> None:
        """Look now. Somebody asks, or a file was there before the watch was."""
        if not self._closed:
            self._look_again()

    def hurry_rest(self) -> None:
        """Look now if the last look was followed by a rest; else a change has woken us anyway."""
        if self._timer is not None:
            self.hurry()

    def close(self) -> None:
        self._closed = True
        self._cancel()
        if self._watch is not None:
            self._watch.close()

    def _changed(self) -> None:
        """Woken, so not muted: nothing was found lately."""
        if self._timer is None and not self._closed:
            found, more = self._look()
            if found and not self._closed:
                self._rest(more)

    def _look_again(self) -> None:
        self._cancel()
        if self._watch is None:
            self._watch = self._watcher.watch(self._folder, self._changed)
        else:
            self._watch.unmute()
        found, more = self._look()
        if found and not self._closed:
            self._rest(more)

    def _rest(self, more: bool) -> None:
        if self._watch is not None:
            self._watch.mute()
        seconds = FOLLOWED_SECONDS if self._followed() else ALONE_SECONDS
        self._timer = self._clock.call_later(0 if more else seconds, self._look_again)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
