"""Events from disk: for followers that begin at the beginning, or fell behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from jupyter_aml.service.joblog.lines import (
    UNREADABLE,
    Line,
    dropped_text,
    emptied_text,
    frame_event,
    notice_event,
    parse_line,
    read_frame,
    stream_event,
)
from jupyter_aml.service.joblog.raw import RawFile

BLOCK = 16 * 1024
BATCH = 256 * 1024
"""About how much one read returns: a follower's turn on the event loop."""
MOST_LINES = 5000

Stream = tuple[int, int, str]
"""Attempt, rank, and "stdout", "stderr" or "frames"."""


class Replay:
    """Reads a job's events in order, from any number on. One follower's own; close it.

    `cuts` says, by stream, before which event references point to nothing. Limits are how much
    of ``events.log`` is whole lines.
    """

    def __init__(self, folder: Path, cuts: Mapping[Stream, int], *, after: int, limit: int) -> None:
        self.seq = after
        self._folder = folder
        self._cuts = cuts
        self._log = RawFile(folder / "events.log")
        self._files: dict[Stream, RawFile] = {}
        self._begins: dict[Stream, int] = {}
        self._said: set[Stream] = set()
        self._offset = self._find(after + 1, limit)

    def read(self, limit: int) -> bytes:
        """The next lines. Afterwards ``seq`` is the last event they hold, or passed over.

        May be empty before the end: what was dropped is said once per stream, not per event.
        """
        self._begins.clear()  # the oldest output may have been dropped since
        parts: list[bytes] = []
        size = 0
        for count, (offset, raw) in enumerate(self._lines_from(self._offset, limit)):
            if size >= BATCH or count == MOST_LINES:
                break
            self._offset = offset + len(raw)
            line = _parse(raw)
            if line is None:
                continue  # damaged by a power cut; its bytes are still in the raw file
            event = self._event(line, raw)
            parts.append(event)
            self.seq = line.seq
            size += len(event)
        return b"".join(parts)

    def at_end(self, limit: int) -> bool:
        return self._offset >= limit

    def close(self) -> None:
        self._log.close()
        for file in self._files.values():
            file.close()

    # -- one line -------------------------------------------------------------------------

    def _event(self, line: Line, raw: bytes) -> bytes:
        if line.cut:
            return notice_event(line.seq, line.time, line.r, emptied_text(line.cut))
        if line.n < 0:
            return raw
        stream = line.a, line.r, line.stream
        if gone := self._gone(line, stream):
            if stream in self._said:
                return b""
            self._said.add(stream)
            return notice_event(line.seq, line.time, line.r, gone)
        content = self._file(stream).read(line.o, line.n)
        if line.stream != "frames":
            text = content.decode("utf-8", "replace")
            return stream_event(line.seq, line.time, line.kind, line.r, text)
        frame = read_frame(content)
        if frame is None:
            return notice_event(line.seq, line.time, line.r, UNREADABLE)
        return frame_event(line.seq, line.time, line.r, frame)

    def _gone(self, line: Line, stream: Stream) -> str:
        """Why the bytes of a reference are not there any more; "" while they are."""
        if line.seq < self._cuts.get(stream, 0):
            return emptied_text(line.stream)
        if stream not in self._begins:
            self._begins[stream] = self._file(stream).dropped()
        begins = self._begins[stream]
        return dropped_text(line.stream, begins) if line.o < begins else ""

    def _file(self, stream: Stream) -> RawFile:
        file = self._files.get(stream)
        if file is None:
            attempt, rank, name = stream
            file = RawFile(self._folder / str(attempt) / f"{name}.{rank}")
            self._files[stream] = file
        return file

    # -- where a line is --------------------------------------------------------------------

    def _find(self, seq: int, limit: int) -> int:
        """The offset of event `seq`, or of what comes after it: numbers only grow."""
        low, high = 0, limit  # every line that begins before `low` has a smaller number
        while high - low > BLOCK:
            middle = (low + high) // 2
            found = next(self._lines_from(self._line_after(middle, limit), limit), None)
            line = _parse(found[1]) if found else None
            if found and line and line.seq < seq:
                low = found[0]
            else:
                high = middle
        for offset, raw in self._lines_from(low, limit):
            line = _parse(raw)
            if line and line.seq >= seq:
                return offset
        return limit

    def _line_after(self, offset: int, limit: int) -> int:
        """Where the first line begins that begins after `offset`."""
        while offset < limit:
            data = self._log.read(offset, min(BLOCK, limit - offset))
            end = data.find(b"\n") + 1
            if end or not data:
                return offset + end
            offset += len(data)
        return limit

    def _lines_from(self, offset: int, limit: int) -> Iterator[tuple[int, bytes]]:
        """Whole lines with their offsets; `offset` is the beginning of one."""
        length = BLOCK
        while offset < limit:
            data = self._log.read(offset, min(length, limit - offset))
            start = 0
            while end := data.find(b"\n", start) + 1:
                yield offset + start, data[start:end]
                start = end
            if not start and len(data) < length:
                return  # not a whole line
            offset += start
            length = BLOCK if start else length * 4


def _parse(raw: bytes) -> Line | None:
    try:
        return parse_line(raw)
    except msgspec.MsgspecError:
        return None
