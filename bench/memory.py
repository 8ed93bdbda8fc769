"""Proportional memory of process trees: shared pages are counted once, however many share them.

RSS would count a forked worker's pages again and again. Linux only, standard library only.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from bench.workload import MB


def descendants(root: int) -> set[int]:
    """`root` and everything below it now."""
    parents = {pid: _parent(pid) for pid in _pids()}
    found = {root}
    while grown := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= grown
    return found


def matching(is_wanted: Callable[[str, str], bool]) -> set[int]:
    """Processes whose (command line, environment) satisfy `is_wanted`, this one excepted."""
    found: set[int] = set()
    for pid in _pids():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
            environ = Path(f"/proc/{pid}/environ").read_text(errors="replace")
        except OSError:
            continue
        if pid != os.getpid() and is_wanted(command, environ):
            found.add(pid)
    return found


def pss(pids: Iterable[int]) -> dict[str, float]:
    """Figures of these processes together."""
    kilobytes = [_pss_kb(pid) for pid in pids]
    alive = [value for value in kilobytes if value]
    return {"PSS MB": sum(alive) * 1024 / MB, "processes": float(len(alive))}


def _pss_kb(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass  # gone meanwhile
    return 0


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
