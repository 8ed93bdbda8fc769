"""What the time of a file's last change tells of it: for who remembers what a file held."""

from __future__ import annotations

import os

_COARSEST_NS = 2_000_000_000
"""The step of a filesystem's clock: a few milliseconds on most, two seconds on FAT."""


def will_tell(found: os.stat_result, read_ns: int) -> bool:
    """Whether a change of the file after `read_ns`, by the clock of the system, shows in its time.

    One that was changed in this very tick of its filesystem's clock may be changed once more
    without it: what it holds is not to be remembered by its size and time.
    """
    return found.st_mtime_ns < read_ns - _COARSEST_NS
