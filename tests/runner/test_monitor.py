"""What the node says of its jobs every second, on a clock that the test owns."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from jupyter_aml.runner.monitor import Monitor
from jupyter_aml.runner.process_table import Process
from jupyter_aml.runner.tree import Tree


class Machine:
    """One job of one process that computes all the time. Each reading of its memory takes `slow`
    seconds."""

    def __init__(self) -> None:
        self.time = 0.0
        self.slow = 0.0
        self.tree = Tree()
        self.tree.born = 0.0
        self.ticks: list[Any] = []
        self.told: list[dict[str, Any]] = []

    def survey(self) -> dict[Tree, list[Process]]:
        return {self.tree: [Process(7, 1, 7, False, self.time, 1000, 1)]}

    def memory(self, pid: int) -> int:
        self.time += self.slow
        return 1000

    def monitor(self) -> Monitor:
        job: Any = SimpleNamespace(tree=self.tree)
        crew: Any = SimpleNamespace(
            loop=SimpleNamespace(
                now=lambda: self.time,
                call_later=lambda _, tick: self.ticks.append(tick) or object(),
            ),
            forest=SimpleNamespace(survey=self.survey),
            table=SimpleNamespace(memory=self.memory, disk=lambda pid: (0, 0)),
            settings=SimpleNamespace(memory=0, disk="", gpus=()),
            memory=lambda job: 0,
        )
        link: Any = SimpleNamespace(connected=True, send=self.told.append)
        return Monitor(crew, lambda: {"j": job}, link)

    def sample(self, after: float, slow: float) -> dict[str, Any]:
        """The next, `after` seconds from now."""
        self.time += after
        self.slow = slow
        self.ticks.pop()()
        return self.told[-1]["jobs"]["j"]


def test_quick_cells_ask_for_nothing_that_is_to_come_anyway() -> None:
    machine = Machine()
    monitor = machine.monitor()
    monitor.wake()
    assert len(machine.ticks) == 1
    asked: list[int] = []
    monitor._busy = lambda: asked.append(1) or {}
    for _ in range(100):
        monitor.wake()
        machine.time += 0.005
    assert (len(machine.ticks), asked) == (1, [])


def test_that_the_memory_is_slow_to_read_is_no_cpu_time_of_the_job() -> None:
    machine = Machine()
    machine.monitor().wake()
    found = [machine.sample(after=1.0, slow=slow) for slow in (0.0, 0.5, 0.0, 0.5)]
    assert [sample["cpu"] for sample in found] == [1.0, 1.0, 1.0, 1.0]
    assert found[-1]["memoryBytes"] == 1000
