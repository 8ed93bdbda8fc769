"""stdout and stderr of a cell: text wrappers straight on the job's files, at C speed.

Two files cannot say which came first. So whenever the program turns from one stream to the other,
a "mark" frame keeps the sizes of both.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable
from typing import Any

_write = io.TextIOWrapper.write

# tqdm's bar, and what copies it: "\rname:  45%|████      | 45/100 [00:01<00:02, 30it/s]"
_BAR = re.compile(r"\r(?:(.*?):? )?\s*\d+%\|.*?\| *([\d.]+)/([\d.]+) ")


class Stream(io.TextIOWrapper):
    """Line buffered: a line is one write(2), and so is ``print(..., end="")``."""

    streams: Streams

    def write(self, text: str, /) -> int:
        if self.streams.last is not self:
            self.streams.turn_to(self)
        count = _write(self, text)
        if not text:  # `print` writes its empty end last: show what stands in the buffer
            self.flush()
        return count


class ErrorStream(Stream):
    """stderr, where progress bars are drawn."""

    _below = False
    """The cursor was just moved down: a bar inside of another one's loop."""

    def write(self, text: str, /) -> int:
        if text[:1] == "\r" and "%|" in text and not self._below:
            self.streams.saw_bar(text)
        self._below = text.startswith("\n") and not text.strip("\n")
        return super().write(text)


class Streams:
    """Both streams of this process, on descriptors 1 and 2 for as long as it lives.

    `begin` gives them the files of a job; in a session that happens again and again.
    """

    def __init__(self) -> None:
        self.out = _stream(Stream, 1, self)
        self.err = _stream(ErrorStream, 2, self)
        self.last: Stream = self.out
        self._files = (1, 2)
        self._marked = (0, 0)
        self._mark: Callable[..., None] = _ignore
        self._progress: Callable[..., None] = _ignore

    def install(self) -> None:
        """Make them this interpreter's own, again and again in a session."""
        if self.out.closed:
            self.out = _stream(Stream, 1, self)
        if self.err.closed:
            self.err = _stream(ErrorStream, 2, self)
        sys.stdout = sys.__stdout__ = self.out  # type: ignore[misc]
        sys.stderr = sys.__stderr__ = self.err  # type: ignore[misc]

    def begin(
        self,
        mark: Callable[[], None],
        progress: Callable[..., None],
        files: tuple[int, int] | None = None,
    ) -> None:
        """A job's files are on 1 and 2 from now on; its frames are written by these two.

        `files` are other descriptors of the same, new and empty, which become this object's.
        """
        if self._files != (1, 2):
            os.close(self._files[0])
            os.close(self._files[1])
        # Of our own: a program may put something else on 1 and 2 for a while.
        self._files = files or (os.dup(1), os.dup(2))
        self._marked = (0, 0) if files else self.sizes()
        self._mark = mark
        self._progress = progress
        self.last = self.out

    def end(self) -> None:
        """Forget the job's files; 1 and 2 are somebody else's now. Only before a fork."""
        self.flush()
        if self._files != (1, 2):
            os.close(self._files[0])
            os.close(self._files[1])
        self._files, self._marked = (1, 2), (0, 0)
        self._mark = self._progress = _ignore
        self.last = self.out

    def sizes(self) -> tuple[int, int]:
        """Bytes in the files of stdout and stderr, whoever wrote them."""
        return os.fstat(self._files[0]).st_size, os.fstat(self._files[1]).st_size

    def flush(self) -> None:
        for stream in (self.out, self.err):
            if not stream.closed:  # programs do the oddest things
                stream.flush()

    def turn_to(self, stream: Stream) -> None:
        """`stream` is about to be written for the first time after the other one."""
        self.flush()
        sizes = self.sizes()
        if sizes != self._marked:
            self._marked = sizes
            self._mark()
        self.last = stream

    def saw_bar(self, text: str) -> None:
        found = _BAR.match(text)
        if found:
            name, value, total = found.groups()
            self._progress(value=float(value), total=float(total), text=name or "")


def _ignore(**_: Any) -> None:
    """Between jobs there is nothing to mark, and no progress."""


def _stream(kind: type[Stream], fd: int, streams: Streams) -> Any:
    raw = io.BufferedWriter(io.FileIO(fd, "w", closefd=False), buffer_size=1 << 16)
    stream = kind(raw, encoding="utf-8", errors="backslashreplace", line_buffering=True)
    stream.streams = streams
    return stream
