"""Measures the runner, by hand: ``python -m tests.runner.measure``. Not a test.

Prints how long a fresh cell takes on an idle node, how many trivial jobs one and two nodes do in a
second, and what the processes weigh. Other work on the machine shows in every figure.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

import psutil

from tests.runner.driver import Node, Service


def latency(node: Node, source: str, rounds: int = 60, **fields: object) -> str:
    """Paced: ms from `run` sent to the first byte in stdout, to ``exited``, in this order."""
    first: list[float] = []
    done: list[float] = []
    for _ in range(rounds):
        time.sleep(0.03)
        task = node.task("cell", source=source, **fields)
        out = f"{task['dir']}/stdout.0"
        start = time.perf_counter()
        node.submit(task)
        while not (os.path.exists(out) and os.path.getsize(out)):
            pass
        first.append(time.perf_counter() - start)
        node.peer.until("exited")
        done.append(time.perf_counter() - start)
    return "  ".join(map(_quantiles, (first, done)))


def _quantiles(seconds: list[float]) -> str:
    tenth, *_, median = statistics.quantiles([*seconds, *seconds], n=10)[:5]
    return f"{1e3 * median:.2f} (best tenth {1e3 * tenth:.2f})"


def throughput(nodes: list[Node], jobs: int = 600, **fields: object) -> float:
    """Jobs per second, each node given the next when one is done."""
    import selectors

    tasks = [nodes[0].task("cell", source="print(1)", **fields) for _ in range(jobs)]
    selector = selectors.DefaultSelector()
    for node in nodes:
        selector.register(node.peer.sock, selectors.EVENT_READ, node)
    start = time.perf_counter()
    for node in nodes:
        node.submit(tasks.pop())
    done = 0
    while done < jobs:
        for key, _ in selector.select():
            node = key.data
            while True:
                if node.peer.read()["op"] == "exited":
                    done += 1
                    if tasks:
                        node.submit(tasks.pop())
                if b"\n" not in node.peer._buffer:
                    break
    return jobs / (time.perf_counter() - start)


def weight(service: Service) -> str:
    root = psutil.Process(service.process.pid)
    family = [root, *root.children(recursive=True)]
    sizes = [process.memory_full_info() for process in family]
    each = ", ".join(f"{size.pss / 1e6:.1f}" for size in sizes)
    return f"{sum(size.pss for size in sizes) / 1e6:.1f} MB PSS in {len(family)} ({each})"


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        start = time.perf_counter()
        service = Service(Path(home))
        nodes = [service.node(), service.node()]
        print(f"nursery and two nodes ready after {time.perf_counter() - start:.3f} s")
        try:
            time.sleep(0.5)
            print("memory:", weight(service))
            cpu = psutil.cpu_percent(1)
            print(f"others use {cpu:.0f} % of the CPUs now")
            print("fresh, first byte / exited:  ", latency(nodes[0], "print(1)"))
            print("session, first byte / exited:", latency(nodes[0], "print(1)", session="s"))
            nodes[0].peer.send(op="end_session", name="s")
            numpy = "import numpy\nprint(1)"
            print("numpy, first run (not preloaded):   ", latency(nodes[0], numpy, rounds=1))
            time.sleep(2)
            print("numpy, preloaded:            ", latency(nodes[0], numpy))
            for count in (1, 2):
                rates = [throughput(nodes[:count]) for _ in range(3)]
                print(f"{count} node(s), fresh:", ", ".join(f"{rate:.0f}/s" for rate in rates))
            rates = [throughput(nodes[:2], session="t") for _ in range(3)]
            print("2 nodes, session:", ", ".join(f"{rate:.0f}/s" for rate in rates))
            print("memory:", weight(service))
        finally:
            service.close()


if __name__ == "__main__":
    main()
