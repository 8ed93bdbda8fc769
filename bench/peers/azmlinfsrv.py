"""azureml-inference-server-http with its one worker, as `azmlinfsrv` starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import serving_load, serving_model
from bench.driver import Figures, serve


class Azmlinfsrv:
    """Started once; the model is pickled by this environment's own scikit-learn."""

    def start(self) -> Figures:
        folder = Path(tempfile.mkdtemp(prefix="bench-azmlinfsrv-"))
        serving_model.write(folder)
        self._port = serving_model.free_port()
        self._server = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("azmlinfsrv")),
                "--entry_script",
                str(folder / "code" / "score.py"),
                "--model_dir",
                str(folder / "model"),
                "--port",
                str(self._port),
                "--health_port",
                str(serving_model.free_port()),
            ],
            cwd=folder,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdout=sys.stderr,
        )
        serving_model.wait_for(self._port, self._server)
        return {}

    def close(self) -> None:
        """gunicorn ends its worker."""
        self._server.terminate()
        self._server.wait(timeout=10)

    def served(self, connections: int) -> Figures:
        """One row a request."""
        return serving_load.measure(
            f"http://127.0.0.1:{self._port}/score",
            serving_model.BODY,
            serving_model.HEADERS,
            connections,
            [self._server.pid],
        )


if __name__ == "__main__":
    serve(Azmlinfsrv())
