"""Variables as lines that a shell evaluates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

SHELLS = ("bash", "fish", "powershell")
"""``bash`` is every shell of that family: sh, dash, zsh."""


def lines(shell: str, wanted: Mapping[str, str], unwanted: Sequence[str]) -> list[str]:
    """One line for each variable; values are quoted, whatever they hold."""
    make = {"bash": _bash, "fish": _fish, "powershell": _powershell}[shell]
    unset = {
        "bash": "unset {}",
        "fish": "set -e {}",
        "powershell": "Remove-Item -ErrorAction Ignore Env:{}",
    }[shell]
    return [
        *(make(name, value) for name, value in wanted.items()),
        *(unset.format(name) for name in unwanted),
    ]


def _bash(name: str, value: str) -> str:
    quoted = value.replace("'", "'\\''")
    return f"export {name}='{quoted}'"


def _fish(name: str, value: str) -> str:
    quoted = re.sub(r"([\\'])", r"\\\1", value)
    return f"set -gx {name} '{quoted}'"


def _powershell(name: str, value: str) -> str:
    quoted = value.replace("'", "''")
    return f"$env:{name} = '{quoted}'"
