"""A real kernel killed while a cell of its runs, and whoever started the service: jobs go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.client import Client, connect, discovery
from jupyter_aml.model.errors import AmlError
from jupyter_aml.model.job import Job
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.testing.waiting import eventually_sync
from tests.chaos import check
from tests.kernel.real_kernel import running

pytestmark = [pytest.mark.chaos, pytest.mark.slow]

LINES = 60

_CELL = """%%aml --name {name}
import os, time
for number in range(1, {lines} + 1):
    print(number, flush=True)
    while number == 10 and not os.path.exists({gate!r}):
        time.sleep(0.005)
total = sum(range({lines} + 1))
"""


@pytest.fixture
def client(home: Path) -> Iterator[Client]:
    """The service as a notebook finds it: started by whoever comes first."""
    found = connect(home=home)
    yield found
    found.close()
    discovery.stop(home, force=True)
    assert not check.processes(set(), [str(home)], any_job=True)


def _ended(client: Client, name: str) -> Job:
    def look() -> Job | None:
        found = client.jobs.get(name)
        return found if found.status in JOB.final else None

    found = eventually_sync(look)
    assert found is not None
    return found


def _text(client: Client, name: str) -> str:
    try:
        events = list(client.jobs.follow(name, wait=False))
    except AmlError:  # not accepted yet
        return ""
    return "".join(event.text for event in events if event.kind == "stdout")


@pytest.mark.parametrize("victims", [("kernel",), ("kernel", "service")])
def test_the_cell_of_a_killed_kernel_goes_on(
    client: Client, home: Path, tmp_path: Path, victims: tuple[str, ...]
) -> None:
    gate = tmp_path / "gate"
    with running(tmp_path) as kernel:
        kernel.start(_CELL.format(name="orphan", lines=LINES, gate=str(gate)))
        eventually_sync(lambda: _text(client, "orphan").endswith("10\n"))
        pids = {"kernel": kernel.manager.provisioner.process.pid}
        runtime = discovery.find(home)
        assert runtime is not None
        pids["service"] = runtime.pid
        for victim in victims:
            os.kill(pids[victim], signal.SIGKILL)
        gate.touch()
        done = _ended(client, "orphan")
    assert (done.status, done.attempt) == ("Completed", 1)
    assert _text(client, "orphan") == "".join(f"{n}\n" for n in range(1, LINES + 1))
    assert done.result is not None
    assert "total" in done.result.names, "the variable waits for whoever asks"


def test_whoever_started_the_service_does_not_take_it_along(client: Client, home: Path) -> None:
    """Jupyter Server, killed with its whole process group, as a hub does it."""
    discovery.stop(home, force=True)
    code = (
        "from jupyter_aml.client import discovery as d; print(d.start().pid, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as starter:
        assert starter.stdout is not None
        service = int(starter.stdout.readline())
        os.killpg(starter.pid, signal.SIGKILL)
    assert client.service.status().pid == service
