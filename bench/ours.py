"""Our engine through its client: the service, its nodes, jobs that are on disk before they run.

``--loaded`` gives it a home with 10,000 finished and 200 queued jobs.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench import loaded, memory, workload
from bench.driver import Figures, medians, ms_since, paced, serve
from jupyter_aml.client import Client, connect, discovery
from jupyter_aml.client.home import run_folder
from jupyter_aml.model.compute import AmlCompute
from jupyter_aml.model.job import CellJob, Job
from jupyter_aml.model.lifecycle import JOB

NODES = "nodes"
_SETTLE_SECONDS = 1.0
_PRELOAD = ["numpy", "pandas", "sklearn"]
_PRELOAD_SECONDS = 8.0


class Home:
    """A private home with a service; `end` leaves no process, and the files to the bench."""

    def __init__(self, *, is_loaded: bool) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="bench-ours-"))
        self.path = self._folder / "home"
        if is_loaded:
            loaded.finish_jobs(self.path)

    def connect(self) -> Client:
        return connect(home=self.path)

    def stop(self) -> None:
        discovery.stop(self.path, force=True)

    def end(self) -> None:
        self.stop()

    def processes(self) -> set[int]:
        """Everything that belongs to this home, as the kernel shows it."""
        home, run = str(self.path), str(run_folder(self.path))
        return memory.matching(
            lambda command, environ: (
                home in command or run in command or f"JUPYTER_AML_HOME={home}\0" in environ
            )
        )


class Ours:
    """Operations of our engine; `session` ("" is a fresh process) says which of the two modes."""

    def __init__(self, *, is_loaded: bool) -> None:
        self._is_loaded = is_loaded
        self._home = Home(is_loaded=is_loaded)

    def start(self) -> Figures:
        """From nothing to two idle nodes."""
        start = time.perf_counter()
        self._client = self._home.connect()
        size = _smallest(self._client)
        self._client.compute.create(
            AmlCompute(name=NODES, size=size, min_instances=2, max_instances=2)
        )
        self._wait_for_nodes()
        took = ms_since(start) / 1000
        if self._is_loaded:
            loaded.queue_jobs(self._client)
        return {"start s": took}

    def close(self) -> None:
        self._client.close()
        self._home.end()

    def _wait_for_nodes(self) -> None:
        for line in _feed(self._client, "bench-start"):
            if line.get("noun") == "compute" and (line.get("object") or {}).get("idleNodes") == 2:
                return

    # -- one cell at a time ---------------------------------------------------------------

    def cells(self, session: str, count: int, gap_ms: float) -> Figures:
        return paced(count, gap_ms, lambda number: self._cell(session, workload.cell(number)))

    def _cell(self, session: str, source: str) -> Figures:
        first = 0.0
        start = time.perf_counter()
        following = self._client.jobs.run(_spec(source, session))
        for event in following:
            if event.kind == "stdout":
                first = first or ms_since(start)
        _completed(following.outcome())
        return {"first ms": first, "done ms": ms_since(start)}

    def going_on(self, session: str) -> Figures:
        samples = [self._cell(session, workload.GOING_ON) for _ in range(3)]
        return {"first ms": medians(samples)["first ms"]}

    def lines(self, session: str) -> Figures:
        following = self._client.jobs.run(_spec(workload.lines_source(), session))
        return workload.count_lines(e.text for e in following if e.kind == "stdout")

    # -- many at once -----------------------------------------------------------------------

    def burst(self, sessions: Sequence[str], count: int) -> Figures:
        """`count` jobs on two nodes, from the first submit until the last has ended."""
        try:
            return self._burst(sessions, count)
        finally:
            for name in filter(None, sessions):
                self._client.sessions.delete(name)  # its node then serves jobs without one first

    def _burst(self, sessions: Sequence[str], count: int) -> Figures:
        for name in filter(None, sessions):
            self._run(_spec("pass", name, compute=NODES))  # each takes a node
        watch = _Watch(self._client, count)
        specs = [
            _spec(workload.cell(number), sessions[number % len(sessions)], compute=NODES)
            for number in range(count)
        ]
        start = time.perf_counter()
        self._client.jobs.create_many(specs)
        watch.done.wait()
        took = ms_since(start) / 1000
        if watch.failed:
            raise RuntimeError(f"{watch.failed} jobs failed")
        return {"jobs/s": count / took}

    # -- what it takes --------------------------------------------------------------------------

    def memory(self) -> Figures:
        """The service, the nursery and two idle nodes."""
        time.sleep(_SETTLE_SECONDS)
        return memory.pss(self._home.processes())

    def preloaded_memory(self) -> Figures:
        """The same once its zygotes hold what notebooks of late imported."""
        source = "\n".join(f"import {name}" for name in _PRELOAD)
        spec = msgspec.structs.replace(_spec(source, "", compute=NODES), preload=_PRELOAD)
        for _ in range(4):
            self._run(spec)
        time.sleep(_PRELOAD_SECONDS)
        return memory.pss(self._home.processes())

    def _run(self, spec: CellJob) -> None:
        following = self._client.jobs.run(spec)
        for _ in following:
            pass
        _completed(following.outcome())


class _Watch:
    """Counts jobs that end, as a tab of JupyterLab would: from the feed."""

    def __init__(self, client: Client, count: int) -> None:
        self.done = threading.Event()
        self.failed = 0
        self._left = count
        self._ready = threading.Event()
        threading.Thread(target=self._read, args=(client,), daemon=True).start()
        self._ready.wait()

    def _read(self, client: Client) -> None:
        for line in _feed(client, f"bench-{time.monotonic_ns()}"):
            self._ready.set()
            job = line.get("object") if line.get("noun") == "job" else None
            if job and job["compute"] == NODES and job["status"] in JOB.final:
                self.failed += job["status"] != "Completed"
                self._left -= 1
                if not self._left:
                    self.done.set()
                    return


def _feed(client: Client, name: str) -> Iterator[dict[str, Any]]:
    stream = client.feed.open(name)
    try:
        while (line := stream.read_line(60)) is not None:
            yield msgspec.json.decode(line)
    finally:
        stream.close()


def _spec(source: str, session: str, *, compute: str = "local") -> CellJob:
    """As a notebook sends it; its folder is where the job runs on ``local``."""
    return CellJob(
        source=source,
        session=session,
        compute=compute,
        python=sys.executable,
        collect=[],
        cwd=tempfile.gettempdir() if compute == "local" else "",
    )


def _smallest(client: Client) -> str:
    """The smallest real size: two nodes of it fit on any machine with two cores."""
    sizes = client.compute.sizes("amlcompute").value
    real = [size for size in sizes if size.name.startswith("local.") and size.available]
    return min(real, key=lambda size: (size.vcpus, size.memory_gb)).name


def _completed(job: Job) -> None:
    if job.status != "Completed":
        raise RuntimeError(f"{job.name} is {job.status}: {job.error}")


if __name__ == "__main__":
    serve(Ours(is_loaded="--loaded" in sys.argv))
