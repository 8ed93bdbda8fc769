"""What Jupyter Server notes of a kernel on an instance, so that the next one finds it again.

``HOME/kernels/<name>/jupyter.json``, beside the connection file: the server that has the kernel,
its kernelspec, and the session (the notebook) that it belongs to. Only Jupyter Servers write it.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import psutil


class Held(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """By whom and for what a kernel is held. ``created`` is the process start time."""

    kernel: str
    kernel_name: str
    pid: int
    created: float
    root: str = ""
    """The folder that the server serves; "" for a program that is none."""
    session: dict[str, str] = {}
    """As `SessionManager.save_session` takes it: session_id, path, name, type. {} for none."""

    def is_given_up(self) -> bool:
        """Whether the Jupyter Server that held it is gone."""
        try:
            return abs(psutil.Process(self.pid).create_time() - self.created) > 1
        except psutil.Error:
            return True


def mine(kernel: str, kernel_name: str, root: str, session: dict[str, str]) -> Held:
    """Held by this process."""
    own = psutil.Process()
    return Held(
        kernel=kernel,
        kernel_name=kernel_name,
        pid=own.pid,
        created=own.create_time(),
        root=root,
        session=session,
    )


def read(connection_file: str) -> Held | None:
    """What was noted of the kernel with that connection file; None if nothing was."""
    try:
        return msgspec.json.decode(_path(connection_file).read_bytes(), type=Held)
    except (OSError, msgspec.DecodeError):
        return None


def write(connection_file: str, held: Held) -> None:
    """Raise OSError if the disk is full, or the kernel's folder is gone."""
    path = _path(connection_file)
    unfinished = path.with_suffix(".new")
    fd = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(fd, "wb") as stream:
        stream.write(msgspec.json.encode(held))
    unfinished.replace(path)


def _path(connection_file: str) -> Path:
    return Path(connection_file).with_name("jupyter.json")
