"""`JobLogs`: the logs of one service, each opened once."""

from __future__ import annotations

from pathlib import Path
from weakref import WeakValueDictionary

from jupyter_aml.service.clock import Clock
from jupyter_aml.service.joblog.log import JobLog
from jupyter_aml.service.joblog.watcher import Watcher, choose_watcher

LIMIT_BYTES = 256 * 1024 * 1024


class JobLogs:
    """`limit_bytes` is how much of each stream of a job is kept; older output is dropped."""

    def __init__(
        self, *, clock: Clock, watcher: Watcher | None = None, limit_bytes: int = LIMIT_BYTES
    ) -> None:
        self._clock = clock
        self._watcher = watcher
        self._limit_bytes = limit_bytes
        self._logs: WeakValueDictionary[str, JobLog] = WeakValueDictionary()

    def open(self, name: str, folder: Path | str, *, is_new: bool = False) -> JobLog:
        """The log of job `name` in its folder; the same object for as long as anybody holds it.

        `is_new`: the folder was made this moment, so there is nothing to read in it.
        """
        log = self._logs.get(name)
        if log is None:
            log = JobLog(
                name,
                folder,
                clock=self._clock,
                watcher=self._the_watcher,
                limit_bytes=self._limit_bytes,
                is_new=is_new,
            )
            self._logs[name] = log
        return log

    def close(self) -> None:
        """Close every log that is open; followers end."""
        for log in list(self._logs.values()):
            log.close()
        self._logs.clear()
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None

    def _the_watcher(self) -> Watcher:
        """Made at the first job: it belongs to the running event loop."""
        if self._watcher is None:
            self._watcher = choose_watcher(self._clock)
        return self._watcher
