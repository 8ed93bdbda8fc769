"""A scoring script is looked at before anything runs: it is there, is Python, and has the two
functions that are called. Blocks."""

from __future__ import annotations

import ast
from pathlib import Path

from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.service.data.inside import inside

WANTED = ("init", "run")


def check(code: Path, script: str) -> None:
    """Raises `NotFound` or `Invalid`, with the line where there is one."""
    if not script.endswith(".py"):
        raise Invalid(f"The scoring script {script!r} is no Python file.", target="scoringScript")
    path = inside(code, script)
    if not path.is_file():
        raise NotFound(
            f"There is no {script!r} in {code}.",
            target="scoringScript",
            hint="It is relative to the code folder, and .amlignore may leave it out.",
        )
    try:
        tree = ast.parse(path.read_bytes(), filename=script)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 0
        raise Invalid(
            f"{script} is not Python: {getattr(error, 'msg', error)}.",
            target=f"{script}, line {line}" if line else script,
        ) from None
    missing = [name for name in WANTED if name not in _names(tree)]
    if missing:
        raise Invalid(
            f"{script} has no function {missing[0]}().",
            target=script,
            hint="It defines init(), called once, and run(mini_batch), called with paths of files.",
        )


def _names(tree: ast.Module) -> set[str]:
    """What the top level of the module may define; a star import may define anything."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.ImportFrom | ast.Import):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found | set(WANTED) if "*" in found else found
