"""Load on an endpoint while its instances are killed and its traffic moves from blue to green.

A seed chooses who is killed when. `storm` returns what was lost or doubled; `bench.serving_soak`
goes on with fresh seeds where the test has a few.
"""

from __future__ import annotations

import collections
import http.client
import random
import threading
from collections.abc import Callable

from jupyter_aml.testing.waiting import eventually_sync
from tests.serving.processes import KEY, Processes

CLIENTS, REQUESTS = 8, 150
_SECONDS = 90
_NAMES = {"blue": ("b1", "b2"), "green": ("g1", "g2")}

# Each run of run() leaves a line that survives the process: what ran.
RECORDS = """
    import os, time
    def init():
        global file
        file = os.open(os.environ["RAN"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    def run(data):
        os.write(file, (data + "\\n").encode())
        time.sleep(0.002)  # so that a kill always meets a request that runs
        return data
"""


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
        try:
            for number in range(REQUESTS):
                self._one(link, f"{client}-{number}")
        except OSError as error:
            self.wrong.append(f"client {client}: {error!r}")
        finally:
            link.close()

    def _one(self, link: http.client.HTTPConnection, name: str) -> None:
        link.request("POST", "/score", name, {"Authorization": f"Bearer {KEY}"})
        answer = link.getresponse()
        body = answer.read().decode()
        if answer.status == 200 and body != f'"{name}"':
            self.wrong.append(f"{name} got {body}")
        self.statuses[name] = answer.status


def storm(processes: Processes, seed: int) -> list[str]:
    """What was lost or doubled, in words."""
    chance = random.Random(seed)
    for name in (*_NAMES["blue"], *_NAMES["green"]):
        _start(processes, name)
    specs = {name: processes.spec(*instances) for name, instances in _NAMES.items()}
    processes.route({"traffic": {"blue": 100}, "deployments": specs})
    for name in specs:
        processes.wait_ready(name, 2)
    clients = _Clients(processes.port)
    killed = 0
    try:
        for part, act in _script(processes, specs, chance):
            _wait(clients, part)
            killed += act()
    finally:
        clients.join()
    return _defects(processes, clients, killed)


def _script(
    processes: Processes, specs: dict[str, object], chance: random.Random
) -> list[tuple[float, Callable[[], int]]]:
    """After which part of the requests what happens; an act returns how many it killed."""

    def kill(name: str) -> Callable[[], int]:
        def act() -> int:
            processes.instances[name].process.kill()
            processes.instances[name].process.wait()
            _start(processes, name)
            return 1

        return act

    def switch(generation: int, traffic: dict[str, int]) -> Callable[[], int]:
        def act() -> int:
            left = {name: spec for name, spec in specs.items() if traffic.get(name)}
            processes.write({"generation": generation, "traffic": traffic, "deployments": left})
            assert processes.control(op="table")["op"] == "adopted"
            return 0

        return act

    def drain() -> int:
        processes.instances[chance.choice(_NAMES["green"])].process.terminate()
        return 0

    blue, green = _NAMES["blue"], _NAMES["green"]
    return [
        (chance.uniform(0.05, 0.2), kill(chance.choice(blue))),
        (chance.uniform(0.2, 0.35), switch(2, {"blue": 50, "green": 50})),
        (chance.uniform(0.35, 0.5), kill(chance.choice(blue))),
        (chance.uniform(0.5, 0.6), kill(chance.choice(green))),
        (chance.uniform(0.6, 0.75), switch(3, {"green": 100})),
        (chance.uniform(0.75, 0.85), kill(chance.choice(green))),
        (chance.uniform(0.85, 0.95), drain),
    ]


def _start(processes: Processes, name: str) -> None:
    processes.score(name, RECORDS, environment={"RAN": str(processes.folder / "ran")})


def _wait(clients: _Clients, part: float) -> None:
    total = CLIENTS * REQUESTS * part
    eventually_sync(lambda: len(clients.statuses) >= total or clients.wrong, seconds=_SECONDS)


def _defects(processes: Processes, clients: _Clients, killed: int) -> list[str]:
    total = CLIENTS * REQUESTS
    times = collections.Counter((processes.folder / "ran").read_text().split())
    statuses = collections.Counter(clients.statuses.values())
    defects = list(clients.wrong)
    if len(clients.statuses) != total:
        defects.append(f"{total - len(clients.statuses)} requests have no answer")
    if not set(statuses) <= {200, 502}:
        defects.append(f"statuses {dict(statuses)}")
    twice = sorted(name for name, count in times.items() if count > 1)
    if twice:
        defects.append(f"ran twice: {twice}")
    answered = {name for name, status in clients.statuses.items() if status == 200}
    missing = sorted(answered - set(times))
    if missing:
        defects.append(f"answered and never ran: {missing}")
    # Only what a killed process had begun, or had not yet written the answer of.
    if statuses[502] > killed * CLIENTS:
        defects.append(f"{statuses[502]} lost with {killed} processes")
    return defects
