"""What a job shows beside text, as JSON lines; each is one write(2) to an O_APPEND file."""

from __future__ import annotations

import base64
import math
import os
from typing import Any

from . import json_text
from .streams import Streams


class Frames:
    """The writer of ``frames.<rank>`` inside the job's process.

    Every frame carries the sizes of both streams' files at its moment: a reader shows that much of
    them first, so text and plots keep the order of the cell.
    """

    def __init__(self, path: str, streams: Streams) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._streams = streams
        self._is_empty = True
        self.sizes: list[int] | None = None
        """Bytes in both streams' files and this one, while all of it is one whole frame."""
        self.is_torn = False
        """The last line is not whole, because the disk is full."""
        self.errors = 0
        """How many "error" frames there were."""

    def write(self, kind: str, **fields: Any) -> None:
        """What a program wrote before is in the streams' files before this frame is."""
        self._streams.flush()
        self.errors += kind == "error"
        self._append(kind, fields)

    def mark(self) -> None:
        """Keep the order of what stands in the streams and what comes next."""
        self._append("mark", {})

    def progress(self, **fields: Any) -> None:
        self.write("progress", **fields)

    def close(self) -> None:
        os.close(self._fd)

    def _append(self, kind: str, fields: dict[str, Any]) -> None:
        out, err = self._streams.sizes()
        line = to_json({"k": kind, "so": out, "se": err, **fields}) + b"\n"
        if self.is_torn:
            line = b"\n" + line  # what stands there is no frame; this one shall be
        is_first = self._is_empty
        self.is_torn, self._is_empty = True, False
        self.is_torn = os.write(self._fd, line) != len(line)
        self.sizes = [out, err, len(line)] if is_first and not self.is_torn else None


_encode = json_text.make_dumps(ascii_only=False)


def to_json(value: dict[str, Any]) -> bytes:
    """Strict JSON: no NaN, no lone surrogates, bytes as base64, what is unknown as its text."""
    try:
        text = _encode(value)
    except (TypeError, ValueError):
        text = _encode(plain(value))
    return text.encode("utf-8", "replace")


def plain(value: Any) -> Any:
    """`value` in the types that JSON has."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return str(value)
