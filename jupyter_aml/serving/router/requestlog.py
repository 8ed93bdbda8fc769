"""The request log: JSON lines, one writer, written in bundles."""

from __future__ import annotations

import os
import time


class RequestLog:
    """Lines wait in memory until `flush`; without a path they are dropped."""

    def __init__(self, path: str, most_bytes: int) -> None:
        self.path = path
        self.most_bytes = most_bytes
        self._lines: list[str] = []
        self._number = -1
        self._size = 0
        self._second = -1
        self._stamp = ""
        self.lost = 0

    @property
    def is_on(self) -> bool:
        """Is a line worth making?"""
        return bool(self.path)

    def add(self, wall: float, rest: str) -> None:
        """`rest` is what follows the time, up to the closing brace."""
        second = int(wall)
        if second != self._second:
            self._second = second
            self._stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        thousandth = int((wall - second) * 1000)
        self._lines.append(f'{{"time":"{self._stamp}.{thousandth:03d}Z",{rest}}}\n')

    def flush(self) -> None:
        """Afterwards the file has every line. A full disk costs lines, never an answer."""
        if not self._lines:
            return
        data = "".join(self._lines).encode()
        lines, self._lines = len(self._lines), []
        try:
            if self._number < 0 or self._size > self.most_bytes:
                self._open()
            os.write(self._number, data)
            self._size += len(data)
        except OSError:
            self.lost += lines

    def close(self) -> None:
        """Write what is left."""
        self.flush()
        if self._number >= 0:
            os.close(self._number)
            self._number = -1

    def _open(self) -> None:
        if self._number >= 0:
            os.close(self._number)
            self._number = -1
            os.replace(self.path, f"{self.path}.1")
        self._number = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = os.fstat(self._number).st_size
