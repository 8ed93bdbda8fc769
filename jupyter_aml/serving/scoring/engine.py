"""Azure's own inference server as the engine: an exact rehearsal, behind the same router.

Its gunicorn is told to bind the instance's Unix socket, which its own command line cannot say.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from typing import Any

from . import failure
from .config import ScoreConfig
from .failure import Failure, NotReady

PACKAGE = "azureml_inference_server_http"


def run(config: ScoreConfig, on_ready: Callable[[], None]) -> None:
    """Serve until SIGTERM. Raise `NotReady`: not installed, or the script does not load."""
    if importlib.util.find_spec(PACKAGE) is None or importlib.util.find_spec("gunicorn") is None:
        raise NotReady(
            Failure(
                "engine",
                "EngineMissing",
                "The environment of this deployment has no azureml-inference-server-http: "
                "add it to the environment, or choose the engine 'ours'.",
            )
        )
    bound = f"{config.socket}.bound"
    master = os.getpid()

    def announce(_worker: Any) -> None:
        """In the first worker that has loaded the script: from now on one can connect."""
        try:
            os.link(bound, config.socket)
        except FileExistsError:
            return  # a worker that came after one that died
        on_ready()

    try:
        _gunicorn(config, bound, announce)
    except SystemExit as error:
        if os.getpid() != master:
            raise  # a worker that ends is gunicorn's business
        if error.code:
            raise NotReady(_said(config, error.code)) from error
    finally:
        if os.getpid() == master and os.path.exists(config.socket):
            os.unlink(config.socket)


def _said(config: ScoreConfig, code: object) -> Failure:
    """Its worker has ended with the user's traceback in the log and in no exception of ours."""
    text = ""
    if config.console:
        with open(config.console, encoding="utf-8", errors="replace") as file:
            text = file.read()
    message = f"Azure's inference server did not start with this script (exit code {code})."
    return failure.printed(text, message=message, code_dir=config.code_dir)


def _gunicorn(config: ScoreConfig, bound: str, announce: Callable[[Any], None]) -> None:
    from gunicorn.app.wsgiapp import WSGIApplication

    class Inference(WSGIApplication):
        def load_config(self) -> None:
            super().load_config()
            self.cfg.set("post_worker_init", announce)

    sys.argv = [
        "gunicorn",
        f"--bind=unix:{bound}",
        f"--workers={config.threads}",
        f"--timeout={os.environ.get('WORKER_TIMEOUT', '300')}",
        f"--graceful-timeout={int(config.drain_seconds)}",
        "--access-logfile=-",
        "--error-logfile=/dev/null",
        f"{PACKAGE}.server.entry:app",
    ]
    Inference("%(prog)s [OPTIONS] [APP_MODULE]").run()
