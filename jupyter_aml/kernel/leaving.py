"""Whether the kernel was told to end: a restart, a shutdown, a Jupyter Server that stops.

Jupyter interrupts a kernel before it asks it to end, so that its cell lets go. The interrupt is the
same SIGINT as that of ■, and only ■ may cancel what runs elsewhere; the request to end comes
right behind, on a channel that another thread serves.
"""

from __future__ import annotations

import time
from typing import Any

_GRACE_SECONDS = 0.2
_STEP_SECONDS = 0.01


def is_leaving(shell: Any) -> bool:
    """Called at an interrupt. Takes up to 0.2 s, which nobody notices who pressed ■."""
    if getattr(shell, "kernel", None) is None:
        return False
    deadline = time.monotonic() + _GRACE_SECONDS
    while not shell.exit_now and time.monotonic() < deadline:
        time.sleep(_STEP_SECONDS)
    return bool(shell.exit_now)
