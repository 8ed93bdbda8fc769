"""What the cells of a notebook showed, put into the notebook's own form."""

from __future__ import annotations

import codecs
import os
import re
from typing import Any

MOST_TEXT = 1 << 20
"""Characters of text that one cell keeps in the notebook; the job's log has all of it."""

_CUT = "\n(The rest of this text is in the job's log.)\n"
# What a carriage return wrote over: a progress bar's hundred drawings.
_OVERWRITTEN = re.compile(r"[^\n]*\r(?!\n|$)")


class _Stream:
    """One of the two files that hold the job's text."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._at = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def size(self) -> int:
        return os.fstat(self._fd).st_size

    def until(self, offset: int) -> str:
        """The text from where the last call ended; what was punched out of the file is left out."""
        pieces: list[str] = []
        while self._at < offset:
            data = os.pread(self._fd, min(offset - self._at, 1 << 20), self._at)
            if not data:
                self._at = offset  # the program emptied the file
                break
            self._at += len(data)
            pieces.append(self._decoder.decode(data.replace(b"\0", b"")))
        return "".join(pieces)

    def close(self) -> None:
        os.close(self._fd)


class Outputs:
    """Fills the outputs of one cell after the other from streams and frames."""

    def __init__(self, folder: str) -> None:
        self._out = _Stream(os.path.join(folder, "stdout.0"))
        self._err = _Stream(os.path.join(folder, "stderr.0"))
        self._cell: dict[str, Any] | None = None
        self._clears_next = False
        self._shown: dict[str, list[dict[str, Any]]] = {}
        self._kept = 0

    def close(self) -> None:
        self._out.close()
        self._err.close()

    def sizes(self) -> tuple[int, int]:
        return self._out.size(), self._err.size()

    def begin(self, cell: dict[str, Any], count: int) -> None:
        """What comes from now on is shown by `cell`."""
        cell["outputs"] = []
        cell["execution_count"] = count
        self._cell = cell
        self._clears_next = False
        self._kept = 0

    def take_streams(self, out: int, err: int) -> bool:
        """Text up to these sizes of the two files; whether there was any."""
        texts = {"stdout": self._out.until(out), "stderr": self._err.until(err)}
        for name, text in texts.items():
            self._add_text(name, text)
        return any(texts.values())

    def take(self, frame: dict[str, Any]) -> None:
        """A frame that is an output."""
        kind = frame["k"]
        if kind == "display_data":
            output = self._add(kind, data=frame["data"], metadata=frame["metadata"])
            self._remember(frame, output)
        elif kind == "execute_result":
            count = self._cell["execution_count"] if self._cell else None
            bundle = {"data": frame["data"], "metadata": frame["metadata"]}
            self._add(kind, **bundle, execution_count=count)
        elif kind == "update_display_data":
            for output in self._shown.get(_display_id(frame), []):
                output.update(data=frame["data"], metadata=frame["metadata"])
        elif kind == "error":
            named = {key: frame[key] for key in ("ename", "evalue", "traceback")}
            self._add(kind, **named)
        elif kind == "clear_output":
            self._clears_next = bool(frame.get("wait"))
            if not self._clears_next:
                self._clear()

    def _clear(self) -> None:
        self._clears_next = False
        if self._cell is not None:
            self._cell["outputs"].clear()
            self._kept = 0

    def _add(self, kind: str, **fields: Any) -> dict[str, Any]:
        if self._clears_next:
            self._clear()
        output = {"output_type": kind, **fields}
        if self._cell is not None:
            self._cell["outputs"].append(output)
        return output

    def _remember(self, frame: dict[str, Any], output: dict[str, Any]) -> None:
        if name := _display_id(frame):
            self._shown.setdefault(name, []).append(output)

    def _add_text(self, name: str, text: str) -> None:
        if not text or self._cell is None or self._kept > MOST_TEXT:
            return
        if self._clears_next:
            self._clear()
        self._kept += len(text)
        if self._kept > MOST_TEXT:
            text = text[: len(text) - (self._kept - MOST_TEXT)] + _CUT
        outputs = self._cell["outputs"]
        last = outputs[-1] if outputs else {}
        if last.get("output_type") == "stream" and last.get("name") == name:
            text = last["text"] + text
            outputs.pop()
        outputs.append({"output_type": "stream", "name": name, "text": _OVERWRITTEN.sub("", text)})


def _display_id(frame: dict[str, Any]) -> str:
    return str((frame.get("transient") or {}).get("display_id") or "")
