"""Where an error begins and ends for the person who wrote the cell, without what only runs it."""

from __future__ import annotations

from types import TracebackType

_MACHINERY = frozenset({"IPython.core.interactiveshell", "IPython.core.compilerop", "codeop"})
_PACKAGE = __name__.rpartition(".")[0]


def persons_part(trace: TracebackType | None) -> TracebackType | None:
    """`trace` without its first frames that are ours or IPython's; None if all of them are.

    It ends before frames that hide themselves (``__tracebackhide__``), as ours do that stand in
    for functions of Python.
    """
    while trace is not None and _runs_cells(trace.tb_frame.f_globals.get("__name__") or ""):
        trace = trace.tb_next
    last = trace
    while last is not None and last.tb_next is not None:
        if "__tracebackhide__" in last.tb_next.tb_frame.f_locals:
            last.tb_next = None
        last = last.tb_next
    return trace


def _runs_cells(module: str) -> bool:
    return module in _MACHINERY or module.startswith(f"{_PACKAGE}.")
