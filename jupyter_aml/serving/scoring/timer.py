"""End a `run` that takes too long: SIGALRM raises in it, as Azure's inference server does."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

_LEAST_SECONDS = 0.001  # a timer of less than a microsecond would be none


class RunTimeout(BaseException):
    """Not an Exception: a script's `except Exception` must not swallow it."""


class RunTimer:
    """Arms for one run at a time, on the main thread; elsewhere, and without SIGALRM, it is idle.

    The alarm is set for the first of several runs and left alone by those that follow: one that
    goes off too early for the run that is on sets itself anew. `rest` takes it back. The same
    alarm sees to what must not wait for the end of a run (`meanwhile`).

    C code that holds the interpreter is interrupted when it returns; until then the router has
    answered the client by its own clock.
    """

    def __init__(self, timeout_ms: int) -> None:
        self._seconds = timeout_ms / 1000
        on_main = threading.current_thread() is threading.main_thread()
        self.is_on = on_main and hasattr(signal, "setitimer") and timeout_ms > 0
        self._end = 0.0  # of the run that is on; 0: none is
        self._rings_at = 0.0  # when the alarm goes off; 0: it is not set
        self._call: Callable[[], None] | None = None
        self._call_at = math.inf
        if self.is_on:
            signal.signal(signal.SIGALRM, self._rang)

    def arm(self, times: int = 1) -> None:
        """`times`: how many requests the run serves."""
        if self.is_on:
            self._end = end = time.monotonic() + self._seconds * times
            if not 0.0 < self._rings_at <= (end if end < self._call_at else self._call_at):
                self._set()

    def disarm(self) -> None:
        """Afterwards nothing is raised, also if the alarm went off just now."""
        self._end = 0.0

    def meanwhile(self, seconds: float, call: Callable[[], None]) -> None:
        """Between two runs: if one is on in so many seconds, `call` is called in it, once.

        It must not raise. `rest` forgets it.
        """
        self._call, self._call_at = call, time.monotonic() + seconds

    def rest(self) -> None:
        """No run follows at once: afterwards no signal comes."""
        self._call_at = math.inf
        if self._rings_at:
            self._rings_at = 0.0
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _set(self) -> None:
        self._rings_at = min(self._end, self._call_at)
        left = max(_LEAST_SECONDS, self._rings_at - time.monotonic())
        signal.setitimer(signal.ITIMER_REAL, left)

    def _rang(self, _number: int, _frame: FrameType | None) -> None:
        self._rings_at = 0.0
        if not self._end:
            return
        if self._call is not None and time.monotonic() >= self._call_at:
            self._call_at = math.inf
            self._call()
        if time.monotonic() < self._end:
            self._set()
            return
        self._end = 0.0
        raise RunTimeout
