"""When this process was started: a pid alone proves nothing to who reads it later."""

from __future__ import annotations

import os


def process_created() -> float | None:
    """When this process was started, in seconds as psutil counts them; None where /proc is not."""
    try:
        with open("/proc/self/stat", encoding="ascii", errors="replace") as file:
            ticks = int(file.read().rpartition(")")[2].split()[19])
        with open("/proc/stat", encoding="ascii") as file:
            booted = next(float(line.split()[1]) for line in file if line.startswith("btime"))
    except (OSError, ValueError, IndexError, StopIteration):
        return None
    return booted + ticks / os.sysconf("SC_CLK_TCK")
