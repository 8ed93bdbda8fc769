"""What a cell's text tells without being run: whether it is Python, and what it imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_MAGIC = re.compile(r"^(\s*)([%!?].*)$")
_HELP = re.compile(r"^\s*[\w.]+\?{1,2}\s*$")
_ASSIGNED_MAGIC = re.compile(r"^(\s*[\w, ]+= ?)([%!].*)$")
_INSTALLS = re.compile(r"^\s*[%!]\s*(?:pip|conda|mamba|uv|python -m pip)\b.*\binstall\b")


@dataclass(frozen=True)
class Source:
    """``imports``: top-level modules that it imports wherever it runs, with their lines."""

    imports: dict[str, int] = field(default_factory=dict[str, int])
    installs: bool = False
    """It installs packages itself, so nothing can be said to be missing."""
    error: str = ""
    error_line: int = 0


def read(text: str) -> Source:
    """Never raises: text that is no Python yet is being typed."""
    lines = text.split("\n")
    installs = any(_INSTALLS.match(line) for line in lines)
    if _is_foreign(lines):
        return Source(installs=installs)
    try:
        tree = ast.parse("\n".join(_python(line) for line in lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 0
        words = getattr(error, "msg", None) or "it cannot be read"
        return Source(installs=installs, error=f"{words}", error_line=line)
    return Source(imports=dict(_imports(tree.body)), installs=installs)


def _is_foreign(lines: Sequence[str]) -> bool:
    """Another cell magic (``%%bash``): its body is in a language of its own."""
    magics = [line for line in lines if line.startswith("%%")]
    return any(not line.startswith(("%%aml", "%%time", "%%capture")) for line in magics)


def _python(line: str) -> str:
    """The line as Python that parses; what only IPython understands becomes a placeholder."""
    if found := _MAGIC.match(line):
        return f"{found[1]}pass"
    if _HELP.match(line):
        return "pass"
    if found := _ASSIGNED_MAGIC.match(line):
        return f"{found[1]}None"
    return line


def _imports(body: Sequence[ast.stmt]) -> Iterator[tuple[str, int]]:
    """Of statements that certainly run: not inside ``try``, ``if`` or a function."""
    for statement in body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield alias.name.partition(".")[0], statement.lineno
        elif isinstance(statement, ast.ImportFrom):
            if statement.module and not statement.level:
                yield statement.module.partition(".")[0], statement.lineno
        elif isinstance(statement, (ast.With, ast.AsyncWith)):
            yield from _imports(statement.body)
