"""Being told that a folder's files grew: pushed by the kernel where it can, else by polling."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from jupyter_aml.service.clock import Clock


class Watch(Protocol):
    """One watched folder. ``wake`` is called on the event loop, at least once per change."""

    def mute(self) -> None:
        """Do not wake me until `unmute`: a job that prints all the time must not keep us busy."""
        ...

    def unmute(self) -> None:
        """Wake me again. Look at the files *after* this call, or a change is missed."""
        ...

    def close(self) -> None: ...


class Watcher(Protocol):
    """One per service."""

    def watch(self, folder: Path | str, wake: Callable[[], object], /) -> Watch:
        """Watch an existing folder; it starts unmuted."""
        ...

    def close(self) -> None: ...


def choose_watcher(clock: Clock) -> Watcher:
    """The kernel's notifications on Linux, polling elsewhere. Called on the event loop."""
    from jupyter_aml.service.joblog.polling import PollingWatcher

    if sys.platform.startswith("linux"):
        from jupyter_aml.service.joblog.inotify import InotifyWatcher

        try:
            return InotifyWatcher(fallback=PollingWatcher(clock))
        except OSError:
            pass  # the user's inotify instances are used up: others' programs hold them
    return PollingWatcher(clock)
