"""Ray on this machine: tasks of a driver, and jobs submitted to its job server."""

from __future__ import annotations

import os
import sys
import time

import ray  # noqa: TID253 - this is Ray's own environment
from ray.job_submission import JobStatus, JobSubmissionClient  # noqa: TID253

from bench import memory, workload
from bench.driver import Figures, ms_since, paced, per_second, serve

_LOOK_SECONDS = 0.005


class Ray:
    """Operations of Ray."""

    def start(self) -> Figures:
        start = time.perf_counter()
        # The dashboard is where jobs are submitted.
        context = ray.init(num_cpus=2, include_dashboard=True, log_to_driver=False)
        ray.get([_nothing.remote(number) for number in range(2)])
        self._jobs: JobSubmissionClient | None = None
        self._address = f"http://{context.dashboard_url}"
        return {"start s": ms_since(start) / 1000}

    def close(self) -> None:
        ray.shutdown()

    def cells(self, count: int, gap_ms: float) -> Figures:
        """A task, which keeps nothing: what it prints reaches the driver 100 ms later."""
        return paced(count, gap_ms, self._task)

    def _task(self, number: int) -> Figures:
        start = time.perf_counter()
        ray.get(_nothing.remote(number))
        return {"done ms": ms_since(start)}

    def job(self) -> Figures:
        """One submitted job, until its status says so."""
        client = self._jobs = self._jobs or JobSubmissionClient(self._address)
        start = time.perf_counter()
        job = client.submit_job(entrypoint=f'{sys.executable} -c "print(1)"')
        while client.get_job_status(job) not in (JobStatus.SUCCEEDED, JobStatus.FAILED):
            time.sleep(_LOOK_SECONDS)
        return {"done ms": ms_since(start)}

    def burst(self, count: int) -> Figures:
        def work() -> None:
            ray.get([_nothing.remote(number) for number in range(count)])

        return {"jobs/s": per_second(count, work)}

    def memory(self) -> Figures:
        own = os.getpid()
        return memory.pss(memory.descendants(own) - {own})

    def transfer(self, kind: str) -> Figures:
        """Into the object store and mapped by a task; back out of a task."""
        value = workload.array(kind)
        start = time.perf_counter()
        there = ray.put(value)
        ray.get(_length.remote(there))
        out = workload.mb_per_second(start)
        start = time.perf_counter()
        ray.get(_copy.remote(there))
        return {"out MB/s": out, "back MB/s": workload.mb_per_second(start)}


@ray.remote
def _nothing(number: int) -> int:
    return number


@ray.remote
def _length(value: object) -> int:
    return len(value)  # type: ignore[arg-type]


@ray.remote
def _copy(value: object) -> object:
    return value.copy()  # type: ignore[attr-defined]


if __name__ == "__main__":
    serve(Ray())
