"""A notebook's kernel on a node: ipykernel, with its connection file kept over restarts.

``<python> .../runner/boot.py kernel <connection file> <attempt folder>`` is the command of a job of
the kind ``kernel``. The first time the file gets a fresh key and ports that the system chose; after
a restart both are the same, so that what is connected need not know of it. ``pulse`` in the
attempt's folder says ``idle`` or ``busy``, from when it takes requests; its time is that of the
last cell that began or ended.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
from typing import Any

# Who the job is concerns its node. To its code a kernel is no job: it reports no progress of one.
_OF_THE_JOB = (
    "AZUREML_RUN_ID",
    "AZUREML_ARM_PROJECT_NAME",
    "JUPYTER_AML_JOB",
    "JUPYTER_AML_ATTEMPT",
    "JUPYTER_AML_FRAMES",
    "PYTHONUNBUFFERED",
)


def main(connection: str, attempt: str) -> int:
    """Returns when the kernel has been shut down."""
    try:
        from ipykernel.kernelapp import IPKernelApp
    except ImportError as error:
        print(f"{sys.executable} cannot run kernels: {error}", file=sys.stderr)
        print("Install ipykernel there: pip install ipykernel", file=sys.stderr)
        return 1
    for name in _OF_THE_JOB:
        os.environ.pop(name, None)
    prepare(connection)
    sys.argv = [sys.argv[0], "-f", connection]
    app: Any = IPKernelApp.instance()
    app.initialize()
    Pulse(attempt).follow(app.shell)
    app.start()
    return 0


def prepare(path: str) -> None:
    """Have a connection file there: the one of the time before, as far as its ports are free."""
    try:
        with open(path, encoding="utf-8") as stream:
            known = json.load(stream)
        if all(_is_free(port) for name, port in known.items() if name.endswith("_port")):
            return
    except (OSError, ValueError):
        known = {}
    fresh = {
        "transport": "tcp",
        "ip": "127.0.0.1",
        "signature_scheme": "hmac-sha256",
        "key": known.get("key") or secrets.token_hex(32),
    }
    unfinished = f"{path}.new"
    fd = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(fd, "w", encoding="utf-8") as stream:
        json.dump(fresh, stream)
    os.replace(unfinished, path)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Pulse:
    """Writes the sign of life. Cells that a front end runs silently are none."""

    def __init__(self, attempt: str) -> None:
        path = os.path.join(attempt, "pulse")
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        self._owner = os.getpid()

    def follow(self, shell: Any) -> None:
        shell.events.register("pre_run_cell", lambda _info: self._say(b"busy"))
        shell.events.register("post_run_cell", lambda _result: self._say(b"idle"))
        self._say(b"idle")

    def _say(self, state: bytes) -> None:
        if os.getpid() != self._owner:
            return  # a cell that forks: its children are not the kernel
        try:
            os.lseek(self._fd, 0, os.SEEK_SET)
            os.write(self._fd, state)  # both words are as long
        except OSError:
            pass  # a full disk is no reason to fail a cell
