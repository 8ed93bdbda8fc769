"""The table of processes, as much of it as a node needs.

`ProcTable` reads ``/proc``; `PsutilTable` stands in where there is none. Everything here copes
with a process that goes away while it is looked at: it is then simply not there.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

MARKER = "JUPYTER_AML_MARKER"
_CHUNK = 1 << 14
_LINE = 256
_CLOCK_WAS_SET = 0.01  # seconds


class Process(NamedTuple):
    """One reading. ``cpu_seconds`` includes the children it has reaped."""

    pid: int
    parent: int
    session: int
    dead: bool
    cpu_seconds: float
    rss: int
    threads: int


class Table(Protocol):
    def look(self, pid: int) -> Process | None: ...
    def rss(self, pid: int) -> int:
        """Resident bytes, those that it shares included; 0 for one that is gone."""
        ...

    def children(self, pid: int) -> list[int]: ...
    def created(self, pid: int) -> float | None:
        """Start time in seconds, as psutil gives it: with the pid it names a process for good."""
        ...

    def marker(self, pid: int) -> str: ...
    def memory(self, pid: int) -> int:
        """Its own memory and its share of what it shares, in bytes. Slow for large processes."""
        ...

    def disk(self, pid: int) -> tuple[int, int]:
        """Bytes read from and written to disks so far."""
        ...


@lru_cache(maxsize=1)
def table() -> Table:
    """The one that works here."""
    return ProcTable() if sys.platform == "linux" else PsutilTable()


def _read(path: str) -> bytes:
    """Empty when the process is gone, or not ours to read."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        text = chunk = os.read(fd, _CHUNK)
        while chunk:  # a long list of children comes in pages
            chunk = os.read(fd, _CHUNK)
            text += chunk
        return text
    except OSError:
        return b""
    finally:
        os.close(fd)


class ProcTable:
    """Linux."""

    def __init__(self) -> None:
        self._ticks = os.sysconf("SC_CLK_TCK")
        self._page = os.sysconf("SC_PAGE_SIZE")
        self._offset = self._booted = 0.0
        self._open_pid, self._open_file = 0, -1
        self._lists_children = os.path.exists(f"/proc/self/task/{os.getpid()}/children")

    def look(self, pid: int) -> Process | None:
        fields = self._stat(pid)
        if not fields:
            return None
        return Process(
            pid=pid,
            parent=int(fields[1]),
            session=int(fields[3]),
            dead=fields[0] in b"ZX",
            cpu_seconds=sum(map(int, fields[11:15])) / self._ticks,
            rss=int(fields[21]) * self._page,
            threads=int(fields[17]),
        )

    def rss(self, pid: int) -> int:
        fields = self._statm(pid).split()  # a tenth of what `stat` takes the kernel
        return int(fields[1]) * self._page if fields else 0

    def children(self, pid: int) -> list[int]:
        if not self._lists_children:
            return [child for child in self._pids() if self._parent(child) == pid]
        if pid == os.getpid():
            threads = [str(pid)]  # who asks of itself forks, so it has one
        else:
            try:
                threads = os.listdir(f"/proc/{pid}/task")
            except OSError:
                return []
        found = b" ".join(_read(f"/proc/{pid}/task/{thread}/children") for thread in threads)
        return [int(child) for child in found.split()]

    def created(self, pid: int) -> float | None:
        fields = self._stat(pid)
        return int(fields[19]) / self._ticks + self._boot_time() if fields else None

    def marker(self, pid: int) -> str:
        start = f"{MARKER}=".encode()
        for entry in _read(f"/proc/{pid}/environ").split(b"\0"):
            if entry.startswith(start):
                return entry[len(start) :].decode("ascii", "replace")
        return ""

    def memory(self, pid: int) -> int:
        kilobytes = 0
        for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
            if line.startswith((b"Pss:", b"SwapPss:")):
                kilobytes += int(line.split()[1])
        if kilobytes:
            return kilobytes * 1024
        process = self.look(pid)  # an old kernel, or another user's
        return process.rss if process else 0

    def disk(self, pid: int) -> tuple[int, int]:
        fields = dict(line.split(b": ") for line in _read(f"/proc/{pid}/io").splitlines())
        return int(fields.get(b"read_bytes", 0)), int(fields.get(b"write_bytes", 0))

    def _statm(self, pid: int) -> bytes:
        """A session is asked about again and again, so the file of the last one stays open.

        It is that process's own: once it is gone it says nothing, whoever has its pid by then.
        """
        if pid == self._open_pid:
            try:
                return os.pread(self._open_file, _LINE, 0)
            except OSError:
                pass  # gone
        if self._open_pid:
            os.close(self._open_file)
            self._open_pid = 0
        try:
            self._open_file = os.open(f"/proc/{pid}/statm", os.O_RDONLY | os.O_CLOEXEC)
            self._open_pid = pid
            return os.pread(self._open_file, _LINE, 0)
        except OSError:
            return b""

    def _stat(self, pid: int) -> list[bytes]:
        """The fields after the command's name, which may hold spaces and brackets."""
        return _read(f"/proc/{pid}/stat").rpartition(b") ")[2].split()

    def _parent(self, pid: int) -> int:
        fields = self._stat(pid)
        return int(fields[1]) if fields else 0

    def _pids(self) -> list[int]:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]

    def _boot_time(self) -> float:
        """As psutil reads it, which takes long; so only again when the clock was set."""
        offset = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
        if abs(offset - self._offset) > _CLOCK_WAS_SET:
            lines = _read("/proc/stat").splitlines()
            [boot] = [line for line in lines if line.startswith(b"btime")]
            self._offset, self._booted = offset, float(boot.split()[1])
        return self._booted


class PsutilTable:
    """Elsewhere, when psutil is installed; else nothing is seen, and only children are ended."""

    def __init__(self) -> None:
        try:
            # By name: the runner must also load where psutil is missing.
            self._psutil: Any = importlib.import_module("psutil")
        except ImportError:
            self._psutil = None

    def look(self, pid: int) -> Process | None:
        return self._ask(pid, self._look, None)

    def rss(self, pid: int) -> int:
        return self._ask(pid, lambda process: process.memory_info().rss, 0)

    def children(self, pid: int) -> list[int]:
        return self._ask(pid, lambda process: [child.pid for child in process.children()], [])

    def created(self, pid: int) -> float | None:
        return self._ask(pid, lambda process: process.create_time(), None)

    def marker(self, pid: int) -> str:
        return self._ask(pid, lambda process: process.environ().get(MARKER, ""), "")

    def memory(self, pid: int) -> int:
        return self._ask(pid, lambda process: process.memory_full_info().uss, 0)

    def disk(self, pid: int) -> tuple[int, int]:
        return self._ask(pid, self._disk, (0, 0))

    def _disk(self, process: Any) -> tuple[int, int]:
        if not hasattr(process, "io_counters"):  # macOS has none
            return 0, 0
        counters = process.io_counters()
        return counters.read_bytes, counters.write_bytes

    def _look(self, process: Any) -> Process:
        times = process.cpu_times()
        with process.oneshot():
            return Process(
                pid=process.pid,
                parent=process.ppid(),
                session=os.getsid(process.pid) if hasattr(os, "getsid") else 0,
                dead=process.status() == self._psutil.STATUS_ZOMBIE,
                cpu_seconds=times.user + times.system,
                rss=process.memory_info().rss,
                threads=process.num_threads(),
            )

    def _ask(self, pid: int, question: Any, nothing: Any) -> Any:
        if self._psutil is None:
            return nothing
        try:
            return question(self._psutil.Process(pid))
        except (self._psutil.Error, OSError):
            return nothing
