"""Memory limits: enforced on the whole tree, fast enough, and said in words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_aml.runner import limits
from jupyter_aml.runner.tree import Tree
from tests.runner.driver import Node

MB = 1_000_000

# 0.25 GB/s at most in each of four processes, none of which would be over the limit alone: what
# there is between the limit and what the test allows takes them a tenth of a second.
ALLOCATOR = """
import os, time
pids = []
for _ in range(4):
    pid = os.fork()
    if pid == 0:
        held = []
        while True:
            held.append(bytearray(b"x" * 4_000_000))
            time.sleep(0.016)
    pids.append(pid)
print("up", flush=True)
os.waitpid(pids[0], 0)
"""


@pytest.mark.parametrize(
    ("limit", "used", "cpus", "seconds"),
    [
        (2_000 * MB, 0, 2, 0.2),  # far away: the longest pause
        (300 * MB, 0, 2, 0.066),
        (300 * MB, 290 * MB, 2, 0.008),
        (300 * MB, 360 * MB, 2, 0.005),  # never sooner than this
        (256_000 * MB, 0, 64, 0.2),
    ],
)
def test_the_closer_the_sooner(limit: int, used: int, cpus: int, seconds: float) -> None:
    assert limits.next_look(limit, used, cpus, cost=0) == pytest.approx(seconds, rel=0.01)


def test_looking_takes_half_a_cpu_at_most() -> None:
    assert limits.next_look(100, 100, 1, cost=0.05) == pytest.approx(0.1)


def test_that_others_have_the_cpu_meanwhile_is_no_cost_of_looking() -> None:
    """Else a busy machine would be looked at least often where it matters most."""
    pauses: list[float] = []
    loop: Any = SimpleNamespace(
        call_later=lambda seconds, look: pauses.append(seconds), now=lambda: 0.0
    )
    forest: Any = SimpleNamespace(members=lambda tree: time.sleep(0.2) or [])
    table: Any = None
    guard = limits.MemoryGuard(loop, forest, table, cpus=2, over=pytest.fail)
    guard._look(Tree(), 300 * MB)
    assert pauses == [pytest.approx(0.066, rel=0.01)]


def test_quick_cells_of_a_session_do_not_put_off_the_next_look() -> None:
    looks: list[float] = []
    time_ = [100.0]
    ring: list[Callable[[], None]] = []

    def call_later(seconds: float, look: Callable[[], None]) -> Any:
        looks.append(round(time_[0] + seconds, 3))
        ring[:] = [look]
        return SimpleNamespace(cancel=ring.clear)

    loop: Any = SimpleNamespace(call_later=call_later, now=lambda: time_[0])
    forest: Any = SimpleNamespace(members=lambda tree: [])
    table: Any = None
    guard = limits.MemoryGuard(loop, forest, table, cpus=2, over=pytest.fail)
    tree = Tree()
    for _ in range(100):  # one each millisecond
        guard.start(tree, 2_000 * MB)
        time_[0] += 0.001
    assert looks == [100.2]
    time_[0] = 100.2
    ring[0]()
    assert looks == [100.2, 100.4]
    guard.start(tree, 2_000 * MB)
    assert looks == [100.2, 100.4]

    # A smaller limit is reached sooner, and a look that is put off for what it costs is too late.
    guard.start(tree, 300 * MB)
    assert looks[2:] == [100.266]
    guard._again(tree, 300 * MB, used=0, cost=0.5)
    guard.start(tree, 300 * MB)
    assert looks[3:] == [101.2, 100.266]
    guard.stop()
    guard.start(tree, 300 * MB)
    assert looks[5:] == [100.266]


def test_four_allocators_are_ended_within_1_3_of_the_limit(node: Node) -> None:
    job = node.command(f"exec python -c '{ALLOCATOR}'", memory=300 * MB)
    message = job.wait()
    assert message["reason"] == "OutOfMemory"
    found = re.fullmatch(r"the job used ([\d.]+) of 0.30 GB", message["message"])
    assert found is not None, message
    assert 0.30 <= float(found[1]) <= 0.39
    assert message["peak_memory"] <= 390 * MB
    assert message["signal"] == 9


def test_a_cell_within_its_limit_is_left_alone(node: Node) -> None:
    """Pages that forks share count once: 8 children of a 100 MB process stay below 200 MB."""
    source = """
import os, time
held = b"x" * 100_000_000
for _ in range(8):
    if os.fork() == 0:
        time.sleep(0.6)
        os._exit(0)
for _ in range(8):
    os.wait()
"""
    message = node.cell(source, memory=200 * MB, collect=[]).wait()
    assert (message["code"], message["reason"]) == (0, "")
    assert 100 * MB < message["peak_memory"] < 200 * MB


def test_peak_memory_and_cpu_time_are_told(node: Node) -> None:
    job = node.command(
        'exec python -c \'import time; x = b"x" * 150_000_000; t = time.process_time\n'
        "while t() < 0.3: pass'"
    )
    message = job.wait()
    assert 150 * MB < message["peak_memory"] < 250 * MB
    assert 0.3 <= message["cpu_seconds"] < 2
