"""Opt-in micro-batching: what arrived together is handed to the script's `run_batch` at once.

No request waits for others: a batch is what one turn of the loop had received. The contract with
the script: `run_batch(list of what run would get) -> list of as many answers`, in the same order;
an exception in the list is the failure of that one request.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from . import answer
from .answer import SCRIPT_FAILED, Answer
from .timer import RunTimeout, RunTimer


class Batcher:
    """Calls `run_batch`. When it fails as a whole the requests are run one by one instead."""

    def __init__(self, run_batch: Callable[[list[Any]], Any], timer: RunTimer) -> None:
        self._run_batch = run_batch
        self._timer = timer

    def run(self, bodies: Sequence[bytes]) -> list[Answer] | None:
        """The answers in order; None if each request must be run by itself."""
        started = time.perf_counter()
        try:
            texts = [str(body, "utf-8") for body in bodies]
            self._timer.arm(times=len(texts))
            try:
                values = list(self._run_batch(texts))
            finally:
                self._timer.disarm()
            if len(values) != len(texts):
                return None
            spent = time.perf_counter() - started
            return [_one(value, spent) for value in values]
        except (Exception, RunTimeout, SystemExit):  # one bad request must not fail its neighbours
            return None


def _one(value: Any, spent: float) -> Answer:
    if isinstance(value, Exception):
        return answer.error(500, SCRIPT_FAILED, run_failed=True)
    return answer.of_value(value, spent)
