"""The engines that are measured, each in a process of its own, told what to do in JSON lines.

An engine runs with the interpreter of its own environment: ours and the floors with this one,
each peer with that of `environments`.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import environments
from bench.driver import Figures

LOGS = Path("build/bench/logs")
ANSWER_SECONDS = 120.0
_END_SECONDS = 20.0


class Failed(Exception):
    """An engine could not do what it was asked; the report says so and goes on."""


@dataclass(frozen=True)
class Kind:
    """How to run an engine. Without `requirements` it runs in our own environment."""

    module: str
    requirements: Sequence[str] = ()
    options: Sequence[str] = ()
    is_apart: bool = False
    """It demands versions that our own environment does not have."""


_DATA = ("numpy", "pandas")
KINDS: Mapping[str, Kind] = {
    "floor": Kind("bench.floor"),
    "ipykernel": Kind("bench.peers.ipykernel"),
    "ipyparallel": Kind("bench.peers.ipyparallel", ("ipyparallel", *_DATA)),
    "dask": Kind("bench.peers.dask", ("distributed", *_DATA)),
    "ray": Kind("bench.peers.ray", ("ray[default]", *_DATA)),
    "papermill": Kind("bench.peers.papermill", ("papermill", "ipykernel")),
    "jupyter-scheduler": Kind("bench.peers.jupyter_scheduler", ("jupyter-scheduler", "ipykernel")),
    "azmlinfsrv": Kind(
        "bench.peers.azmlinfsrv",
        ("azureml-inference-server-http", "numpy", "scikit-learn"),
        is_apart=True,  # it pins its gunicorn
    ),
    "mlflow": Kind("bench.peers.mlflow_serve", ("mlflow", *_DATA, "scikit-learn")),
    "serving": Kind("bench.serving"),
    "ours": Kind("bench.ours"),
    "ours loaded": Kind("bench.ours", options=("--loaded",)),
    "person": Kind("bench.person"),
    "person loaded": Kind("bench.person", options=("--loaded",)),
    "store": Kind("bench.stored"),
    "start-up": Kind("bench.startup"),
    "azure sdk": Kind("bench.azure_sdk"),
}
PEERS = (
    "ipyparallel",
    "dask",
    "ray",
    "papermill",
    "jupyter-scheduler",
    "azmlinfsrv",
    "mlflow",
)
"""Those that can be left out by name (`--without`)."""


class Engine:
    """A running engine. `ask` is an operation; `stop` leaves no process of it."""

    def __init__(self, name: str) -> None:
        kind = KINDS[name]
        python = Path(sys.executable)
        if kind.requirements:
            python = environments.python_of(name, kind.requirements, is_apart=kind.is_apart)
        LOGS.mkdir(parents=True, exist_ok=True)
        self.name = name
        with open(LOGS / f"{name.replace(' ', '-')}.log", "ab") as log:
            self._process = subprocess.Popen(
                [str(python), "-m", kind.module, *kind.options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=_environment(),
                start_new_session=True,
            )
        self._is_lost = False
        self._selector = selectors.DefaultSelector()
        assert self._process.stdout is not None
        self._selector.register(self._process.stdout, selectors.EVENT_READ)

    def ask(self, operation: str, **arguments: Any) -> Figures:
        """The figures of one operation. Raise `Failed` with the engine's own words."""
        assert self._process.stdin is not None
        if self._is_lost:
            raise Failed("it did not answer before")
        request = json.dumps({"op": operation, "args": arguments}) + "\n"
        try:
            self._process.stdin.write(request.encode())
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise Failed("it has ended; see its log") from error
        answer = self._read()
        if "error" in answer:
            raise Failed(answer["error"])
        return answer["figures"]

    def stop(self) -> None:
        """End it: by the end of its stdin, by SIGTERM (it still cleans up), by force."""
        self._selector.close()
        for number in (None, signal.SIGTERM, signal.SIGKILL):
            if number is not None:
                os.killpg(self._process.pid, number)
            try:
                self._process.communicate(timeout=_END_SECONDS)
                return
            except subprocess.TimeoutExpired:
                continue

    def _read(self) -> dict[str, Any]:
        """One line. Engines answer one line to one request, so nothing else is buffered."""
        if not self._selector.select(ANSWER_SECONDS):
            self._is_lost = True  # what it says from now on answers nothing
            raise Failed(f"no answer within {ANSWER_SECONDS:.0f} s")
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise Failed("it ended; see its log")
        return json.loads(line)


def _environment() -> dict[str, str]:
    """Without what would make one engine see another's settings or say more than it must."""
    mine = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "JPY_", "IPYTHON"))}
    return mine | {"PYTHONUNBUFFERED": "1", "RAY_DEDUP_LOGS": "0"}
