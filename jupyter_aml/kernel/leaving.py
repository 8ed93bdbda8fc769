"""Whether the kernel was told to end: a restart, a shutdown, a Jupyter Server that stops.

Jupyter interrupts a kernel before it asks it to end, so that its cell lets go. The interrupt is the
same SIGINT as that of ■, and only ■ may cancel what runs elsewhere; the request to end comes
right behind, on a channel that another thread serves.
"""

from __future__ import annotations

import time
from typing import Any

_STEPS = 20
"""Counted, not timed: on a busy machine the thread that hears of the end gets as many turns."""
_STEP_SECONDS = 0.01


def is_leaving(shell: Any) -> bool:
    """Called at an interrupt. Takes 0.2 s at most where nothing else runs, which nobody notices
    who pressed ■."""
    if getattr(shell, "kernel", None) is None:
        return False
    for _ in range(_STEPS):
        if shell.exit_now:
            break
        time.sleep(_STEP_SECONDS)
    return bool(shell.exit_now)
