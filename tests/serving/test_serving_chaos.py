"""Load, a switch from blue to green, and kills: no answer lost that was safe, none doubled."""

from __future__ import annotations

import collections
import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.testing.waiting import eventually_sync
from tests.serving.processes import KEY, Processes

# Each run of run() leaves a line that survives the process: what ran, and where.
RECORDS = """
    import os
    def init():
        global file
        file = os.open(os.environ["RAN"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    def run(data):
        os.write(file, (data + "\\n").encode())
        return data
"""
CLIENTS, REQUESTS = 8, 150


@pytest.fixture
def processes(short_path: Path) -> Iterator[Processes]:
    started = Processes(short_path)
    yield started
    started.stop()


class _Clients:
    """So many connections, each asking one request after the other; every id is asked once."""

    def __init__(self, port: int) -> None:
        self.statuses: dict[str, int] = {}
        self.wrong: list[str] = []
        self._port = port
        self._threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _ask(self, client: int) -> None:
        link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        for number in range(REQUESTS):
            name = f"{client}-{number}"
            link.request("POST", "/score", name, {"Authorization": f"Bearer {KEY}"})
            answer = link.getresponse()
            body = answer.read().decode()
            if answer.status == 200 and body != f'"{name}"':
                self.wrong.append(f"{name} got {body}")
            self.statuses[name] = answer.status
        link.close()


@pytest.mark.chaos
def test_a_switch_under_load_with_kills_loses_and_doubles_nothing(processes: Processes) -> None:
    ran = processes.folder / "ran"
    variables = {"environment": {"RAN": str(ran)}}
    for name in ("b1", "b2", "g1", "g2"):
        processes.score(name, RECORDS, **variables)
    blue = processes.spec("b1", "b2", timeout_ms=60000, hold_seconds=60)
    green = processes.spec("g1", "g2", timeout_ms=60000, hold_seconds=60)
    both = {"blue": blue, "green": green}
    processes.route({"traffic": {"blue": 100}, "deployments": both})
    processes.wait_ready("blue", 2)
    processes.wait_ready("green", 2)

    clients = _Clients(processes.port)
    total = CLIENTS * REQUESTS

    def asked(part: float) -> None:
        eventually_sync(lambda: len(clients.statuses) >= total * part, seconds=60)

    asked(0.1)
    processes.instances["b1"].process.kill()
    asked(0.3)
    processes.score("b1", RECORDS, **variables)
    processes.write({"generation": 2, "traffic": {"blue": 50, "green": 50}, "deployments": both})
    assert processes.control(op="table")["op"] == "adopted"
    asked(0.5)
    for name in ("b2", "g1"):
        processes.instances[name].process.kill()
    asked(0.7)
    processes.score("g1", RECORDS, **variables)
    processes.write({"generation": 3, "traffic": {"green": 100}, "deployments": {"green": green}})
    assert processes.control(op="table")["op"] == "adopted"
    asked(0.8)
    processes.instances["g2"].process.terminate()
    clients.join()

    times = collections.Counter(ran.read_text().split())
    assert not clients.wrong
    assert len(clients.statuses) == total, "every request has its answer"
    assert set(clients.statuses.values()) <= {200, 502}
    good = {name for name, status in clients.statuses.items() if status == 200}
    assert {name for name in good if times[name] != 1} == set(), "answered once, ran once"
    assert max(times.values()) == 1, "nothing ran twice, answered or not"
    # Only what a killed process may have begun: at most what was in flight, three times.
    assert total - len(good) <= 3 * CLIENTS
