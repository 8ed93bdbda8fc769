"""A notebook, executed from its first cell to its last; the file itself is the executed copy.

The job's own process. It runs no cell: a child does (`notebook_cells`), so that whatever a cell
does to its process, the copy holds what was shown until then. Frames of the child are passed on to
the job's own, so that its log is live; progress is counted in cells.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

from . import new_files
from .frames import to_json
from .notebook_cells import executable
from .notebook_outputs import Outputs
from .start import BOOT

_OUTPUTS = frozenset(
    {"display_data", "update_display_data", "execute_result", "clear_output", "error"}
)
_SHORTEST, _LONGEST = 0.005, 0.1
"""Seconds between two looks at what the cells wrote: a quick notebook ends quickly, a long one
costs next to nothing."""
_SAVE_EVERY = 2.0
"""Seconds between two savings in the middle of a cell."""


def main(path: str, folder: str) -> int:
    """Execute `path` in place; `folder` is the attempt's. Returns the job's exit code."""
    if hasattr(signal, "SIGTERM"):
        # The whole group gets it: the cell ends first, and is written down.
        signal.signal(signal.SIGTERM, lambda *_: None)
    return Execution(path, folder).run()


class Execution:
    def __init__(self, path: str, folder: str) -> None:
        with open(path, encoding="utf-8") as file:
            self._document: dict[str, Any] = json.load(file)
        self._path = path
        self._folder = folder
        self._cells: list[dict[str, Any]] = self._document["cells"]
        self._order = executable(self._cells)
        self._outputs = Outputs(folder)
        self._frames = os.open(
            os.path.join(folder, "frames.0"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600
        )
        self._frames_of_cells = os.path.join(folder, "cells.0")
        self._rest = b""
        self._at = 0
        self._running: int | None = None
        self._failed: dict[str, Any] | None = None
        self._saved_at = 0.0
        self._is_dirty = False

    def run(self) -> int:
        start = new_files.moment()
        self._report_progress(0, "")
        child = self._start()
        pause = _SHORTEST
        while True:
            has_ended = child.poll() is not None
            pause = _SHORTEST if self._look() else min(_LONGEST, pause * 1.5)
            if has_ended:
                break
            self._save_if_due()
            time.sleep(pause)
        if child.returncode and self._failed is None:
            self._died(child.returncode)
        self._finish(start)
        return 0 if self._failed is None else 1

    def _start(self) -> subprocess.Popen[bytes]:
        open(self._frames_of_cells, "wb").close()
        return subprocess.Popen(
            [sys.executable, BOOT, "notebook-cells", self._path, self._frames_of_cells],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "JUPYTER_AML_FRAMES": self._frames_of_cells},
        )

    # -- what the cells write

    def _look(self) -> bool:
        """Take what came. Whether anything did."""
        # Sizes first: text below them was written before any frame that is not there yet.
        out, err = self._outputs.sizes()
        frames = self._new_frames()
        for frame in frames:
            self._take(frame)
        came = self._outputs.take_streams(out, err) or bool(frames)
        self._is_dirty = self._is_dirty or came
        return came

    def _new_frames(self) -> list[dict[str, Any]]:
        with open(self._frames_of_cells, "rb") as file:
            file.seek(self._at)
            data = file.read()
        self._at += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        found: list[dict[str, Any]] = []
        for line in lines:
            try:
                frame = json.loads(line)
            except ValueError:
                continue  # torn by a full disk
            if isinstance(frame, dict) and "k" in frame:
                found.append(frame)
        return found

    def _take(self, frame: dict[str, Any]) -> None:
        if "so" in frame:
            self._outputs.take_streams(frame["so"], frame["se"])
        kind = frame["k"]
        if kind == "cell":
            self._border(frame)
        elif kind == "progress":
            self._inner_progress(frame)
        else:
            if kind in _OUTPUTS:
                self._outputs.take(frame)
            self._write(frame)

    def _border(self, frame: dict[str, Any]) -> None:
        index = frame["index"]
        cell = self._cells[index]
        timing = cell.setdefault("metadata", {}).setdefault("execution", {})
        if frame["state"] == "begin":
            self._running = index
            self._outputs.begin(cell, frame["count"])
            timing.clear()
            timing["iopub.execute_input"] = _iso(frame["time"])
            self._report_progress(self._number(index) - 1, "")
        else:
            self._running = None
            timing["shell.execute_reply"] = _iso(frame["time"])
            if not frame["ok"]:
                self._fail(index, frame)
            elif index == self._order[-1]:
                self._report_progress(len(self._order), "")
        self._save()

    def _fail(self, index: int, frame: dict[str, Any]) -> None:
        self._failed = {
            "number": self._number(index),
            "of": len(self._order),
            "index": index,
            "line": _line(self._cells[index], frame.get("line") or 0),
        }
        if frame.get("code"):
            self._error("SystemExit", frame["code"])

    def _died(self, code: int) -> None:
        """The cells' process ended without a word: a crash, ``os._exit``, a kill."""
        words = f"exit code {code}" if code > 0 else f"signal {-code}{_signal_name(-code)}"
        index = self._order[0] if self._running is None else self._running
        if self._running is None:
            self._outputs.begin(self._cells[index], 1)
        self._fail(index, {})
        self._error("ProcessEnded", f"the process of the cells ended with {words}")

    def _error(self, name: str, words: str) -> None:
        frame = {"k": "error", "ename": name, "evalue": words, "traceback": [f"{name}: {words}"]}
        self._outputs.take(frame)
        self._write(frame)

    # -- what this process writes

    def _inner_progress(self, frame: dict[str, Any]) -> None:
        """A cell's own progress is a part of the notebook's."""
        value, total = frame.get("value") or 0, frame.get("total")
        if self._running is None:
            return
        words = str(frame.get("text") or "")
        if total:
            words = f"{words} {value:g} of {total:g}".strip()
        done = self._number(self._running) - 1 + (min(1.0, value / total) if total else 0.0)
        self._report_progress(done, words)

    def _report_progress(self, done: float, words: str) -> None:
        of = len(self._order)
        if not of:
            return
        text = f"cell {min(int(done) + 1, of)} of {of}" + (f", {words}" if words else "")
        self._write({"k": "progress", "value": round(done, 4), "total": of, "text": text})

    def _write(self, frame: dict[str, Any]) -> None:
        if "so" not in frame:
            frame["so"], frame["se"] = self._outputs.sizes()
        # "k" first: whoever looks for the last frame of a kind looks at a line's beginning.
        os.write(self._frames, to_json({"k": frame["k"], **frame}) + b"\n")

    def _number(self, index: int) -> int:
        """Counted from 1, among the cells that are run."""
        return self._order.index(index) + 1

    def _save_if_due(self) -> None:
        if self._is_dirty and time.monotonic() - self._saved_at > _SAVE_EVERY:
            self._save()

    def _save(self) -> None:
        """The copy is there as a whole or as it was before."""
        unfinished = f"{self._path}.part"
        try:
            with open(unfinished, "w", encoding="utf-8", errors="replace") as file:
                json.dump(self._document, file, indent=1, ensure_ascii=False)
                file.write("\n")
            os.chmod(unfinished, 0o600)
            os.replace(unfinished, self._path)
        except OSError as error:
            print(f"The executed copy cannot be written: {error}", file=sys.stderr)
        self._saved_at = time.monotonic()
        self._is_dirty = False

    def _finish(self, start: int) -> None:
        self._save()
        done: dict[str, Any] = {
            "k": "done",
            "status": "ok" if self._failed is None else "error",
            "result": {"names": {}, "kept": {}, "lengths": []},
            "imports": [],
            "files": new_files.since(os.getcwd(), start) if self._has_own_folder() else [],
        }
        if self._failed is not None:
            done["cell"] = self._failed
        self._write(done)
        os.close(self._frames)
        self._outputs.close()
        os.unlink(self._frames_of_cells)

    def _has_own_folder(self) -> bool:
        """Beside the attempt's: not the notebook's folder, which may be somebody's home."""
        return os.path.dirname(os.path.realpath(self._folder)) == os.path.dirname(os.getcwd())


def _line(cell: dict[str, Any], number: int) -> str:
    """``line 3: model.fit(x)``; "" if nobody knows."""
    source = cell.get("source", "")
    lines = ("".join(source) if isinstance(source, list) else source).splitlines()
    return f"line {number}: {lines[number - 1].strip()}" if 0 < number <= len(lines) else ""


def _iso(moment: float) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))
    return f"{whole}.{int(moment % 1 * 1e6):06d}Z"


def _signal_name(number: int) -> str:
    try:
        return f" ({signal.Signals(number).name})"
    except ValueError:
        return ""
