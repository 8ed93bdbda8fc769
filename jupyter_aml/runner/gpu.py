"""How busy the node's GPUs are, asked of ``nvidia-smi`` where there is one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

from .loop import Loop
from .tree import Forest
from .wire import Message

_QUERY = ("--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits")


class Gpus:
    """`read` never waits: it gives the last answer and asks for the next."""

    def __init__(self, loop: Loop, forest: Forest, ids: Sequence[str]) -> None:
        self._loop = loop
        self._forest = forest
        self._program = shutil.which("nvidia-smi") if ids else None
        self._ids = ",".join(ids)
        self._pipe: int | None = None
        self._pid = 0
        self._text = b""
        self._last: Message = {}

    def read(self) -> Message:
        """``gpu`` (0 to 1) and ``gpuMemoryBytes``; nothing without GPUs."""
        if self._program is not None and self._pipe is None:
            self._ask(self._program)
        return self._last

    def _ask(self, program: str) -> None:
        self._pipe, answer = os.pipe()
        self._text = b""
        actions = [(os.POSIX_SPAWN_DUP2, answer, 1)]
        arguments = [program, f"--id={self._ids}", *_QUERY]
        self._pid = os.posix_spawn(program, arguments, os.environ, file_actions=actions)
        self._forest.helpers.add(self._pid)
        os.close(answer)
        self._loop.watch(self._pipe, self._hear)

    def _hear(self) -> None:
        assert self._pipe is not None
        chunk = os.read(self._pipe, 4096)
        self._text += chunk
        if chunk:
            return
        self._loop.unwatch(self._pipe)
        os.close(self._pipe)
        self._pipe = None
        self._forest.helpers.discard(self._pid)
        self._last = parse(self._text.decode("ascii", "replace"))


def parse(answer: str) -> Message:
    """Mean utilisation and memory in use of all GPUs; nothing if that cannot be read."""
    rows = [line.split(",") for line in answer.splitlines() if "," in line]
    try:
        busy = [float(row[0]) / 100 for row in rows]
        used = [int(float(row[1]) * (1 << 20)) for row in rows]
    except ValueError:
        return {}  # "[N/A]" on some models, or a driver's error message
    if not rows:
        return {}
    return {"gpu": round(sum(busy) / len(busy), 3), "gpuMemoryBytes": sum(used)}
