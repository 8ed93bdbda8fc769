"""What a fake job does: steps from a command line of a few words, or from a cell.

Commands are ``echo TEXT``, ``echo TEXT >&2``, ``sleep SECONDS`` and ``exit CODE``, joined by
``;`` or ``&&``: real shell lines, so that one suite runs on real and on fake backends alike.
A cell is executed in this process with its output captured.
"""

from __future__ import annotations

import contextlib
import io
import shlex
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jupyter_aml.model.job import CellJob, JobSpec, KernelJob, NotebookJob, PipelineJob, ReusedJob
from jupyter_aml.model.notebook import code_cells, read, source


@dataclass(frozen=True)
class Say:
    """An event: its kind and fields."""

    kind: str
    fields: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Sleep:
    seconds: float


@dataclass(frozen=True)
class Exit:
    """The end, with the process's exit code; `ename` when a cell raised."""

    code: int
    ename: str = ""
    evalue: str = ""


Step = Say | Sleep | Exit


def steps(spec: JobSpec) -> Iterator[Step]:
    """Every step of the job, an `Exit` last."""
    if isinstance(spec, CellJob):
        yield from _cell(spec.source)
        return
    if isinstance(spec, NotebookJob):
        yield from _cell("\n".join(map(source, code_cells(read(spec.content)))))
        return
    if isinstance(spec, KernelJob | PipelineJob | ReusedJob):
        yield Exit(0)  # a fake has no kernel, and makes no jobs of its own: it ends at once
        return
    for part in spec.command.replace("&&", ";").split(";"):
        step = _command(part)
        yield step
        if isinstance(step, Exit):
            return
    yield Exit(0)


def _command(text: str) -> Step:
    words = shlex.split(text)
    match words:
        case ["echo", *rest, ">&2"]:
            return Say("stderr", {"text": " ".join(rest) + "\n"})
        case ["echo", *rest]:
            return Say("stdout", {"text": " ".join(rest) + "\n"})
        case ["sleep", seconds]:
            return Sleep(float(seconds))
        case ["exit", code]:
            return Exit(int(code))
        case _:
            return Say("stderr", {"text": f"sh: {text.strip()}: not found\n"})


def _cell(source: str) -> Iterator[Step]:
    output = io.StringIO()
    raised: BaseException | None = None
    with contextlib.redirect_stdout(output):
        try:
            exec(compile(source, "<cell>", "exec"), {"__name__": "__main__"})
        except Exception as error:  # the cell's own, whatever it is
            raised = error
    if output.getvalue():
        yield Say("stdout", {"text": output.getvalue()})
    if raised is None:
        yield Exit(0)
        return
    ename, evalue = type(raised).__name__, str(raised)
    lines = traceback.format_exception(raised)
    yield Say("error", {"ename": ename, "evalue": evalue, "traceback": lines})
    yield Exit(1, ename, evalue)
