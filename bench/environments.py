"""An environment of its own for each peer, under build/bench/venvs, made once by uv.

A peer that cannot be installed (no network, no wheel for this Python) is said and left out: its
rows are missing, nothing else.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path("build/bench/venvs")
_INSTALL_SECONDS = 900


class NotInstalled(Exception):
    """Why a peer is left out, in one line."""


def python_of(name: str, requirements: Sequence[str], *, is_apart: bool = False) -> Path:
    """The interpreter of the environment `name`, which is made if it is not there yet.

    `is_apart`: it demands versions that our own environment cannot have, so ours do not bind it.
    Raise `NotInstalled` if that fails. Other requirements make the environment anew.
    """
    folder = FOLDER / name
    python = folder.absolute() / "bin" / "python"
    stamp = folder / "requirements"
    wanted = _digest(requirements)
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"making {folder} ({', '.join(requirements)}) ...", file=sys.stderr, flush=True)
    _uv("venv", "--clear", "--python", sys.executable, str(folder))
    bounds = [] if is_apart else _constraints()
    _uv("pip", "install", "--python", str(python), *bounds, *requirements)
    stamp.write_text(wanted)
    return python


def _constraints() -> list[str]:
    """The same versions as ours of everything that both have."""
    return ["--constraint", "constraints.txt"] if Path("constraints.txt").exists() else []


def _digest(requirements: Sequence[str]) -> str:
    return hashlib.sha256("\n".join([sys.version, *requirements]).encode()).hexdigest()


def _uv(*arguments: str) -> None:
    """uv comes with `make setup`, beside our own interpreter."""
    beside = Path(sys.executable).with_name("uv")
    command = [str(beside) if beside.exists() else "uv", *arguments, "--quiet"]
    try:
        subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = str(getattr(error, "stderr", "") or error).strip().splitlines()
        raise NotInstalled(said[-1] if said else str(error)) from error
