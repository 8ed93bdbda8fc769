"""state.json: how far a scoring process has come, for whoever started it."""

from __future__ import annotations

import dataclasses
import json
import os
import time
from typing import Any

from ..created import process_created
from .failure import Failure


class StateFile:
    """Writes the file. Afterwards it holds the old state or the new one, never a part."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._pid = os.getpid()  # also when a child of this process writes
        self._created = process_created()
        self._interface: dict[str, Any] = {}

    def write(
        self,
        state: str,
        *,
        interface: dict[str, Any] | None = None,
        failure: Failure | None = None,
    ) -> None:
        """Without a path nothing is written: nobody waits for it."""
        if interface is not None:
            self._interface = interface
        if not self._path:
            return
        text = json.dumps(
            {
                "state": state,
                "pid": self._pid,
                "created": self._created,
                "time": time.time(),
                "interface": self._interface,
                "failure": dataclasses.asdict(failure) if failure else None,
            }
        )
        temporary = f"{self._path}.{os.getpid()}"
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        os.replace(temporary, self._path)
