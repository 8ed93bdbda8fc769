"""End a `run` that takes too long: SIGALRM raises in it, as Azure's inference server does."""

from __future__ import annotations

import signal
import threading
from types import FrameType


class RunTimeout(BaseException):
    """Not an Exception: a script's `except Exception` must not swallow it."""


class RunTimer:
    """Arms for one run at a time, on the main thread; elsewhere, and without SIGALRM, it is idle.

    C code that holds the interpreter is interrupted when it returns; until then the router has
    answered the client by its own clock.
    """

    def __init__(self, timeout_ms: int) -> None:
        self._seconds = timeout_ms / 1000
        on_main = threading.current_thread() is threading.main_thread()
        self.is_on = on_main and hasattr(signal, "setitimer") and timeout_ms > 0
        self._is_armed = False
        if self.is_on:
            signal.signal(signal.SIGALRM, self._raise)

    def arm(self, times: int = 1) -> None:
        """`times`: how many requests the run serves."""
        if self.is_on:
            self._is_armed = True
            signal.setitimer(signal.ITIMER_REAL, self._seconds * times)

    def disarm(self) -> None:
        """Afterwards nothing is raised, also if the alarm went off just now."""
        if self.is_on:
            self._is_armed = False
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _raise(self, _number: int, _frame: FrameType | None) -> None:
        if self._is_armed:
            self._is_armed = False
            raise RunTimeout
