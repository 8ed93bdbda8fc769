"""The process in which a notebook's cells run, one after the other, as in a fresh kernel.

Started by `notebook`, which reads what is written here: streams into the files that both have on
1 and 2, everything else as frames into a file, with a "cell" frame at each border.
"""

from __future__ import annotations

import faulthandler
import json
import signal
import sys
import time
import traceback
from typing import Any, NoReturn

from .cell import draw_inline, make_shell
from .frames import Frames
from .streams import Streams

RAISES, SKIPPED = "raises-exception", "skip-execution"
"""Tags that nbclient knows: a cell that may fail, and one that is not run."""

OK, FAILED = 0, 1


def main(path: str, frames_path: str) -> int:
    """Run the cells of the notebook `path`. Returns 1 when one failed; those below did not run."""
    signal.signal(signal.SIGTERM, _interrupt)
    with open(path, encoding="utf-8") as file:
        cells = json.load(file)["cells"]
    sys.argv[:] = [""]
    sys.path.insert(0, "")
    shell = make_shell()
    streams = Streams()
    frames = Frames(frames_path, streams)
    streams.install()
    streams.begin(frames.mark, lambda **fields: frames.write("progress", **fields))
    faulthandler.enable(2)
    draw_inline()
    shell.attach(frames)
    for count, index in enumerate(executable(cells), 1):
        if not _run(shell, frames, cells[index], index, count):
            return FAILED
        if shell.leaving:
            break
    return OK


def executable(cells: list[dict[str, Any]]) -> list[int]:
    """Which cells are run: those with code, unless they are tagged to be skipped."""
    return [
        index
        for index, cell in enumerate(cells)
        if cell.get("cell_type") == "code" and text(cell).strip() and SKIPPED not in _tags(cell)
    ]


def text(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else source


def _tags(cell: dict[str, Any]) -> list[str]:
    return (cell.get("metadata") or {}).get("tags") or []


def _run(shell: Any, frames: Frames, cell: dict[str, Any], index: int, count: int) -> bool:
    """Whether to go on."""
    frames.write("cell", state="begin", index=index, count=count, time=time.time())
    error: BaseException | None = shell.run(text(cell), count)
    code = error.code if isinstance(error, SystemExit) else 0
    if isinstance(error, SystemExit):
        shell.leaving = True
    left_well = isinstance(error, SystemExit) and code in (None, 0)
    good = error is None or left_well or RAISES in _tags(cell)
    frames.write(
        "cell",
        state="end",
        index=index,
        ok=good,
        line=0 if good or error is None else _line(error, count),
        time=time.time(),
        code="" if good or not code else str(code),
    )
    return good


def _line(error: BaseException, count: int) -> int:
    """The line of the cell that the error came from; 0 if it cannot be told."""
    if isinstance(error, SyntaxError) and error.lineno:
        return error.lineno
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith((f"<ipython-input-{count}-", f"Cell In[{count}]")):
            return frame.lineno or 0
    return 0


def _interrupt(number: int, frame: object) -> NoReturn:  # noqa: ARG001
    """A job that is canceled gets SIGTERM: its ``finally`` blocks run, its output survives."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt
