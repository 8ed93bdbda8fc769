"""Large variables on their way to a job: files in shared memory that are written again and again.

Fresh shared memory runs at a fifth of the speed of memory that was touched before (every page is
allocated and faulted in), so segments are kept and reused. A segment belongs to its job until
`release`, and to whoever still maps it after that: a session that keeps an array. What a *queued*
job needs the service copies to disk before it accepts the job, so that no segment must outlive
this process.

A thread makes the next transfer fast while the person reads the result of this one, and gives
back what has not been used for a while; it lives as long as there are segments.
"""

from __future__ import annotations

import atexit
import errno
import itertools
import os
import stat
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from jupyter_aml.client import liveness
from jupyter_aml.client.home import pool_folder, spool_folder
from jupyter_aml.client.segment import SegmentFile, total
from jupyter_aml.model.errors import StorageFull
from jupyter_aml.model.job import Segment

MOST_BYTES = 2 << 30
SPARE_BYTES = 256 << 20
"""The largest segment that is made ahead of time, in place of one that a session keeps."""
IDLE_SECONDS = 120.0
"""After so long without use a segment is given back."""
TAKE_SECONDS = 2.0
"""How long a job that was just sent may take to map its segment when this process ends."""

_STEP_BYTES = 1 << 20
_STEP_SECONDS = 0.01
_LEAVE_SECONDS = 0.03
"""A job's end is told before its process is quite gone; who maps a segment longer keeps it."""
_GRACE_SECONDS = 60.0
_numbers = itertools.count(1)


