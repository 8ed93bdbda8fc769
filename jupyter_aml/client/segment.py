"""One file of buffers in shared memory, and how buffers lie in it.

`pool` keeps several of them. The first time a segment is written with ``pwritev``, which takes
fresh pages fastest; from then on through a map of those pages, which is three times as fast, and
safe since they are all there.

Whoever maps a segment holds a shared lock on the open file as long as the map lives (the job does:
`runner.variables`). So its owner can tell when nobody reads it any more, also when a session
keeps an array for hours, or was killed.
"""

from __future__ import annotations

import mmap
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ALIGNMENT = 64
"""Every buffer starts at a multiple of this, in inputs and results alike."""

_VECTORS = 512
"""Buffers per system call; the limit of Linux is 1024."""
_PADDING = bytes(ALIGNMENT)
_ZEROS = bytes(1 << 20)


def offsets(lengths: Sequence[int]) -> Iterator[int]:
    """Where each buffer starts: at the next multiple of `ALIGNMENT` after the one before."""
    at = 0
    for length in lengths:
        yield at
        at = _aligned(at + length)


def total(lengths: Sequence[int]) -> int:
    """Bytes of a file of buffers: up to the end of the last one."""
    at = 0
    for start, length in zip(offsets(lengths), lengths, strict=True):
        at = start + length
    return at


def _aligned(count: int) -> int:
    return -(-count // ALIGNMENT) * ALIGNMENT


class SegmentFile:
    """One segment. Threads take turns; `pool` sees to it that nobody reads what is written over."""

    def __init__(self, path: Path, capacity: int) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        self.path = path
        self.capacity = capacity
        self.is_memory = _is_memory(path)
        self.job = ""
        """The job that it was written for; "" if that has ended."""
        self.used_at = 0.0
        """`time.monotonic` of the last write or release."""
        self._descriptor = os.open(path, flags, 0o600)
        self._written = 0
        self._map: mmap.mmap | None = None
        self._turn = threading.Lock()

    def write(self, buffers: Sequence[memoryview], lengths: Sequence[int]) -> None:
        """Lay `buffers` into it, each on its border. Raise OSError if there is no room."""
        size = total(lengths)
        with self._turn:
            if not self.is_memory or size > self._written:
                _write(self._descriptor, buffers, lengths)
                self._written = max(self._written, size)
                return
            view = memoryview(self._mapped(size))
            for start, buffer, length in zip(offsets(lengths), buffers, lengths, strict=True):
                view[start : start + length] = buffer
            view.release()

    def fill(self, go_on: Callable[[], bool]) -> None:
        """Touch every page ahead of time, while `go_on()`. Raise OSError if there is no room."""
        with self._turn:
            while self._written < self.capacity and go_on():
                os.lseek(self._descriptor, self._written, os.SEEK_SET)
                self._written += os.write(self._descriptor, _ZEROS)

    def warm(self) -> None:
        """Make the next write a plain copy: its pages enter this process's page table now."""
        with self._turn:
            if self.is_memory and self._written:
                self._mapped(self._written)

    def is_read(self) -> bool:
        """Whether a process still maps it."""
        return _is_locked(self._descriptor)

    def remove(self) -> None:
        """Who maps it keeps its memory."""
        with self._turn:
            self._unmap()
            os.close(self._descriptor)
            # Its number may at once be another file's.
            self._descriptor, self._written, self.capacity = -1, 0, 0
            self.path.unlink(missing_ok=True)

    def _mapped(self, size: int) -> mmap.mmap:
        if self._map is None or len(self._map) < size:
            self._unmap()
            flags = mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)
            self._map = mmap.mmap(self._descriptor, self._written, flags=flags)
        return self._map

    def _unmap(self) -> None:
        if self._map is not None:
            self._map.close()
            self._map = None


def _is_memory(path: Path) -> bool:
    """Whether files there are memory, which can be written through a map without surprises."""
    return sys.platform == "linux" and path.is_relative_to("/dev/shm")  # noqa: S108


if sys.platform != "win32":
    import fcntl

    def _is_locked(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False  # no locks there: a job that cannot lock takes a copy at once
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        return False

else:

    def _is_locked(_: int) -> bool:
        return False  # no such locks: a job takes a copy at once


def _write(descriptor: int, buffers: Sequence[memoryview], lengths: Sequence[int]) -> None:
    """Lay the buffers one after another, each on its border."""
    vectors: list[memoryview | bytes] = []
    for buffer, length in zip(buffers, lengths, strict=True):
        vectors += [buffer, _PADDING[: _aligned(length) - length]]
    at = 0
    for first in range(0, len(vectors), _VECTORS):
        at = _write_all(descriptor, vectors[first : first + _VECTORS], at)


def _write_all(descriptor: int, vectors: list[memoryview | bytes], at: int) -> int:
    """Write the vectors at `at`, however many calls it takes; return where they end."""
    rest = [memoryview(vector) for vector in vectors if len(vector)]
    while rest:
        written = _write_some(descriptor, rest, at)
        at += written
        while rest and written >= len(rest[0]):
            written -= len(rest.pop(0))
        if rest:
            rest[0] = rest[0][written:]
    return at


if sys.platform != "win32" and hasattr(os, "pwritev"):

    def _write_some(descriptor: int, vectors: list[memoryview], at: int) -> int:
        return os.pwritev(descriptor, vectors, at)

else:

    def _write_some(descriptor: int, vectors: list[memoryview], at: int) -> int:
        os.lseek(descriptor, at, os.SEEK_SET)
        return os.write(descriptor, vectors[0])
