"""The machine and the versions a measurement belongs to, without its name or its paths."""

from __future__ import annotations

import datetime
import os
import platform
from importlib import metadata
from pathlib import Path

from bench.workload import MB

_PACKAGES = ("jupyter-aml", "ipython", "ipykernel", "jupyter-client", "numpy", "pandas", "uvloop")


def describe() -> dict[str, str]:
    """What a reader needs to judge the figures."""
    versions = [f"{name} {version}" for name in _PACKAGES if (version := _version(name))]
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": f"{len(os.sched_getaffinity(0))} x {_first('/proc/cpuinfo', 'model name')}",
        "memory": f"{_memory_mb() / 1000:.0f} GB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "versions": ", ".join(versions),
        "load": " ".join(f"{value:.2f}" for value in os.getloadavg()),
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _first(path: str, key: str) -> str:
    for line in Path(path).read_text().splitlines():
        if line.startswith(key):
            return line.partition(":")[2].strip()
    return "unknown"


def _memory_mb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / MB
