"""A program that fails (or does not) in a way that somebody chose, for the doctor to speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Program:
    """``line`` (of ``file``, else of the cell) is where it fails, where that can be known.

    ``needs`` is what pip installs for it (else it runs with what the project has), ``before`` what
    is installed for a program that runs first and leaves files. ``offers`` is in one of the ways
    out, ``never`` in none.
    """

    name: str
    rule: str
    command: str = ""
    cell: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    compute: str = "local"
    timeout: float | None = None
    line: int = 0
    file: str = ""
    evict: bool = False
    needs: str = ""
    before: tuple[str, str] | None = None
    python: str = ""
    offers: str = ""
    never: str = ""


def script(name: str, rule: str, text: str, *, line: int = 0, **more: object) -> Program:
    """A command job that runs ``main.py``."""
    return Program(
        name=name,
        rule=rule,
        command=str(more.pop("command", "python main.py")),
        files={"main.py": text, **more.pop("files", {})},  # type: ignore[dict-item]
        line=line,
        file=str(more.pop("file", "main.py")) if line else "",
        **more,  # type: ignore[arg-type]
    )


def cell(name: str, rule: str, text: str, *, line: int = 0, **more: object) -> Program:
    return Program(name=name, rule=rule, cell=text, line=line, **more)  # type: ignore[arg-type]
