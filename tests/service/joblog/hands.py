"""A job's folder as its own process would fill it, and a watcher that the test moves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


class HandWatch:
    def __init__(self, wake: Callable[[], object]) -> None:
        self.wake = wake
        self.muted = False
        self.closed = False

    def mute(self) -> None:
        self.muted = True

    def unmute(self) -> None:
        self.muted = False

    def close(self) -> None:
        self.closed = True


class HandWatcher:
    """Wakes when the test says so, and counts who is still watching."""

    def __init__(self) -> None:
        self.watches: list[HandWatch] = []

    def watch(self, _folder: Path, wake: Callable[[], object]) -> HandWatch:
        self.watches.append(HandWatch(wake))
        return self.watches[-1]

    def close(self) -> None:
        self.watches.clear()

    def changed(self) -> None:
        for watch in list(self.watches):
            if not watch.muted and not watch.closed:
                watch.wake()


class Writer:
    """Writes as a job does: appends, one write per frame, ``so`` and ``se`` as they are then."""

    def __init__(self, folder: Path, attempt: int = 1, rank: int = 0) -> None:
        self.folder = folder / str(attempt)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.rank = rank

    def path(self, stream: str) -> Path:
        return self.folder / f"{stream}.{self.rank}"

    def write(self, stream: str, data: bytes) -> None:
        with self.path(stream).open("ab") as file:
            file.write(data)

    def frame(self, kind: str, **fields: Any) -> None:
        frame = {"k": kind, "so": self._size("stdout"), "se": self._size("stderr"), **fields}
        self.write("frames", json.dumps(frame).encode() + b"\n")

    def _size(self, stream: str) -> int:
        path = self.path(stream)
        return path.stat().st_size if path.exists() else 0
