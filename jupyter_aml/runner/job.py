"""A task under way on this node, and the message about its end."""

from __future__ import annotations

import datetime
import os
import sys
import time
from functools import lru_cache
from typing import Protocol

from .tree import Tree
from .wire import Message, encode
from .worker import Ended

Key = tuple[str, int]
"""A job's name and the attempt."""

# What the job's own process reads; the node forgets it.
_HEAVY = ("source", "pickle", "command", "imports", "key")


class Run(Protocol):
    """What carries a job out: processes of its own, or a session."""

    def cancel(self, job: Job, grace: float) -> None:
        """Ask it to stop; after `grace` seconds it is made to."""
        ...


class Job:
    tree: Tree
    """Set by what carries it out."""

    def __init__(self, task: Message) -> None:
        self.task = {name: value for name, value in task.items() if name not in _HEAVY}
        self.name: str = task["job"]
        self.attempt: int = task["attempt"]
        self.rank: int = task["rank"]
        self.run: Run | None = None
        self.pid = 0
        self.created = 0.0
        self.reason = ""
        self.message = ""
        self.sizes: list[int] | None = None
        """Of its files, if its process said that they hold text and no more; see `Cell.run`."""
        self.last_line = b""
        """The message of its exit, encoded, once there is one."""

    @property
    def key(self) -> Key:
        return self.name, self.attempt

    @property
    def is_cell(self) -> bool:
        return self.task["kind"] == "cell"

    def blame(self, reason: str, message: str = "") -> None:
        """Say why it ends. The first reason counts; what follows from it does not."""
        if not self.reason:
            self.reason, self.message = reason, message

    def about(self) -> Message:
        return {"job": self.name, "attempt": self.attempt, "rank": self.rank}

    def started(self, how: str) -> Message:
        """The message; it may be sent some moments later, so it says when that was."""
        where = {"pid": self.pid, "created": self.created, "how": how}
        return {"op": "started", **self.about(), **where, "at": time.monotonic()}

    def refused(self, code: str, message: str) -> Message:
        return {"op": "refused", **self.about(), "code": code, "message": message}

    def exited(self, ended: Ended, *, is_noted: bool = False) -> Message:
        """The message, which is on disk as ``exit.<rank>`` before this returns.

        Not where the process itself `is_noted` to have ended so, in its done frame, and there is
        no more to say: a file takes longer than the rest of a small cell's end.
        """
        message: Message = {
            "op": "exited",
            **self.about(),
            "code": ended.code,
            "signal": ended.signal,
            "reason": self.reason,
            "message": self.message,
            "peak_memory": ended.peak_rss,
            "cpu_seconds": round(ended.cpu_seconds, 4),
            "ended": now(),
        }
        if self.sizes is not None:
            message["sizes"] = self.sizes
        self.last_line = encode(message)
        if not is_noted or self.reason or self.message:
            self._keep()
        return message

    def _keep(self) -> None:
        path = os.path.join(self.task["dir"], f"exit.{self.rank}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        try:
            fd = os.open(path, flags, 0o600)
            os.write(fd, self.last_line)  # in one piece; who finds half of it takes it for none
            os.close(fd)
        except FileNotFoundError:
            if not self.task.get("ahead"):  # else it ends before it began: there is no folder yet
                print(f"{path}: the folder is gone", file=sys.stderr)
        except OSError as error:
            # A full disk, or the folder is gone: the service still hears of it.
            print(f"{path}: {error}", file=sys.stderr)


def now() -> str:
    """RFC 3339, UTC."""
    seconds, rest = divmod(time.time_ns() // 1_000_000, 1000)
    return f"{_second(seconds)}.{rest:03d}Z"


@lru_cache(maxsize=1)
def _second(seconds: int) -> str:
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.isoformat().replace("+00:00", "")