class Pool:
    """The segments of this process. One per kernel and home; `close` removes them."""

    def __init__(
        self,
        home: Path,
        *,
        folder: Path | None = None,
        most: int = MOST_BYTES,
        idle_seconds: float = IDLE_SECONDS,
        take_seconds: float = TAKE_SECONDS,
    ) -> None:
        self._folder = folder or pool_folder(home)
        self._spool = spool_folder(home)
        self._most = most
        self._idle_seconds = idle_seconds
        self._take_seconds = take_seconds
        self._is_ready = False
        self._begin()

    def _begin(self) -> None:
        """With no segment; again after a fork: the parent's are not ours."""
        self._process = os.getpid()
        self._files: list[SegmentFile] = []
        self._released: list[SegmentFile] = []
        self._coming = 0
        """Bytes of the segment that is being made ahead of time."""
        self._tender: threading.Thread | None = None
        self._is_closing = False
        self._changed = threading.Condition()

    def write(self, buffers: Sequence[memoryview], job: str) -> Segment:
        """Copy `buffers` (flat, contiguous) into a segment that `job` owns until `release`.

        Raise `StorageFull` if neither shared memory nor the disk has room.
        """
        self._leave_parent()
        lengths = [buffer.nbytes for buffer in buffers]
        try:
            file = self._take(max(total(lengths), 1), job)
            file.write(buffers, lengths)
        except OSError as error:
            self.release(job)
            raise _full(self._folder, error) from error
        file.used_at = time.monotonic()
        return Segment(path=str(file.path), lengths=lengths)

    def release(self, job: str) -> None:
        """The job has ended: its segments are free again. Nothing to release is no error."""
        self._leave_parent()
        with self._changed:
            mine = [file for file in self._files if file.job == job]
            for file in mine:
                file.job = ""
                file.used_at = time.monotonic()
            if mine:
                self._released += mine
                self._tend()

    def jobs(self) -> set[str]:
        """The jobs that still own a segment."""
        return {file.job for file in self._files if file.job}

    def close(self) -> None:
        """Remove every segment. A job that maps one keeps its memory."""
        self._leave_parent()
        with self._changed:
            files, self._files = self._files, []
            tender = self._tender
            self._is_closing = True
            self._changed.notify_all()
        if tender is not None:
            tender.join()
        self._is_closing = False
        for file in files:
            self._let_job_take(file)
            file.remove()
        if files:
            try:
                self._folder.rmdir()
            except OSError:
                pass  # another kernel has segments there

    def _let_job_take(self, file: SegmentFile) -> None:
        """A job that was sent a moment ago (by a script that ends, say) may not have mapped it."""
        deadline = file.used_at + self._take_seconds
        while file.job and time.monotonic() < deadline and not file.is_read():
            time.sleep(_STEP_SECONDS)

    # -- finding room -----------------------------------------------------------------------

    def _take(self, needed: int, job: str) -> SegmentFile:
        """A segment that is large enough and that nobody reads, for `job`."""
        with self._changed:
            while (file := self._find(needed)) is None and self._coming >= needed:
                self._changed.wait()
            file = file or self._make(needed)
            file.job = job
            return file

    def _find(self, needed: int) -> SegmentFile | None:
        """The smallest that does."""
        fitting = [file for file in self._files if not file.job and file.capacity >= needed]
        fitting.sort(key=lambda file: file.capacity)
        return next((file for file in fitting if not file.is_read()), None)

    def _make(self, needed: int) -> SegmentFile:
        self._prepare()
        _private(self._folder)  # another process may have been the last to leave it
        capacity = -(-needed // _STEP_BYTES) * _STEP_BYTES
        self._forget_smaller(capacity)
        folder = self._folder if self._has_room(capacity) else _private(self._spool)
        file = SegmentFile(self._path(folder), capacity)
        self._files.append(file)
        return file

    def _path(self, folder: Path) -> Path:
        return folder / f"{os.getpid()}.{_own_start()}.{next(_numbers)}"

    def _has_room(self, capacity: int) -> bool:
        """Whether shared memory takes so much more, and keeps half of what is free."""
        held = sum(file.capacity for file in self._files if file.path.parent == self._folder)
        return held + capacity <= min(self._most, held + _free_bytes(self._folder) // 2)

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
        """After a fork the parent's segments are not ours to write into, nor to remove."""
        if os.getpid() != self._process:
            self._begin()

    # -- while the person reads -------------------------------------------------------------

    def _tend(self) -> None:
        """Have the thread look at what was released. The lock is held."""
        if self._tender is None:
            self._tender = threading.Thread(target=self._tending, name="aml-pool", daemon=True)
            self._tender.start()
        self._changed.notify_all()

    def _tending(self) -> None:
        while True:
            with self._changed:
                if not (self._released or self._is_closing):
                    self._changed.wait(self._idle_seconds)
                self._forget_idle()
                if self._is_closing or not self._files:
                    self._released.clear()
                    self._tender = None
                    return
                file = self._released.pop() if self._released else None
            if file is not None and file.is_memory:
                self._make_fast(file)

    def _make_fast(self, file: SegmentFile) -> None:
        """Let the next transfer of this size be one copy into pages that are there."""
        deadline = time.monotonic() + _LEAVE_SECONDS
        while file.is_read() and time.monotonic() < deadline and not self._is_closing:
            time.sleep(_STEP_SECONDS)
        with self._changed:
            if file.job:
                return  # it was taken for the next one meanwhile
            following = self._find(file.capacity)
        if following is not None:
            following.warm()
        else:
            self._make_spare(file.capacity)

    def _make_spare(self, capacity: int) -> None:
        """A new segment beside one that a session keeps."""
        spare = self._begin_spare(capacity)
        if spare is None:
            return
        is_fit = False
        try:
            spare.fill(lambda: not self._is_closing)
            spare.warm()
            is_fit = True
        except OSError:
            pass  # no room: the next write says so, if it still finds none
        with self._changed:
            self._coming = 0
            spare.used_at = time.monotonic()
            if is_fit and not self._is_closing:
                self._files.append(spare)
            else:
                spare.remove()
            self._changed.notify_all()

    def _begin_spare(self, capacity: int) -> SegmentFile | None:
        """An empty one; None if there is not plenty of room."""
        with self._changed:
            plenty = min(SPARE_BYTES, _free_bytes(self._folder) // 8)
            if self._is_closing or capacity > plenty or not self._has_room(capacity):
                return None
            try:
                spare = SegmentFile(self._path(self._folder), capacity)
            except OSError:
                return None  # no room after all: a spare only saves time
            self._coming = capacity
            return spare

    def _forget_idle(self) -> None:
        """Give back what nobody has used for long; what a session keeps is the session's then."""
        limit = time.monotonic() - self._idle_seconds
        for file in [f for f in self._files if not f.job and f.used_at <= limit]:
            self._files.remove(file)
            file.remove()


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
