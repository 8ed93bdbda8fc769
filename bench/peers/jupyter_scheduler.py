"""jupyter-scheduler: a notebook of one cell as a job, over the REST API of a Jupyter server."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import nbformat

from bench import workload
from bench.driver import Figures, ms_since, serve

_LOOK_SECONDS = 0.01
_START_SECONDS = 60.0
_TOKEN = "bench"


class JupyterScheduler:
    """Operations of jupyter-scheduler."""

    def start(self) -> Figures:
        start = time.perf_counter()
        self._folder = Path(tempfile.mkdtemp(prefix="bench-scheduler-"))
        # Its database lies in Jupyter's data folder, which it does not make itself.
        (self._folder / "data").mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        options = [f"--ServerApp.port={self._port}", f"--IdentityProvider.token={_TOKEN}"]
        self._server = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", *options],
            cwd=self._folder,
            env={**os.environ, "JUPYTER_DATA_DIR": str(self._folder / "data")},
            stdout=sys.stderr,
        )
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(workload.cell(1))])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, self._folder / "in.ipynb")
        self._wait()
        return {"start s": ms_since(start) / 1000}

    def close(self) -> None:
        self._server.terminate()
        self._server.wait()

    def cells(self, count: int, gap_ms: float) -> Figures:
        """One job, whatever `count`: it takes seconds."""
        wish = {
            "name": "bench",
            "input_uri": "in.ipynb",
            "runtime_environment_name": "",
            "output_formats": ["ipynb"],
        }
        start = time.perf_counter()
        job = self._ask("scheduler/jobs", wish)["job_id"]
        while (status := self._ask(f"scheduler/jobs/{job}")["status"]) != "COMPLETED":
            if status == "FAILED":
                raise RuntimeError("the job failed")
            time.sleep(_LOOK_SECONDS)
        return {"done ms": ms_since(start)}

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self._ask("api/status")
                return
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > deadline or self._server.poll() is not None:
                    raise
                time.sleep(_LOOK_SECONDS)

    def _ask(self, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {_TOKEN}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=_START_SECONDS) as answer:
            return json.load(answer)


if __name__ == "__main__":
    serve(JupyterScheduler())
