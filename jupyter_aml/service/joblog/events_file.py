"""The file ``events.log``: whole lines only, whatever happened to its writer."""

from __future__ import annotations

import mmap
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.service.joblog.lines import find_cuts, last_consumed, parse_line

BLOCK = 64 * 1024
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)


class EventsFile:
    """What is in the log already, and the only place that writes to it.

    ``size`` counts whole lines. What a killed writer or a power cut left behind them is cut off
    before the next write, and never read.
    """

    def __init__(self, path: Path | str, *, is_new: bool = False) -> None:
        """`is_new`: it is known not to be there yet."""
        self.path = path
        self.size = 0
        self.last_seq = 0
        self.final_status: str | None = None
        self._fd = -1
        if not is_new:
            self._load()

    def write(self, data: bytes) -> None:
        """Append whole lines, all of them or none. Raises OSError when the disk refuses."""
        if self._fd < 0:
            self._open()
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError:
            os.ftruncate(self._fd, self.size)
            raise
        self.size += len(data)

    def consumed(self, attempt: int, rank: int, streams: tuple[str, ...]) -> dict[str, int]:
        """Up to which byte the log refers to each raw file."""
        if not self.size:
            return dict.fromkeys(streams, 0)
        with self._content() as content:
            return {name: last_consumed(content, attempt, rank, name) for name in streams}

    def cuts(self) -> dict[tuple[int, int, str], int]:
        """By raw file: before which event references point to nothing, as the job emptied it."""
        found: dict[tuple[int, int, str], int] = {}
        if self.size:
            with self._content() as content:
                for line in find_cuts(content):
                    found[line.a, line.r, line.cut] = line.seq
        return found

    def close(self) -> None:
        """The next write opens it again."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __del__(self) -> None:
        self.close()

    def _open(self) -> None:
        try:
            self._fd = os.open(self.path, _APPEND, 0o600)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(self.path), 0o700, exist_ok=True)
            self._fd = os.open(self.path, _APPEND, 0o600)
        if os.lseek(self._fd, 0, os.SEEK_END) != self.size:
            os.ftruncate(self._fd, self.size)

    def _load(self) -> None:
        """Find the last whole line, from the end."""
        try:
            with open(self.path, "rb") as file:
                end = file.seek(0, os.SEEK_END)
                length = BLOCK
                while end:
                    start = file.seek(max(0, end - length))
                    if self._scan(file.read(), start) or not start:
                        return
                    length *= 4
        except FileNotFoundError:
            return

    def _scan(self, data: bytes, offset: int) -> bool:
        """Note the last good line of `data`, and the final status if one is there."""
        begin = 0
        while end := data.find(b"\n", begin) + 1:
            try:
                line = parse_line(data[begin:end])
            except msgspec.MsgspecError:
                begin = end
                continue  # the middle of a line, or damage
            begin = end
            self.size = offset + end
            self.last_seq = line.seq
            if line.kind == "status" and line.status in JOB.final:
                self.final_status = line.status
        return self.size > 0

    @contextmanager
    def _content(self) -> Generator[mmap.mmap]:
        with (
            open(self.path, "rb") as file,
            mmap.mmap(file.fileno(), self.size, access=mmap.ACCESS_READ) as content,
        ):
            yield content
