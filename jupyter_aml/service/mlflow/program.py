"""``python -m jupyter_aml.service.mlflow.program HOME SOCKET IDLE_SECONDS``: MLflow's server.

Started by `server.TrackingServer`. It is MLflow's own application on SQLite, with its artifacts
below ``HOME/mlflow``, in one process that listens on a private Unix socket and on nothing else. It
needs nothing of the service and ends when nobody has asked it for a while, so a service that was
killed leaves it to the next one, or to itself. There is one per home, which holds a lock.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from jupyter_aml.service.mlflow.database import ARTIFACTS, FOLDER, Database
from jupyter_aml.service.mlflow.doorkeeper import Doorkeeper
from jupyter_aml.service.mlflow.runs import JobRuns

LOCK = "server.lock"
STATE = "server.json"
_LOOK_SECONDS = 1.0
_WAIT_SECONDS = 0.1
_PATIENCE_SECONDS = 120.0
_GRACE_SECONDS = 10


class State(msgspec.Struct, frozen=True):
    """``HOME/mlflow/server.json``: which process it is."""

    pid: int
    created: float


def main(argv: list[str]) -> int:
    home, path, idle = Path(argv[0]), Path(argv[1]), float(argv[2])
    os.umask(0o077)
    folder = home / FOLDER
    folder.mkdir(exist_ok=True)
    lock = _locked(folder / LOCK, path)
    if lock is None:
        return 0
    _configure(folder)
    app = Doorkeeper(
        _application(), home, (home / "secret").read_bytes(), JobRuns(Database(folder))
    )
    (folder / STATE).write_bytes(msgspec.json.encode(State(os.getpid(), _created())))
    asyncio.run(_serve(app, path, idle))
    os.close(lock)
    return 0


def _locked(path: Path, listening: Path) -> int | None:
    """The lock of the home's only server; None if another one answers meanwhile.

    Who holds it is about to listen, or about to leave: either is waited for.
    """
    import fcntl

    opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if _answers(listening):
                os.close(opened)
                return None
            if time.monotonic() > until:
                raise
            time.sleep(_WAIT_SECONDS)
        else:
            return opened


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def _created() -> float:
    import psutil

    return psutil.Process().create_time()


def _configure(folder: Path) -> None:
    """As ``mlflow server`` tells its workers: by variables, which are read when it is imported."""
    artifacts = folder / ARTIFACTS
    artifacts.mkdir(exist_ok=True)
    os.chdir(folder)
    os.environ.update(
        {
            "_MLFLOW_SERVER_FILE_STORE": f"sqlite:///{Database(folder).path}",
            "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
            "_MLFLOW_SERVER_ARTIFACT_DESTINATION": str(artifacts),
            "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "DO_NOT_TRACK": "true",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        }
    )


def _application() -> Any:
    return import_module("mlflow.server.fastapi_app").app


async def _serve(app: Doorkeeper, path: Path, idle: float) -> None:
    import uvicorn

    config = uvicorn.Config(
        app,
        lifespan="off",
        log_level="warning",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = uvicorn.Server(config)
    listener, unfinished = _bound(path)
    watch = asyncio.create_task(_end_when_idle(app, server, path, idle))
    os.rename(unfinished, path)  # who can connect from now on is answered
    try:
        await server.serve(sockets=[listener])
    finally:
        watch.cancel()
        path.unlink(missing_ok=True)


def _bound(path: Path) -> tuple[socket.socket, Path]:
    unfinished = path.with_name(f".{path.name}-{os.getpid()}")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(unfinished))
    listener.listen(128)
    return listener, unfinished


async def _end_when_idle(app: Doorkeeper, server: Any, path: Path, idle: float) -> None:
    """Nobody can connect any more before it ends; its home or its socket gone ends it too."""
    home = path.parent
    while home.exists() and path.parent.exists():
        await asyncio.sleep(min(_LOOK_SECONDS, idle / 4))
        is_idle = not app.open_requests and time.monotonic() - app.last_used >= idle
        if is_idle or not path.exists() or not app.home.exists():
            break
    path.unlink(missing_ok=True)
    server.should_exit = True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
