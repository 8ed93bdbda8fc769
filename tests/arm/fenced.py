"""A script in a process of its own, which reaches nothing but this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FENCE = Path(__file__).with_name("fence")


@dataclass(frozen=True)
class Ran:
    code: int
    stdout: str
    stderr: str
    refused: frozenset[str]
    """Hosts that it tried to reach, this machine aside."""


def run(
    command: Sequence[str], *, environment: Mapping[str, str], folder: Path, seconds: float = 240
) -> Ran:
    """``python COMMAND`` in `folder`. Credentials for Azure that the tester has are left out."""
    log = folder / "fence.log"
    log.write_text("")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AZURE_")}
    fence = {"PYTHONPATH": str(FENCE), "FENCE_LOG": str(log), "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**kept, **environment, **fence},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr, frozenset(log.read_text().split()))
