"""Large variables on their way to a job: files in shared memory that are written again and again.

Fresh shared memory runs at a tenth of the speed of memory that was touched before (every page is
zeroed and faulted in), so segments are kept and reused. The first time one is written with
``pwritev``, which takes fresh pages fastest; from then on through a map of those pages, which is
twice as fast again, and safe since they are all there. A segment belongs to its job until
`release`: the job maps it. What a *queued* job needs the service copies to disk before it accepts
the job, so that no segment must outlive this process.
"""

from __future__ import annotations

import atexit
import errno
import itertools
import mmap
import os
import stat
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from jupyter_aml.client import liveness
from jupyter_aml.client.home import pool_folder, spool_folder
from jupyter_aml.model.errors import StorageFull
from jupyter_aml.model.job import Segment

ALIGNMENT = 64
"""Every buffer starts at a multiple of this, in inputs and results alike."""
MOST_BYTES = 2 << 30

_STEP_BYTES = 1 << 20
_VECTORS = 512
"""Buffers per system call; the limit of Linux is 1024."""
_GRACE_SECONDS = 60.0
_PADDING = bytes(ALIGNMENT)
_numbers = itertools.count(1)


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


class _File:
    """One segment."""

    def __init__(self, path: Path, capacity: int, *, is_memory: bool) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        self.path = path
        self.capacity = capacity
        self.job = ""
        """The job that maps it; "" if it is free."""
        self._descriptor = os.open(path, flags, 0o600)
        self._is_memory = is_memory
        self._written = 0
        self._map: mmap.mmap | None = None

    def write(self, buffers: Sequence[memoryview], lengths: Sequence[int]) -> None:
        size = total(lengths)
        if not self._is_memory or size > self._written:
            _write(self._descriptor, buffers, lengths)
            self._written = max(self._written, size)
            return
        if self._map is None or len(self._map) < size:
            self._unmap()
            # Its pages are there: filling in the page table at once is cheaper than fault by fault.
            flags = mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)
            self._map = mmap.mmap(self._descriptor, self._written, flags=flags)
        view = memoryview(self._map)
        for start, buffer, length in zip(offsets(lengths), buffers, lengths, strict=True):
            view[start : start + length] = buffer
        view.release()

    def remove(self) -> None:
        self._unmap()
        os.close(self._descriptor)
        self.path.unlink(missing_ok=True)

    def _unmap(self) -> None:
        if self._map is not None:
            self._map.close()
            self._map = None


class Pool:
    """The segments of this process. One per kernel and home; `close` removes them."""

    def __init__(self, home: Path, *, folder: Path | None = None, most: int = MOST_BYTES) -> None:
        self._folder = folder or pool_folder(home)
        self._spool = spool_folder(home)
        self._most = most
        self._files: list[_File] = []
        self._is_ready = False
        self._process = os.getpid()

    def write(self, buffers: Sequence[memoryview], job: str) -> Segment:
        """Copy `buffers` (flat, contiguous) into a segment that `job` owns until `release`.

        Raise `StorageFull` if neither shared memory nor the disk has room.
        """
        lengths = [buffer.nbytes for buffer in buffers]
        needed = max(total(lengths), 1)
        try:
            file = self._find(needed) or self._make(needed)
            file.job = job
            file.write(buffers, lengths)
        except OSError as error:
            self.release(job)
            raise _full(self._folder, error) from error
        return Segment(path=str(file.path), lengths=lengths)

    def release(self, job: str) -> None:
        """The job has ended: its segments are free again. Nothing to release is no error."""
        for file in self._files:
            if file.job == job:
                file.job = ""

    def jobs(self) -> set[str]:
        """The jobs that still own a segment."""
        return {file.job for file in self._files if file.job}

    def close(self) -> None:
        """Remove every segment. A job that maps one keeps its memory."""
        files, self._files = self._files, []
        if os.getpid() != self._process:
            return  # a fork: they are its parent's
        for file in files:
            file.remove()
        if files:
            try:
                self._folder.rmdir()
            except OSError:
                pass  # another kernel has segments there

    def _find(self, needed: int) -> _File | None:
        """The smallest free segment that is large enough."""
        self._leave_parent()
        fitting = [file for file in self._files if not file.job and file.capacity >= needed]
        return min(fitting, key=lambda file: file.capacity, default=None)

    def _make(self, needed: int) -> _File:
        self._prepare()
        _private(self._folder)  # another process may have been the last to leave it
        capacity = -(-needed // _STEP_BYTES) * _STEP_BYTES
        self._forget_smaller(capacity)
        held = sum(file.capacity for file in self._files if file.path.parent == self._folder)
        limit = min(self._most, held + _free_bytes(self._folder) // 2)
        folder = self._folder if held + capacity <= limit else _private(self._spool)
        path = folder / f"{os.getpid()}.{_own_start()}.{next(_numbers)}"
        file = _File(path, capacity, is_memory=_is_memory(folder))
        self._files.append(file)
        return file

    def _forget_smaller(self, capacity: int) -> None:
        """Give free segments back that a larger one replaces, when there would be too many."""
        for file in [f for f in self._files if not f.job and f.capacity < capacity]:
            held = sum(f.capacity for f in self._files)
            if held + capacity <= self._most:
                return
            self._files.remove(file)
            file.remove()

    def _prepare(self) -> None:
        """Before the first segment: a folder that is ours, without what dead processes left."""
        if self._is_ready:
            return
        try:
            _private(self._folder)
        except OSError:
            # Somebody else took the name, or shared memory is not for us.
            self._folder = _private(self._spool)
        for folder in {self._folder, self._spool}:
            _sweep(folder)
        atexit.register(self.close)
        self._is_ready = True

    def _leave_parent(self) -> None:
        """After a fork the parent's segments are not ours to write into."""
        if os.getpid() != self._process:
            self._files = []
            self._process = os.getpid()


def _is_memory(folder: Path) -> bool:
    """Whether files there are memory, which can be written through a map without surprises."""
    return sys.platform == "linux" and folder.is_relative_to("/dev/shm")  # noqa: S108


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


def _private(folder: Path) -> Path:
    """Make the folder for this user only. Raise OSError if it is not (or a link to elsewhere)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    is_ours = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    if not stat.S_ISDIR(found.st_mode) or not is_ours:
        raise PermissionError(errno.EPERM, "the folder belongs to somebody else", str(folder))
    if os.name == "posix" and found.st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def _sweep(folder: Path) -> None:
    """Remove segments of processes that are gone. Young ones may be on their way to a job."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        pid, _, rest = entry.name.partition(".")
        started = rest.partition(".")[0]
        if not (pid.isdigit() and started.isdigit()):
            continue
        try:
            is_young = time.time() - entry.stat().st_mtime < _GRACE_SECONDS
            if not is_young and not liveness.is_alive(int(pid), float(started)):
                os.unlink(entry.path)
        except OSError:
            continue  # its owner, or another sweep, was faster


def _own_start() -> int:
    return round(liveness.started_at(os.getpid()) or 0)


def _free_bytes(folder: Path) -> int:
    if not hasattr(os, "statvfs"):
        return MOST_BYTES * 2
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _full(folder: Path, error: OSError) -> StorageFull:
    return StorageFull(
        "There is no room for the variables of this cell.",
        target=str(folder),
        hint="Free memory or disk, or send less: %%aml -i NAMES",
        details=[str(error)],
    )
