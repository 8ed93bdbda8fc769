"""Runs a cell where IPython is not installed: plain Python, with tracebacks into this cell.

Magics and ``!`` lines need IPython; rich reprs, ``display`` and top-level ``await`` work.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import inspect
import linecache
import sys
import traceback
import types
from typing import Any

from . import assigned
from .blame import persons_part
from .frames import Frames

_REPRS = {
    "text/html": "_repr_html_",
    "text/markdown": "_repr_markdown_",
    "text/latex": "_repr_latex_",
    "image/svg+xml": "_repr_svg_",
    "image/png": "_repr_png_",
    "image/jpeg": "_repr_jpeg_",
    "application/json": "_repr_json_",
}


class PlainShell:
    frames: Frames
    tree = assigned.NOTHING
    value: tuple[Any, ...] = ()
    leaving = False

    def __init__(self) -> None:
        main = types.ModuleType("__main__")
        sys.modules["__main__"] = main
        self.namespace: dict[str, Any] = vars(main)
        self.namespace["__builtins__"] = builtins
        builtins.display = self.display  # type: ignore[attr-defined]

    def attach(self, frames: Frames) -> None:
        self.frames = frames

    def run(self, source: str, execution_count: int) -> BaseException | None:
        """Run a cell; return what it raised. Everything it shows is in the frames."""
        file = f"Cell In[{execution_count}]"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        self.tree, self.value = assigned.NOTHING, ()
        try:
            self.tree = ast.parse(source, file)
            tree = ast.Module(body=list(self.tree.body), type_ignores=[])
            last = tree.body[-1] if tree.body else None
            if isinstance(last, ast.Expr):
                del tree.body[-1]
            self._execute(compile(tree, file, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT))
            if isinstance(last, ast.Expr):
                value = self._execute(_expression(last, file))
                if value is not None and not source.rstrip().endswith(";"):
                    self.value = (value,)
                    self.frames.write("execute_result", data=bundle(value), metadata={})
        except BaseException as error:  # whatever the cell raises is its result
            self.show(error)
            return error
        return None

    def show(self, error: BaseException) -> None:
        if isinstance(error, SystemExit):
            return
        trace = persons_part(error.__traceback__)
        text = traceback.format_exception(type(error), error, trace)
        lines = [line.rstrip("\n") for line in text]
        self.frames.write("error", ename=type(error).__name__, evalue=str(error), traceback=lines)

    def forget(self) -> None:
        for name in [name for name in self.namespace if not name.startswith("__")]:
            del self.namespace[name]

    def display(self, *values: Any, **_: Any) -> None:
        for value in values:
            self.frames.write("display_data", data=bundle(value), metadata={}, transient={})

    def _execute(self, code: types.CodeType) -> Any:
        value = eval(code, self.namespace)  # noqa: S307  that is the task
        return asyncio.run(value) if inspect.iscoroutine(value) and _awaits(code) else value


def bundle(value: Any) -> dict[str, Any]:
    """What `value` looks like, by media type."""
    data: dict[str, Any] = {}
    for media_type, method in _REPRS.items():
        look = getattr(value, method, None)
        shown = look() if callable(look) and not isinstance(value, type) else None
        if shown is not None:
            data[media_type] = shown
    data["text/plain"] = repr(value)
    return data


def _expression(last: ast.Expr, file: str) -> types.CodeType:
    expression = ast.Expression(last.value)
    return compile(expression, file, "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def _awaits(code: types.CodeType) -> bool:
    return bool(code.co_flags & inspect.CO_COROUTINE)
