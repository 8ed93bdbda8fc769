"""What one kernel keeps from cell to cell: its client, its shared memory, what it imported."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from jupyter_aml.client.client import Client, client_of
from jupyter_aml.client.home import service_home
from jupyter_aml.client.pool import Pool
from jupyter_aml.kernel.place import SaidOnce
from jupyter_aml.kernel.sessions import Sessions
from jupyter_aml.kernel.shell import NOTEBOOK
from jupyter_aml.model.errors import AmlError
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.names import LOCAL
from jupyter_aml.model.preferences import Preferences

_RECENT_CELLS = 10
_PREFERENCES_SECONDS = 2.0


class Notebook:
    """One per kernel, made by the first cell (or line) that needs it. Tests pass a `client`."""

    def __init__(self, client: Client | None = None) -> None:
        self.said_once = SaidOnce()
        self.sessions = Sessions()
        self.brought: set[str] = set()
        """Jobs whose variables are in the namespace; JupyterLab asks for it by this name."""
        self._client = client
        self._recent: deque[frozenset[str]] = deque(maxlen=_RECENT_CELLS)
        self._preferences: Preferences | None = None
        self._asked_at = 0.0

    @property
    def client(self) -> Client:
        """The way to the service, which its first request starts unless it runs."""
        if self._client is None:
            self._client = client_of(service_home())
        return self._client

    @cached_property
    def pool(self) -> Pool:
        return Pool(self.client.home)

    def default_compute(self) -> str:
        """The person's preferred compute; asked at most every two seconds."""
        now = time.monotonic()
        if self._preferences is None or now - self._asked_at > _PREFERENCES_SECONDS:
            self._preferences = self.client.preferences.get()
            self._asked_at = now
        return self._preferences.default_compute or LOCAL

    def imported(self, packages: Iterable[str]) -> list[str]:
        """Note what a cell imports; return what the recent cells did, this one included.

        Nothing for a cell that needs none: a process without packages is forked in half the time.
        """
        packages = frozenset(packages)
        if not packages:
            return []
        self._recent.append(packages)
        return sorted(frozenset().union(*self._recent))

    def free_segments(self) -> None:
        """Take back the shared memory of detached jobs that have ended meanwhile."""
        for job in self.pool.jobs():
            try:
                has_ended = self.client.jobs.get(job).status in JOB.final
            except AmlError:
                continue
            if has_ended:
                self.pool.release(job)

    def close(self) -> None:
        """The extension is unloaded: give back what is held."""
        if "pool" in self.__dict__:
            self.pool.close()
        if self._client is not None:
            self._client.close()


_of_script: list[Notebook] = []


def notebook_of(shell: Any) -> Notebook:
    """The one of this shell; of this process where there is no shell (a script)."""
    if shell is None:
        if not _of_script:
            _of_script.append(Notebook())
        return _of_script[0]
    if getattr(shell, NOTEBOOK, None) is None:
        setattr(shell, NOTEBOOK, Notebook())
    return getattr(shell, NOTEBOOK)
