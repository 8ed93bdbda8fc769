"""A real Jupyter Server killed while a page follows eight jobs through it: the page misses nothing.

The page is a plain HTTP client that knows each job's last sequence number, as the browser does.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.client import discovery
from jupyter_aml.testing.waiting import eventually_sync
from tests.chaos import check

pytestmark = [pytest.mark.chaos, pytest.mark.slow]

JOBS, LINES, HELD = 8, 60, 20
TOKEN = "a-token-of-this-test"

_PROGRAM = (
    'i=0; while [ $i -lt {lines} ]; do i=$((i+1)); echo "line $i"; '
    "while [ $i -eq {held} ] && [ ! -e {gate} ]; do sleep 0.01; done; done"
)


class Page:
    """What a browser tab asks of Jupyter Server, and how much of each job it has seen."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen: dict[str, int] = {}
        self.text: dict[str, str] = {}

    def ask(self, path: str, body: object = None) -> Any:
        with self._open(path, body) as answer:
            return json.load(answer)

    def read(self, job: str, *, wait: bool) -> None:
        """Take in the events after the last one that was seen."""
        after, wished = self.seen.get(job, 0), "true" if wait else "false"
        with self._open(f"jobs/{job}/events?after={after}&wait={wished}") as answer:
            for line in answer:
                event = json.loads(line)
                if "seq" in event:
                    assert event["seq"] == self.seen.get(job, 0) + 1
                    self.seen[job] = event["seq"]
                    if event["kind"] == "stdout":
                        self.text[job] = self.text.get(job, "") + event["text"]

    def _open(self, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}jupyter-aml/api/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {TOKEN}", "Content-Type": "application/json"},
        )
        return urllib.request.urlopen(request, timeout=60)


@contextmanager
def jupyter_server(folder: Path, home: Path) -> Iterator[tuple[int, str]]:
    """Pid and URL of a Jupyter Server of its own; killed at the end if it is still there."""
    runtime = folder / "runtime"
    places = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    env = {**os.environ, "JUPYTER_AML_HOME": str(home), "JUPYTER_TOKEN": TOKEN}
    env |= {f"JUPYTER_{place}": str(folder / place.partition("_")[0].lower()) for place in places}
    log = (folder / "server.log").open("ab")
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
            *("--ServerApp.port=0", f"--ServerApp.root_dir={folder}"),
        ],
        env=env,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        file = runtime / f"jpserver-{server.pid}.json"
        # It writes the file a moment before it listens.
        url = eventually_sync(lambda: _listening(file), seconds=60)
        yield server.pid, url
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        log.close()


def _listening(file: Path) -> str:
    """The URL in a server's runtime file, once somebody answers there; else ""."""
    try:
        url = str(json.loads(file.read_text())["url"])
        urllib.request.urlopen(f"{url}api?token={TOKEN}", timeout=10).close()
    except (OSError, ValueError):
        return ""
    return url


@pytest.fixture
def service_home(home: Path) -> Iterator[Path]:
    yield home
    discovery.stop(home, force=True)
    assert not check.processes(set(), [str(home)], any_job=True)


def test_eight_jobs_outlive_jupyter_server_and_no_line_is_missed(
    service_home: Path, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    command = _PROGRAM.format(lines=LINES, held=HELD, gate=gate)
    names = [f"page-{number}" for number in range(JOBS)]
    with jupyter_server(tmp_path, service_home) as (pid, url):
        page = Page(url)
        for name in names:
            spec = {"type": "command", "command": command}
            page.ask("jobs", {"name": name, "spec": spec})
        # As many as have a place run up to the gate; the others wait in line.
        eventually_sync(lambda: _held(page, names) >= 2)
        os.killpg(pid, signal.SIGKILL)
    gate.touch()
    with jupyter_server(tmp_path, service_home) as (_, url):
        page.url = url
        for name in names:
            page.read(name, wait=True)
        done = [page.ask(f"jobs/{name}") for name in names]
    assert [(job["status"], job["attempt"]) for job in done] == [("Completed", 1)] * JOBS
    whole = "".join(f"line {number}\n" for number in range(1, LINES + 1))
    assert page.text == dict.fromkeys(names, whole)


def _held(page: Page, names: list[str]) -> int:
    for name in names:
        page.read(name, wait=False)
    return sum(page.text.get(name, "").endswith(f"line {HELD}\n") for name in names)
