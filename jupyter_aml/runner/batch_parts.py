"""The files of a batch run: which mini-batches are done, what they gave, how many files failed.

Every node of the job and every attempt of it shares one folder. A mini-batch is done when its mark
is there, which comes after its rows; so nothing is done twice and nothing is lost, whoever dies.
"""

from __future__ import annotations

import json
import os
import shutil
from typing import Any

_COPY = 1 << 20


class Parts:
    def __init__(self, folder: str) -> None:
        self._folder = folder
        os.makedirs(folder, mode=0o700, exist_ok=True)

    def rows(self, index: int) -> str:
        """Where a worker leaves the rows of a mini-batch."""
        return os.path.join(self._folder, f"{index}.rows")

    def _mark(self, index: int) -> str:
        return os.path.join(self._folder, f"{index}.json")

    def is_done(self, index: int) -> bool:
        return os.path.exists(self._mark(index))

    def finish(self, index: int, *, scored: int, failed: int) -> None:
        if not scored and os.path.exists(self.rows(index)):
            os.unlink(self.rows(index))  # of an attempt whose answer came too late
        unfinished = f"{self._mark(index)}.{os.getpid()}"
        with open(unfinished, "w", encoding="utf-8") as file:
            json.dump({"scored": scored, "failed": failed}, file)
        os.replace(unfinished, self._mark(index))

    def done(self, count: int) -> int:
        """How many of `count` mini-batches are done, on whichever node."""
        names = os.listdir(self._folder)
        return min(count, sum(name.endswith(".json") for name in names))

    def totals(self, count: int) -> tuple[int, int]:
        """Files scored and files failed in the mini-batches that are done."""
        found = [self._read(index) for index in range(count)]
        return sum(one["scored"] for one in found), sum(one["failed"] for one in found)

    def lost(self, count: int) -> int:
        """Mini-batches that are done and gave nothing."""
        found = [self._read(index) for index in range(count)]
        return sum(bool(one["failed"] and not one["scored"]) for one in found)

    def _read(self, index: int) -> dict[str, Any]:
        try:
            with open(self._mark(index), encoding="utf-8") as file:
                return json.load(file)
        except OSError:
            return {"scored": 0, "failed": 0}

    def merge(self, count: int, target: str) -> None:
        """All rows in the order of the mini-batches; the file is there as a whole or not at all."""
        unfinished = f"{target}.part"
        with open(unfinished, "wb") as whole:
            for index in range(count):
                if os.path.exists(self.rows(index)):
                    with open(self.rows(index), "rb") as part:
                        shutil.copyfileobj(part, whole, _COPY)
        os.replace(unfinished, target)

    def drop(self) -> None:
        """The run has ended well: what it is made of is in the output."""
        shutil.rmtree(self._folder, ignore_errors=True)
