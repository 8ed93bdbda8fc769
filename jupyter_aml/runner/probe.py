"""What this machine has: CPUs, memory, GPUs, disk, Python. Prints it as one JSON line."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
from typing import Any

_CGROUP_LIMITS = (
    "/sys/fs/cgroup/memory.max",  # version 2
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",  # version 1
)
_QUERY = ("--query-gpu=index,name,memory.total", "--format=csv,noheader,nounits")


def probe(disk: str = os.sep) -> dict[str, Any]:
    """What a job could use here. Sizes in bytes."""
    return {
        "cpus": cpus(),
        "memory": memory(),
        "gpus": gpus(),
        "disk_free": shutil.disk_usage(disk).free,
        "python": platform.python_version(),
        "executable": sys.executable,
        "platform": sys.platform,
        "packages": [name for name in ("IPython", "cloudpickle") if _has(name)],
    }


def cpus() -> list[int]:
    """Those that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def memory() -> int:
    """Of the machine, or of the container if that is less."""
    sizes = [_physical(), *filter(None, map(_limit, _CGROUP_LIMITS))]
    return min(size for size in sizes if size)


def gpus() -> list[dict[str, Any]]:
    """As ``nvidia-smi`` lists them; none where it is not installed or fails."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    done = subprocess.run(
        [program, *_QUERY], capture_output=True, text=True, check=False, timeout=20
    )
    rows = [[part.strip() for part in line.split(",")] for line in done.stdout.splitlines()]
    return [
        {"id": row[0], "model": row[1], "memory": int(float(row[2])) << 20}
        for row in rows
        if len(row) == 3 and done.returncode == 0
    ]


def _physical() -> int:
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        # By name: the runner must also load where psutil is missing.
        return importlib.import_module("psutil").virtual_memory().total
    except ImportError:
        return 0


def _limit(path: str) -> int:
    """0 where there is no such limit: "max", a number near 2**63, or no file."""
    try:
        with open(path) as file:
            text = file.read().strip()
    except OSError:
        return 0
    return int(text) if text.isdigit() and int(text) < 1 << 60 else 0


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def main() -> None:
    print(json.dumps(probe()))
