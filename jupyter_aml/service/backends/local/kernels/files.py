"""What a kernel keeps on disk: ``HOME/kernels/<name>/``, and its sign of life in its attempt.

The kernel's own process writes both (`runner.kernel`); the service reads them.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jupyter_aml import _version
from jupyter_aml.model.job import KernelJob

_BOOT = Path(_version.__file__).with_name("runner") / "boot.py"
_KEPT_SECONDS = 3600.0
"""How long the folder of a kernel that ended is kept: a restart finds its ports there."""


@dataclass(frozen=True)
class Pulse:
    """What a kernel last said of itself, and when, in seconds of the system's clock."""

    state: Literal["idle", "busy"]
    at: float


def folder(home: Path, kernel: str) -> Path:
    return home / "kernels" / kernel


def connection(home: Path, kernel: str) -> Path:
    """Jupyter's connection file. It stays over restarts, and with it ports and key."""
    return folder(home, kernel) / "connection.json"


def command(spec: KernelJob, python: str, home: Path, attempt: Path) -> str:
    """What the node's shell runs. Its key is in the file, not here."""
    words = [python, str(_BOOT), "kernel", str(connection(home, spec.kernel)), str(attempt)]
    if os.name == "nt":
        return subprocess.list2cmdline(words)
    return f"exec {shlex.join(words)}"


def pulse(attempt: Path) -> Pulse | None:
    """None until the kernel takes requests."""
    path = attempt / "pulse"
    try:
        said, at = path.read_bytes(), path.stat().st_mtime
    except OSError:
        return None
    return Pulse("busy" if said == b"busy" else "idle", at) if said else None


def remember(home: Path, kernel: str, job: str) -> None:
    """Note which job the kernel is now: the newest one tells how it ended."""
    path = folder(home, kernel) / "job"
    unfinished = path.with_suffix(".new")
    unfinished.write_text(job)
    unfinished.replace(path)


def newest_job(home: Path, kernel: str) -> str:
    """ "" for a kernel that nobody knows, or any more."""
    try:
        return (folder(home, kernel) / "job").read_text()
    except OSError:
        return ""


def sweep(home: Path, living: set[str]) -> None:
    """Remove the folders of kernels that ended a while ago. Called off the event loop."""
    old = time.time() - _KEPT_SECONDS
    for path in (home / "kernels").glob("*"):
        if path.name not in living and path.stat().st_mtime < old:
            shutil.rmtree(path, ignore_errors=True)
