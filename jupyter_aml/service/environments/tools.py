"""The programs that build: uv where it is, else pip, and how each is told what to do.

Where packages come from is said in a file, never in arguments, which everybody on the machine can
read: an administrator's index may have a password in its address.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jupyter_aml.model.errors import EnvironmentFailed

Tool = Literal["uv", "pip"]

_FIND_PIP = """
import glob, os
try:
    import ensurepip
except ImportError:
    raise SystemExit
bundled = os.path.join(os.path.dirname(ensurepip.__file__), "_bundled", "pip-*.whl")
print("\\n".join(glob.glob(bundled)))
"""

_PASSED_ON = (
    "PIP_",
    "UV_",
    "SSL_",
    "NETRC",
    "REQUESTS_CA",
    "CURL_CA",
    "CC",
    "CXX",
    "CFLAGS",
    "CXXFLAGS",
)
_NEVER = frozenset(
    "PIP_TARGET PIP_PREFIX PIP_ROOT PIP_USER PIP_PYTHON PIP_REQUIREMENT PIP_REQUIRE_VIRTUALENV "
    "UV_PYTHON UV_SYSTEM_PYTHON UV_BREAK_SYSTEM_PACKAGES UV_TARGET UV_PROJECT "
    "UV_PROJECT_ENVIRONMENT UV_WORKING_DIRECTORY VIRTUAL_ENV CONDA_PREFIX".split()
)
"""They would send packages elsewhere than into the environment that is being built."""


@dataclass(frozen=True)
class Builder:
    """How to install: with which program, and from where."""

    tool: Tool
    program: str = ""
    """Path of uv."""
    index_lines: Sequence[str] = ()
    """Lines at the head of the requirements file: ``--no-index``, ``--find-links FOLDER``."""

    def make(self, base: str, folder: Path) -> list[str]:
        """Make an empty environment. uv is faster than Python at putting pip into it."""
        bare = ["--without-pip"] if self.tool == "uv" else []
        return [base, "-I", "-m", "venv", *bare, str(folder)]

    def find_pip(self, base: str) -> list[str]:
        """Print the wheel of pip that every Python carries along; nothing where it was left out.

        An environment has a pip of its own, so that ``!pip install`` in a job finds that one and
        not the pip of somebody else's environment.
        """
        return [base, "-I", "-c", _FIND_PIP]

    def check(self, options: Sequence[str]) -> None:
        """Raise `EnvironmentFailed` for what this program cannot do."""
        if options and self.tool == "pip":
            raise EnvironmentFailed(
                f"pip does not understand {' '.join(options)}, which this environment needs.",
                target=options[0],
                hint="Install uv: pip install 'jupyter-aml[environments]'",
            )

    def install(self, python: Path, file: Path, options: Sequence[str]) -> list[str]:
        if self.tool == "uv":
            uv = [self.program, "pip", "install", "--python", str(python), "--no-progress"]
            return [*uv, "--color", "never", *options, "--requirements", str(file)]
        pip = [str(python), "-I", "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
        return [*pip, "--disable-pip-version-check", "--no-color", "--requirement", str(file)]

    def lines(self, requirements: Sequence[str]) -> str:
        """The text of the requirements file."""
        return "\n".join([*self.index_lines, *requirements, ""])


def builder(tool: str, index_lines: Sequence[str]) -> Builder:
    """The one to use: `tool` is "uv", "pip", or "" for uv where it is installed."""
    if tool == "pip":
        return Builder("pip", index_lines=index_lines)
    program = find_uv()
    if program:
        return Builder("uv", program, index_lines)
    if tool == "uv":
        raise EnvironmentFailed(
            "uv is not installed.",
            target="uv",
            hint="Install it: pip install 'jupyter-aml[environments]'",
        )
    return Builder("pip", index_lines=index_lines)


def find_uv() -> str:
    """Beside our own interpreter (the extra ``[environments]``) or on PATH; "" if nowhere."""
    return shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv") or ""


def environment_of(clean: Mapping[str, str], own: Mapping[str, str], marker: str) -> dict[str, str]:
    """What a builder's processes see: `clean` and what configures pip, uv and compilers.

    `marker` is how a later service finds them, should this one be killed.
    """
    passed = {name: value for name, value in own.items() if name.startswith(_PASSED_ON)}
    found = {n: v for n, v in {**clean, **passed}.items() if n not in _NEVER}
    return {**found, "JUPYTER_AML_MARKER": marker, "PYTHONUNBUFFERED": "1", "UV_NO_PROGRESS": "1"}


def python_in(folder: Path) -> Path:
    """The interpreter of the environment in `folder`."""
    return folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"
