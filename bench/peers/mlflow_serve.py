"""`mlflow models serve` with one worker, in this environment (`--env-manager local`)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import serving_load, serving_model
from bench.driver import Figures, serve

_BODY = '{"inputs": [[5.1, 3.5, 1.4, 0.2]]}'


class MlflowServe:
    """Started once."""

    def start(self) -> Figures:
        import mlflow.sklearn
        from sklearn.datasets import load_iris
        from sklearn.linear_model import LogisticRegression

        folder = Path(tempfile.mkdtemp(prefix="bench-mlflow-"))
        iris = load_iris()
        mlflow.sklearn.save_model(
            LogisticRegression(max_iter=1000).fit(iris.data, iris.target),
            str(folder / "model"),
            serialization_format="cloudpickle",
        )
        self._port = serving_model.free_port()
        self._server = subprocess.Popen(
            [
                sys.executable, "-m", "mlflow", "models", "serve", "-m", str(folder / "model"),
                "--env-manager", "local", "--port", str(self._port), "--workers", "1",
            ],
            cwd=folder,
            env=os.environ | {"OMP_NUM_THREADS": "1", "PATH": _path()},
            stdout=sys.stderr,
            start_new_session=True,
        )  # fmt: skip
        serving_model.wait_for(self._port, self._server)
        return {}

    def close(self) -> None:
        """The command and the server that it started."""
        if self._server.poll() is None:
            os.killpg(self._server.pid, 15)
        self._server.wait(timeout=10)

    def served(self, connections: int) -> Figures:
        """One row a request."""
        return serving_load.measure(
            f"http://127.0.0.1:{self._port}/invocations",
            _BODY,
            {"Content-Type": "application/json"},
            connections,
            [self._server.pid],
        )


def _path() -> str:
    """It looks for uvicorn on PATH, where only an activated environment has it."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))


if __name__ == "__main__":
    serve(MlflowServe())
