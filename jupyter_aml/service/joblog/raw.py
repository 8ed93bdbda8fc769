"""One raw file of a job: the job writes at its end; we read, and may drop its oldest part."""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import sys
from pathlib import Path

log = logging.getLogger(__name__)

_PUNCH_HOLE_KEEP_SIZE = 0x02 | 0x01
_BLOCK = 4096
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)


class RawFile:
    """``stdout.<rank>``, ``stderr.<rank>`` or ``frames.<rank>``; it need not exist yet."""

    def __init__(self, path: Path | str) -> None:
        self.path = path
        self._fd = -1

    def size(self) -> int:
        """Bytes written so far; 0 when the file is not there yet.

        A file of which nothing was read is not opened for that: most jobs write nothing to stderr.
        """
        if self._fd >= 0:
            return os.lseek(self._fd, 0, os.SEEK_END)
        try:
            return os.stat(self.path).st_size
        except FileNotFoundError:
            return 0

    def read(self, offset: int, length: int) -> bytes:
        if not self._open():
            return b""
        os.lseek(self._fd, offset, os.SEEK_SET)
        return os.read(self._fd, length)

    def dropped(self) -> int:
        """Where its content begins, after `drop`: the filesystem itself remembers the hole."""
        if not hasattr(os, "SEEK_DATA") or not self._open():
            return 0
        try:
            return os.lseek(self._fd, 0, os.SEEK_DATA)
        except OSError as error:
            # ENXIO: nothing but a hole. Others: this filesystem knows no holes.
            return os.fstat(self._fd).st_size if error.errno == errno.ENXIO else 0

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _open(self) -> bool:
        if self._fd < 0:
            try:
                self._fd = os.open(self.path, _READ)
            except FileNotFoundError:
                return False
        return True


def drop(path: Path | str, upto: int) -> bool:
    """Give the disk back what lies before `upto`; later bytes keep their offsets.

    False where the platform or the filesystem cannot.
    """
    if not sys.platform.startswith("linux"):
        return False
    length = upto // _BLOCK * _BLOCK
    libc = ctypes.CDLL(None, use_errno=True)
    fd = os.open(path, os.O_RDWR)
    try:
        refused = libc.fallocate(
            fd, _PUNCH_HOLE_KEEP_SIZE, ctypes.c_longlong(0), ctypes.c_longlong(length)
        )
        if refused:
            log.warning("%s: cannot drop old output: %s", path, os.strerror(ctypes.get_errno()))
        return not refused
    finally:
        os.close(fd)
