"""A plain ipykernel, as every front end drives one: the measure of what a cell feels like."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from bench import memory, workload
from bench.driver import Figures, ms_since, paced, per_second, serve

TIMEOUT_SECONDS = 60.0


class Kernel:
    """One kernel and its client."""

    def __init__(self) -> None:
        self.manager = KernelManager()
        self.manager.start_kernel()
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()

    def wait(self) -> None:
        """Return when it answers, with nothing left to read."""
        self.client.wait_for_ready(timeout=TIMEOUT_SECONDS)
        self.run("pass")

    def outputs(self, code: str) -> Iterator[dict[str, Any]]:
        """Messages of one cell as they come; ends when the kernel is idle and has replied."""
        sent = self.client.execute(code)
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT_SECONDS)
            if message["parent_header"].get("msg_id") != sent:
                continue
            if message["content"].get("execution_state") == "idle":
                break
            yield message
        self.client.get_shell_msg(timeout=TIMEOUT_SECONDS)

    def run(self, code: str) -> Figures:
        """Time to the first output and to the end of a cell. An error in it is raised."""
        first = 0.0
        start = time.perf_counter()
        for message in self.outputs(code):
            if message["msg_type"] in ("stream", "display_data", "execute_result"):
                first = first or ms_since(start)
            elif message["msg_type"] == "error":
                raise RuntimeError(": ".join(message["content"]["traceback"][-1:]))
        return {"first ms": first, "done ms": ms_since(start)}

    def stop(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


class IPyKernel:
    """Two kernels stand for two nodes."""

    def __init__(self) -> None:
        self._kernels: list[Kernel] = []

    def start(self) -> Figures:
        start = time.perf_counter()
        self._kernels = [Kernel() for _ in range(2)]
        for kernel in self._kernels:
            kernel.wait()
        return {"start s": ms_since(start) / 1000}

    def close(self) -> None:
        while self._kernels:
            self._kernels.pop().stop()

    def cells(self, count: int, gap_ms: float) -> Figures:
        kernel = self._kernels[0]
        return paced(count, gap_ms, lambda number: kernel.run(workload.cell(number)))

    def going_on(self) -> Figures:
        return {"first ms": self._kernels[0].run(workload.GOING_ON)["first ms"]}

    def burst(self, count: int) -> Figures:
        """All at once to both kernels; the rate until the last reply."""

        def work() -> None:
            for number in range(count):
                self._kernels[number % 2].client.execute(workload.cell(number))
            for number in range(count):
                self._kernels[number % 2].client.get_shell_msg(timeout=TIMEOUT_SECONDS)

        rate = per_second(count, work)
        for kernel in self._kernels:
            kernel.run("pass")  # reads what is left of the outputs
        return {"jobs/s": rate}

    def lines(self) -> Figures:
        return workload.count_lines(
            message["content"]["text"]
            for message in self._kernels[0].outputs(workload.lines_source())
            if message["msg_type"] == "stream"
        )

    def memory(self) -> Figures:
        pids = [kernel.manager.provisioner.pid for kernel in self._kernels]
        return memory.pss(pid for root in pids for pid in memory.descendants(root))


if __name__ == "__main__":
    serve(IPyKernel())
