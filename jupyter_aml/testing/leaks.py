"""What a service or a job left behind: processes, sockets."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import psutil

HOME = "JUPYTER_AML_HOME"
MARKER = "JUPYTER_AML_MARKER"


def processes_of(home: Path, *, markers: Sequence[str] = ()) -> list[psutil.Process]:
    """Every process but this one that belongs to `home`: by its environment or command line.

    `markers` also finds jobs (``JUPYTER_AML_MARKER``) that shed everything else.
    """
    return [
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid() and _belongs(process, str(home), markers)
    ]


def describe(processes: Sequence[psutil.Process]) -> list[str]:
    lines: list[str] = []
    for process in processes:
        try:
            lines.append(f"{process.pid} {process.status()} {' '.join(process.cmdline())[:200]}")
        except psutil.Error:
            continue  # gone by now
    return lines


def is_gone(process: psutil.Process) -> bool:
    """Whether it has ended, though perhaps nobody asked yet how. Never raises for one that ends."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True  # between the two questions


def end(processes: Sequence[psutil.Process], *, seconds: float = 30.0) -> list[str]:
    """Wait for what is on its way out; kill the rest and say what it was."""
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    described = describe(alive)
    for process in alive:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(alive, timeout=seconds)
    return described


def _belongs(process: psutil.Process, home: str, markers: Sequence[str]) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        environment = process.environ()
        if environment.get(HOME) == home or environment.get(MARKER) in (markers or ()):
            return True
        return home in process.cmdline()
    except (psutil.Error, OSError):
        return False  # another user's, or gone by now
