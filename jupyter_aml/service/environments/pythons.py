"""Python interpreters of this machine, and the nearest one to a version that was asked for."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from jupyter_aml.model.errors import Invalid, NotFound

OLDEST = (3, 10)
"""What the runner needs."""

_PROBE = (
    "import json, sys; print(json.dumps([getattr(sys, '_base_executable', '') or sys.executable,"
    " list(sys.version_info[:3]), sys.implementation.name]))"
)
_CLAUSE = re.compile(r"(>=|<=|==|!=|~=|=|>|<|)\s*(\d+(?:\.\d+){0,2})(\.\*|\*)?")
_Version = tuple[int, ...]


@dataclass(frozen=True)
class Interpreter:
    """An installed Python, not one of a virtual environment."""

    path: str
    version: tuple[int, int, int]

    @property
    def text(self) -> str:
        return ".".join(map(str, self.version))


def own() -> Interpreter:
    """The one that this service runs on."""
    base = getattr(sys, "_base_executable", "") or sys.executable
    return Interpreter(base, (sys.version_info[0], sys.version_info[1], sys.version_info[2]))


@dataclass(frozen=True)
class Choice:
    interpreter: Interpreter
    warning: str = ""
    """What it is instead of what was asked for; "" if it is that."""


def choose(wanted: str, installed: Sequence[Interpreter], *, strict: bool = False) -> Choice:
    """The interpreter for `wanted`, a version or a range; `installed` has the preferred first.

    Without one that fits, the nearest is chosen and the warning says so; with `strict`, `NotFound`
    is raised instead. Raises `Invalid` for what is no version.
    """
    clauses = _clauses(wanted)
    usable = [one for one in installed if one.version >= OLDEST]
    fitting = [one for one in usable if all(_holds(one.version, *clause) for clause in clauses)]
    if fitting:
        return Choice(fitting[0] if fitting[0] == usable[0] else max(fitting, key=_by_version))
    if not usable:
        raise NotFound("No Python of version 3.10 or newer was found.", target="python")
    target = next((version for operator, version, _ in clauses if operator != "!="), (3, 0))
    nearest = min(usable, key=lambda one: _distance(one.version, target))
    words = f"Python {wanted} is not installed here"
    if strict:
        there = ", ".join(dict.fromkeys(one.text for one in sorted(usable, key=_by_version)))
        raise NotFound(
            f"{words}.",
            target="python",
            hint=f"Installed are {there}. Leave --strict out to take the nearest.",
        )
    return Choice(nearest, f"{words}: {nearest.text} is used, the nearest one.")


def installed(
    *,
    path: str | None = None,
    probe: Callable[[str], Interpreter | None] | None = None,
    leave_out: Path | None = None,
) -> list[Interpreter]:
    """Every Python that is found, this service's own first. Blocks for some tenths of a second.

    `leave_out` is a folder whose interpreters do not count: environments that were built here.
    """
    search = os.environ.get("PATH", "") if path is None else path
    candidates = [
        one for one in _candidates(search) if leave_out is None or not _in(one, leave_out)
    ]
    with ThreadPoolExecutor(max_workers=4) as pool:
        found = [one for one in pool.map(probe or ask, candidates) if one is not None]
    return list(dict.fromkeys([own(), *found]))


def ask(path: str) -> Interpreter | None:
    """What the interpreter at `path` says of itself; None if it cannot say."""
    try:
        done = subprocess.run(
            [path, "-I", "-c", _PROBE], capture_output=True, text=True, timeout=20, check=True
        )
        base, version, implementation = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    if implementation != "cpython" or not os.path.exists(base):
        return None
    return Interpreter(base, tuple(version))


def _candidates(search: str) -> Iterator[str]:
    seen: set[str] = set()
    folders = [Path(entry) for entry in search.split(os.pathsep) if entry]
    managed = [Path.home() / ".pyenv" / "versions", Path.home() / ".local/share/uv/python"]
    folders += [bin_ for root in managed for bin_ in sorted(root.glob("*/bin"))]
    for folder in folders:
        for path in _pythons_in(folder):
            real = os.path.realpath(path)
            if real not in seen:
                seen.add(real)
                yield str(path)


def _pythons_in(folder: Path) -> Iterable[Path]:
    try:
        names = sorted(os.listdir(folder), reverse=True)
    except OSError:
        return []
    pattern = re.compile(r"python(3(\.\d+)?)?(\.exe)?")
    return [folder / name for name in names if pattern.fullmatch(name)]


def _in(path: str, folder: Path) -> bool:
    return Path(path).absolute().is_relative_to(folder)


def _clauses(wanted: str) -> list[tuple[str, _Version, bool]]:
    """Operator, version, and whether everything that begins with it is meant."""
    found: list[tuple[str, _Version, bool]] = []
    for part in filter(None, (part.strip() for part in wanted.split(","))):
        match = _CLAUSE.fullmatch(part)
        if match is None:
            raise Invalid(
                f"{wanted!r} is no version of Python.",
                target="python",
                hint="Write 3.11, 3.11.7 or >=3.10,<3.13.",
            )
        version = tuple(map(int, match[2].split(".")))
        found.append((match[1] or "=", version, bool(match[3]) or len(version) < 3))
    return found


def _holds(version: _Version, operator: str, wanted: _Version, is_prefix: bool) -> bool:
    if operator in ("=", "==", "!="):
        same = version[: len(wanted)] == wanted if is_prefix else version == wanted
        return same != (operator == "!=")
    if operator == "~=":
        return version >= wanted and version[: len(wanted) - 1] == wanted[:-1]
    if operator in (">", "<="):
        # ">3.10" is met by no 3.10.x, as for packages' versions.
        cut = version[: len(wanted)]
        return cut > wanted if operator == ">" else cut <= wanted
    return version >= wanted if operator == ">=" else version < wanted


def _distance(version: _Version, target: _Version) -> tuple[int, int, int]:
    """Minor versions apart; of two as far apart the newer one."""
    aimed = target[1] if len(target) > 1 else OLDEST[1]
    patch = target[2] if len(target) > 2 else version[2]
    return abs(version[1] - aimed), -version[1], abs(version[2] - patch)


def _by_version(one: Interpreter) -> _Version:
    return one.version
