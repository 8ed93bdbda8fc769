"""A scoring process from its first line to its exit code."""

from __future__ import annotations

import faulthandler
import gc
import os
import sys
from collections.abc import Sequence

from ..begun import Begun
from . import config as configs
from . import engine, generated, script, shims
from .app import Application
from .config import ScoreConfig
from .failure import Failure, NotReady
from .server import Server
from .state import StateFile
from .timer import RunTimer

FAILED = 3  # gunicorn's number for "failed to boot", which Azure's server uses too

_SPARE_MS = 500
"""The router's clock is the one that counts; ours frees the process after it."""


def main(arguments: Sequence[str]) -> int:
    """``score CONFIG``. Raise `ConfigError`."""
    config = configs.read(arguments[0])
    _open_console(config.console)
    faulthandler.enable()
    state = StateFile(config.state)
    state.write("starting")
    try:
        _remove(config.socket)
        if config.engine == "azureml":
            prepare(config)
            engine.run(config, on_ready=lambda: state.write("ready"))
            state.write("ended")
            return 0
        return _serve(config, state)
    except NotReady as error:
        say_failure(error.failure)
        state.write("failed", failure=error.failure)
        return FAILED


def prepare(config: ScoreConfig) -> None:
    """Afterwards the script is where it must be and sees what it may. Raise `NotReady`."""
    configs.apply_environment(config)
    generated.write_script(config)
    if os.path.isdir(config.code_dir):
        os.chdir(config.code_dir)


def load(config: ScoreConfig, *, spare_ms: int = 0) -> Application:
    """The application, `init` done; `run` may take `spare_ms` over its time. Raise `NotReady`."""
    prepare(config)
    shims.install()
    timer = RunTimer(config.timeout_ms + spare_ms if config.threads == 1 else 0)
    loaded = script.load(config)
    return Application(config, loaded, timer)


def say_failure(failure: Failure) -> None:
    """On the console, the user's line first."""
    where = f" at {failure.file}:{failure.line}: {failure.text}" if failure.line else ""
    lines = [f"{failure.code}{where}", failure.message, *failure.traceback]
    print("\n".join(lines), file=sys.stderr, flush=True)


def _serve(config: ScoreConfig, state: StateFile) -> int:
    app = load(config, spare_ms=_SPARE_MS)
    gc.freeze()  # the model and its libraries stay: the collector need not look at them again
    server = Server(
        app, Begun(config.begun), threads=config.threads, drain_seconds=config.drain_seconds
    )
    server.listen(config.socket)
    state.write("ready", interface=app.interface)
    print(f"{config.script} is ready", file=sys.stderr, flush=True)
    server.run(app.interface, on_drain=lambda: state.write("draining"))
    state.write("ended")
    return 0


def _open_console(path: str) -> None:
    """stdout and stderr become the file; whole lines reach it as they are printed."""
    if path:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(number, 1)
        os.dup2(number, 2)
        os.close(number)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(line_buffering=True, errors="backslashreplace")


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
