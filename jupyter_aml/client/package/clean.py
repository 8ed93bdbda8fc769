"""An environment that has what requirements.txt names and nothing else, for the proof."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from jupyter_aml.model.errors import EnvironmentFailed

_SECONDS = 1800.0
_TAIL = 12
_NEVER = ("PYTHON", "VIRTUAL_ENV", "CONDA_PREFIX", "JUPYTER_", "JPY_", "UV_PYTHON", "PIP_TARGET")
"""Variables that would let something of this process into the environment."""


def interpreter(folder: Path) -> Path:
    """The Python of the virtual environment in `folder`."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make(base: str, requirements: Path, folder: Path) -> str:
    """Make it in `folder` with the Python `base`; return its interpreter.

    By uv where that is, else by venv and pip. Raise `EnvironmentFailed` with what they said.
    """
    uv = _uv()
    python = str(interpreter(folder))
    if uv:
        _run([uv, "venv", "--quiet", "--python", base, str(folder)])
        # A requirements file without a line is not read by every version of uv.
        if requirements.read_text(encoding="utf-8").strip():
            _run([uv, "pip", "install", "--quiet", "--python", python, "-r", str(requirements)])
        return python
    _run([base, "-I", "-m", "venv", str(folder)])
    _run([python, "-I", "-m", "pip", "install", "--quiet", "-r", str(requirements)])
    return python


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """The part of `own` that a program in it may see."""
    return {name: value for name, value in own.items() if not name.startswith(_NEVER)}


def _uv() -> str | None:
    beside = os.path.dirname(sys.executable)
    return shutil.which("uv", path=os.pathsep.join([beside, os.environ.get("PATH", os.defpath)]))


def _run(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(os.environ),
            timeout=_SECONDS,
            check=False,
            text=True,
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentFailed(
            f"{Path(command[0]).name} did not make the clean environment: {error}.",
            target="requirements.txt",
        ) from error
    if done.returncode:
        raise EnvironmentFailed(
            "The requirements cannot be installed in a clean environment.",
            target="requirements.txt",
            hint="Mend requirements.txt in the package, and prove it again.",
            details=done.stdout.strip().splitlines()[-_TAIL:],
        )
