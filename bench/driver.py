"""The inside of a measured process: answers JSON lines by calling methods of an engine.

`bench.engines` starts one process for each engine, with the interpreter of the engine's own
environment, so this module (like `workload`, `floor` and `peers`) needs the standard library only.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any, Protocol

STUCK_SECONDS = 100.0
"""After so long an operation writes into its log where it is."""

Figures = dict[str, float]
"""Name of a figure to its value: milliseconds, MB, or per second, as the name says."""


class Engine(Protocol):
    """What a driver measures. Each further public method is an operation that returns `Figures`."""

    def start(self) -> Figures: ...
    def close(self) -> None: ...


def serve(engine: Engine) -> None:
    """Answer ``{"op", "args"}`` lines with ``{"figures"}`` or ``{"error"}`` until stdin ends."""
    signal.signal(signal.SIGTERM, _leave)
    # What libraries print goes to the log: stdout is for answers alone.
    with os.fdopen(os.dup(1), "w", buffering=1) as answers:
        os.dup2(2, 1)
        try:
            for line in sys.stdin:
                answers.write(json.dumps(_answer(engine, json.loads(line))) + "\n")
        finally:
            engine.close()


def _leave(number: int, frame: object) -> None:
    """An engine that is stuck still gets to clean up."""
    sys.exit(1)


def _answer(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    faulthandler.dump_traceback_later(STUCK_SECONDS)  # into the log
    try:
        return {"figures": getattr(engine, request["op"])(**request["args"])}
    except Exception as error:  # whatever a peer raises is a missing figure, said in the report
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}"}
    finally:
        faulthandler.cancel_dump_traceback_later()


def ms_since(start: float) -> float:
    """Milliseconds since a `time.perf_counter` value."""
    return (time.perf_counter() - start) * 1000


def medians(samples: Iterable[Figures]) -> Figures:
    """The median of each figure over the samples of one round."""
    rows = list(samples)
    return {name: median(row[name] for row in rows) for name in rows[0]}


def paced(count: int, gap_ms: float, sample: Callable[[int], Figures]) -> Figures:
    """Medians of `count` samples, each `gap_ms` after the one before (0: back to back)."""
    rows: list[Figures] = []
    for number in range(count):
        if gap_ms:
            time.sleep(gap_ms / 1000)
        rows.append(sample(number))
    return medians(rows)


def per_second(count: int, work: Callable[[], object]) -> float:
    """How many a second, when `work` does `count` of them."""
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)
