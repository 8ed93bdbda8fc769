"""Where in the person's own code it failed: the innermost frame that is theirs."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from jupyter_aml.model.diagnosis import CodeLine, CodePlace
from jupyter_aml.model.job import CellJob
from jupyter_aml.service.doctor.raised import CELL, Frame, Raised, of_stack
from jupyter_aml.service.doctor.symptoms import Symptoms

AROUND = 2
"""Lines shown before and after the one that failed."""

_FOREIGN = re.compile(
    r"site-packages|dist-packages|[/\\]lib[/\\]python\d|[/\\]Python\d+[/\\]Lib[/\\]"
    r"|[/\\](?:bin|Scripts)[/\\]|^<|\.p(?:yx|xi)$|jupyter_aml[/\\]runner[/\\]"
)


def locate(symptoms: Symptoms, raised: Raised | None) -> CodePlace | None:
    """The line of the cell, else of a file of the code folder; None where neither is known."""
    frames = raised.frames if raised is not None else of_stack(symptoms.stack)
    frame = _own_frame(symptoms, frames)
    if frame is None:
        return None
    if frame.file == CELL:
        return _in_cell(symptoms, frame.line)
    return CodePlace(line=frame.line, text="", file=_shown(frame.file, symptoms.roots))


def _own_frame(symptoms: Symptoms, frames: Sequence[Frame]) -> Frame | None:
    """A cell's own line beats one of a file that it imported: it is on the screen."""
    for frame in reversed(frames):
        if frame.file == CELL and symptoms.is_cell:
            return frame
    files = [frame for frame in frames if frame.file != CELL]
    below = [f for f in files if any(_below(f.file, root) for root in symptoms.roots)]
    own = [f for f in below or files if _is_own(f.file, symptoms.roots)]
    return own[-1] if own else None


def _is_own(file: str, roots: Sequence[str]) -> bool:
    if any(_below(file, root) for root in roots):
        return "site-packages" not in file
    return _FOREIGN.search(file) is None


def _below(file: str, root: str) -> bool:
    return bool(root) and file.startswith(root.rstrip("/\\") + os.sep)


def _shown(file: str, roots: Sequence[str]) -> str:
    """The path from the code folder, as the person knows it."""
    for root in roots:
        if _below(file, root):
            return file[len(root.rstrip("/\\")) + 1 :]
    return file.removeprefix("./")


def _in_cell(symptoms: Symptoms, number: int) -> CodePlace | None:
    spec = symptoms.job.spec
    if not isinstance(spec, CellJob):
        return None
    lines = spec.source.rstrip("\n").split("\n")
    if not 1 <= number <= len(lines):
        return None
    first, last = max(1, number - AROUND), min(len(lines), number + AROUND)
    around = [
        CodeLine(number=n, text=_as_typed(lines[n - 1], n), marked=n == number)
        for n in range(first, last + 1)
    ]
    return CodePlace(
        line=number,
        text=lines[number - 1].strip(),
        notebook=spec.notebook,
        cell_id=spec.cell_id,
        execution_count=spec.execution_count,
        lines=around,
    )


def _as_typed(line: str, number: int) -> str:
    """The ``%%aml`` line travels as a comment."""
    return line.removeprefix("# ") if number == 1 and line.startswith("# %%aml") else line
