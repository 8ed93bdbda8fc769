"""Follow a job to its end from the main thread, with ■ in the person's hand.

A SIGINT is taken when nothing can be lost by it: while the next event is waited for. One that
comes while an event is being shown is acted upon right after.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from jupyter_aml.client.follow import Following
from jupyter_aml.kernel.outputs import Replay
from jupyter_aml.model.event import Event

FLUSH_AFTER_SECONDS = 0.008
"""More output within this time is shown together with what there is.

A quick cell has ended by then, and the kernel shows everything at its end: a flush costs a turn
of the kernel's other thread.
"""


class Interrupts:
    """While it is entered, ■ raises KeyboardInterrupt only where nothing is lost by it."""

    def __init__(self, following: Following) -> None:
        self._following = following
        self._is_pending = False
        self._may_raise = False
        self._before: Any = None

    def __enter__(self) -> Interrupts:
        # Python delivers signals to the main thread only; a subshell of a kernel is another.
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._take)
            # Asked after `is_waiting` is set: one that came just before is not slept over.
            self._following.before_wait = self._check
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _check(self) -> None:
        """Raise the KeyboardInterrupt that came while none could be taken."""
        if self._is_pending:
            self._is_pending = False
            raise KeyboardInterrupt

    def during(self, act: Callable[[], object]) -> None:
        """Call `act`, which ■ may break off."""
        self._may_raise = True
        try:
            act()
        finally:
            self._may_raise = False

    def _take(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        # A person who asks twice shall not wait for whatever takes so long.
        if self._following.is_waiting or self._may_raise or self._is_pending:
            self._is_pending = False
            raise KeyboardInterrupt
        self._is_pending = True


def play(following: Following, replay: Replay, on_interrupt: Callable[[Interrupts], None]) -> None:
    """Show events until the job ends.

    `on_interrupt` is called for each ■; what it raises ends this, and the job goes on. While the
    job is being sent, a first ■ waits until that is done, so that it can be canceled.
    """
    with Interrupts(following) as interrupts:
        following.start()
        while True:
            try:
                event = _next(following, replay)
                if event is None:
                    return
                replay.show(event)
            except KeyboardInterrupt:
                on_interrupt(interrupts)


def _next(following: Following, replay: Replay) -> Event | None:
    """The next event; meanwhile what was shown is flushed and the strip kept up to date."""
    while True:
        timeout = FLUSH_AFTER_SECONDS if replay.needs_flush else replay.wait()
        try:
            return following.next_event(timeout)
        except TimeoutError:
            replay.flush()
            replay.tick()
