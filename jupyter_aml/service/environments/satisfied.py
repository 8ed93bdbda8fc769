"""Whether an interpreter that is there already has what was asked for.

`lacks` is pure and errs on one side: what it cannot decide counts as lacking, which costs the
building of an environment and never a wrong answer.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jupyter_aml.service.environments.requirements import canonical, condition_of, name_of

_PROBE = """
import json, sys
from importlib import metadata
found = {}
for one in metadata.distributions():
    found.setdefault(one.metadata["Name"] or "", one.version)
print(json.dumps([sys.version_info[:3], found]))
"""
_SECONDS = 20.0
_CLAUSE = re.compile(r"(===|==|!=|<=|>=|~=|<|>)\s*([^\s,]+)")
_RELEASE = re.compile(r"v?(\d+(?:\.\d+)*)(?:\.post\d+)?")


@dataclass(frozen=True)
class Installed:
    """What an interpreter has: names of packages as the index compares them, to versions."""

    python: tuple[int, ...]
    packages: Mapping[str, str]


def look(python: str) -> Installed | None:
    """Ask the interpreter at that path; None if it cannot say. Blocks for some tenths of a second.

    It is asked as it would run, with what the person installed for themselves alone.
    """
    try:
        done = subprocess.run(
            [python, "-c", _PROBE],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
            cwd=os.path.dirname(python) or None,
        )
        version, packages = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Installed(tuple(version), {canonical(name): text for name, text in packages.items()})


def lacks(there: Installed, python: str, requirements: Sequence[str]) -> str:
    """Why it does not do, in words that go on from "it has"; empty if it has everything.

    `python` is a minor version, of which an empty one is not compared.
    """
    minor = ".".join(map(str, there.python[:2]))
    if python and python != minor:
        return f"Python {minor}, not {python}"
    return next((why for line in requirements if (why := _lacks_one(there, line))), "")


def _lacks_one(there: Installed, line: str) -> str:
    if line.startswith("-"):
        return ""  # an option: where from, not what
    name = name_of(line)
    version = there.packages.get(name)
    if not name or version is None or "[" in line:
        return f"no {line}"
    condition = condition_of(line)
    return "" if holds(version, condition) else f"{name} {version}, not {condition}"


def holds(version: str, condition: str) -> bool:
    """Whether `version` is one that `condition` allows: ``>=1.4,<2``. Empty allows every one.

    False for what compares by more than numbers: a release candidate is what ``==`` names alone.
    """
    parts = [part.strip() for part in condition.strip("()").split(",")]
    return all(_holds_clause(version, part) for part in parts if part)


def _holds_clause(version: str, clause: str) -> bool:
    match = _CLAUSE.fullmatch(clause)
    if match is None:
        return False
    operator, wanted = match[1], match[2]
    if "+" not in wanted:
        version = version.partition("+")[0]  # "2.1.0+cpu" is a 2.1.0
    if operator in ("==", "===") and wanted == version:
        return True
    is_prefix = wanted.endswith(".*")
    have, want = _release(version), _release(wanted.removesuffix(".*"))
    if have is None or want is None or operator == "===":
        return False
    return _compare(operator, have, want, is_prefix)


def _compare(operator: str, have: tuple[int, ...], want: tuple[int, ...], is_prefix: bool) -> bool:
    length = max(len(have), len(want))
    left, right = _padded(have, length), _padded(want, length)
    if operator in ("==", "!="):
        same = left[: len(want)] == want if is_prefix else left == right
        return same == (operator == "==")
    if operator == "~=":
        return left >= right and left[: len(want) - 1] == want[:-1]
    if operator in ("<", ">"):
        return left < right if operator == "<" else left > right
    return left <= right if operator == "<=" else left >= right


def _padded(release: tuple[int, ...], length: int) -> tuple[int, ...]:
    return release + (0,) * (length - len(release))


def _release(text: str) -> tuple[int, ...] | None:
    match = _RELEASE.fullmatch(text)
    return tuple(map(int, match[1].split("."))) if match else None
