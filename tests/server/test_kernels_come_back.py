"""Jupyter Server is killed, ended and started again; a kernel on an instance goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jupyter_client import BlockingKernelClient

from jupyter_aml.client import Client, connect
from jupyter_aml.model.compute import ComputeInstance
from jupyter_aml.testing.plugin import aml_home, aml_service
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.waiting import eventually_sync

__all__ = ["aml_home", "aml_service"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SECONDS = 90.0


class Jupyter:
    """A Jupyter Server below a hub's base URL, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.runtime = folder / "runtime"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._url = ""

    def start(self) -> None:
        self.root.mkdir(exist_ok=True)
        arguments = [
            "--port=0",
            "--no-browser",
            "--allow-root",
            "--IdentityProvider.token=t",
            "--ServerApp.base_url=/user/a%20b/",
            f"--ServerApp.root_dir={self.root}",
            "--ServerApp.jpserver_extensions={'jupyter_aml': True}",
        ]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyter_server", *arguments],
                stdout=log,
                stderr=log,
                env={
                    **os.environ,
                    "JUPYTER_RUNTIME_DIR": str(self.runtime),
                    "JUPYTER_CONFIG_DIR": str(self._folder / "config"),
                    "JUPYTER_NO_CONFIG": "1",
                },
            )
        told = self.runtime / f"jpserver-{self._process.pid}.json"
        eventually_sync(told.exists, seconds=SECONDS)
        self._url = eventually_sync(lambda: _json(told).get("url"), seconds=SECONDS)
        eventually_sync(self._answers, seconds=SECONDS)

    def _answers(self) -> bool:
        try:
            return "started" in self.ask("status")
        except OSError:
            return False  # its file is there a moment before it listens

    def ask(self, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            f"{self._url}api/{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": "token t"},
        )
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return json.loads(answer.read())

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """As ``Ctrl-C`` and a hub do it."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(SECONDS)

    def log(self) -> str:
        return (self._folder / "log").read_text()


def _json(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_bytes())
    except ValueError:
        return {}  # half written


@pytest.fixture
def jupyter(tmp_path: Path, aml_service: ServiceProcess) -> Iterator[Jupyter]:
    server = Jupyter(tmp_path)
    server.start()
    yield server
    server.end()


@pytest.fixture
def client(aml_service: ServiceProcess) -> Iterator[Client]:
    with_service = connect(home=aml_service.home, start=False)
    yield with_service
    with_service.close()


def run(client: Client, name: str, source: str) -> str:
    said: list[str] = []
    kernel = BlockingKernelClient()
    kernel.load_connection_file(client.kernels.get(name).connection_file)
    kernel.start_channels()
    try:
        kernel.wait_for_ready(timeout=SECONDS)
        kernel.execute_interactive(
            source,
            output_hook=lambda message: said.append(message["content"].get("text", "")),
            timeout=SECONDS,
        )
    finally:
        kernel.stop_channels()
        kernel.context.destroy(linger=0)
    return "".join(said)


def begin(client: Client, jupyter: Jupyter) -> dict[str, Any]:
    """A notebook whose kernel was picked on an instance; the session as Jupyter tells it."""
    client.compute.create(ComputeInstance(name="my-inst", size="local.1cpu-2gb"))
    eventually_sync(
        lambda: "jupyter-aml-my-inst" in jupyter.ask("kernelspecs")["kernelspecs"],
        seconds=SECONDS,
    )
    body = {"path": "n.ipynb", "name": "n.ipynb", "type": "notebook"}
    session = jupyter.ask("sessions", {**body, "kernel": {"name": "jupyter-aml-my-inst"}})
    assert client.kernels.get(session["kernel"]["id"]).notebook == str(jupyter.root / "n.ipynb")
    return session


def noted(client: Client, session: dict[str, Any]) -> bool:
    """Whether Jupyter Server has written down which session the kernel has."""
    kernel = client.kernels.get(session["kernel"]["id"])
    path = Path(kernel.connection_file).with_name("jupyter.json")
    return path.exists() and session["id"] in path.read_text()


def back(jupyter: Jupyter, session: dict[str, Any]) -> bool:
    found = [(one["id"], one["path"], one["kernel"]["id"]) for one in jupyter.ask("sessions")]
    return found == [(session["id"], "n.ipynb", session["kernel"]["id"])]


def test_a_kernel_is_found_again_by_the_next_jupyter_server(
    client: Client, jupyter: Jupyter
) -> None:
    session = begin(client, jupyter)
    name = session["kernel"]["id"]
    run(client, name, "x = 42")
    eventually_sync(lambda: noted(client, session), seconds=SECONDS)

    jupyter.kill()
    jupyter.start()
    eventually_sync(lambda: back(jupyter, session), seconds=SECONDS)
    assert run(client, name, "print(x)") == "42\n"

    jupyter.end()
    eventually_sync(lambda: client.kernels.get(name).state == "idle", seconds=SECONDS)
    jupyter.start()
    eventually_sync(lambda: back(jupyter, session), seconds=SECONDS)
    assert run(client, name, "print(x)") == "42\n"

    client.compute.stop("my-inst")
    eventually_sync(lambda: jupyter.ask("kernels") == [], seconds=SECONDS)
    eventually_sync(lambda: "my-inst was stopped" in jupyter.log(), seconds=SECONDS)
    assert jupyter.log().count("restarting kernel") == 0


def test_who_does_not_want_kernels_kept_has_them_ended_with_the_server(
    client: Client, jupyter: Jupyter
) -> None:
    wish = msgspec.structs.replace(client.preferences.get(), keep_kernels=False)
    client.preferences.update(wish)
    session = begin(client, jupyter)
    jupyter.end()
    name = session["kernel"]["id"]
    eventually_sync(lambda: client.kernels.get(name).state == "ended", seconds=SECONDS)
