"""Threads that call `run`, for deployments that ask for more than one at a time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable


class Workers:
    """So many threads, and the tasks they have not finished."""

    def __init__(self, count: int) -> None:
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._lock = threading.Condition()
        self._unfinished = 0
        self._threads = [
            threading.Thread(target=self._work, name=f"run-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def give(self, task: Callable[[], None]) -> None:
        """Run it as soon as a thread is free. It must not raise."""
        with self._lock:
            self._unfinished += 1
        self._tasks.put(task)

    def drain(self, seconds: float) -> None:
        """Wait until nothing is unfinished, so long at most; the threads end."""
        with self._lock:
            self._lock.wait_for(lambda: self._unfinished == 0, timeout=seconds)
        for _ in self._threads:
            self._tasks.put(None)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                task()
            finally:
                with self._lock:
                    self._unfinished -= 1
                    self._lock.notify_all()
