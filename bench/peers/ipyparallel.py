"""ipyparallel: a controller and two engines."""

from __future__ import annotations

import os
import time

import ipyparallel

from bench import memory, workload
from bench.driver import Figures, ms_since, paced, per_second, serve

_LOOK_SECONDS = 0.0002
"""Output arrives in an object that has to be looked at."""


class IPyParallel:
    """Operations of ipyparallel."""

    _cluster: ipyparallel.Cluster | None = None

    def start(self) -> Figures:
        start = time.perf_counter()
        self._cluster = ipyparallel.Cluster(n=2)
        self._client = self._cluster.start_and_connect_sync()
        self._view = self._client[0]
        self._view.execute("pass", silent=False).get()
        return {"start s": ms_since(start) / 1000}

    def close(self) -> None:
        if self._cluster is not None:
            self._client.close()
            self._cluster.stop_cluster_sync()
            self._cluster = None

    def cells(self, count: int, gap_ms: float) -> Figures:
        """What ``%%px`` does."""
        return paced(count, gap_ms, self._cell)

    def _cell(self, number: int) -> Figures:
        start = time.perf_counter()
        result = self._view.execute(workload.cell(number), silent=False, block=False)
        while not result.stdout:
            time.sleep(_LOOK_SECONDS)
        first = ms_since(start)
        result.get()
        return {"first ms": first, "done ms": ms_since(start)}

    def burst(self, count: int) -> Figures:
        view = self._client.load_balanced_view()

        def work() -> None:
            view.map_async(_nothing, range(count), chunksize=1).get()

        return {"jobs/s": per_second(count, work)}

    def memory(self) -> Figures:
        """Everything below this process: the client has no children of its own."""
        own = os.getpid()
        return memory.pss(memory.descendants(own) - {own})

    def transfer(self, kind: str) -> Figures:
        value = workload.array(kind)
        start = time.perf_counter()
        self._view.push({"value": value}, block=True)
        out = workload.mb_per_second(start)
        start = time.perf_counter()
        self._view.pull("value", block=True)
        return {"out MB/s": out, "back MB/s": workload.mb_per_second(start)}

    def lines(self) -> Figures:
        result = self._view.execute(workload.lines_source(), silent=False, block=False)
        counted = workload.LineCount()
        seen = 0
        while not counted.received:
            text = result.stdout
            counted.take(text[seen:])
            seen = len(text)
            time.sleep(_LOOK_SECONDS)
        return counted.figures()


def _nothing(number: int) -> int:
    return number


if __name__ == "__main__":
    serve(IPyParallel())
