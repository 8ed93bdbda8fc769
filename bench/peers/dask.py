"""dask.distributed: scheduler and two workers in processes of their own, this is the client."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

from distributed import Client

from bench import memory, workload
from bench.driver import Figures, ms_since, paced, per_second, serve

# The cluster lives beside the client, so that its memory and its start are its own.
_HOST = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
    cluster.close()
"""


class Dask:
    """Operations of dask."""

    _host: subprocess.Popen[str] | None = None

    def start(self) -> Figures:
        start = time.perf_counter()
        self._host = subprocess.Popen(
            [sys.executable, "-c", _HOST],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._host.stdout is not None
        self._client = Client(self._host.stdout.readline().strip())
        self._client.wait_for_workers(2)
        self._client.submit(_nothing, pure=False).result()
        return {"start s": ms_since(start) / 1000}

    def close(self) -> None:
        if self._host is not None:
            self._client.close()
            self._host.communicate()
            self._host = None

    def cells(self, count: int, gap_ms: float) -> Figures:
        return paced(count, gap_ms, self._cell)

    def _cell(self, number: int) -> Figures:
        start = time.perf_counter()
        self._client.submit(_nothing, number, pure=False).result()
        return {"done ms": ms_since(start)}

    def burst(self, count: int) -> Figures:
        def work() -> None:
            self._client.gather(self._client.map(_nothing, range(count), pure=False))

        return {"jobs/s": per_second(count, work)}

    def memory(self) -> Figures:
        assert self._host is not None
        return memory.pss(memory.descendants(self._host.pid))

    def transfer(self, kind: str) -> Figures:
        """Straight to a worker and back; each time a new object, as dask keeps none."""
        value = workload.array(kind)
        worker = next(iter(self._client.scheduler_info()["workers"]))
        start = time.perf_counter()
        there = self._client.scatter(value, direct=True, workers=[worker], hash=False)
        out = workload.mb_per_second(start)
        start = time.perf_counter()
        self._client.gather(there, direct=True)
        return {"out MB/s": out, "back MB/s": workload.mb_per_second(start)}


def _nothing(number: int = 0) -> Any:
    return number


if __name__ == "__main__":
    serve(Dask())
