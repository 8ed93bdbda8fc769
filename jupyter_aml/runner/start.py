"""Turning a waiting process into a job: give it its files, its environment, its place."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from . import fork_hooks, interrupts, linux, native_threads
from .wire import Message

BOOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "boot.py")


def open_streams(order: Message) -> tuple[int, int]:
    """Descriptors 1 and 2 become the job's own files; nobody stands between.

    Returns others of the same files, for `Streams.begin`; a program that is executed has none.
    Raises `OSError` where one cannot be made: then nothing is open that was not before.
    """
    folder, rank = order["task"]["dir"], order["rank"]
    out = _open(f"{folder}/stdout.{rank}")
    try:
        errors = _open(f"{folder}/stderr.{rank}")
    except OSError:
        os.close(out)  # on a full disk a session lives on, and tries again with each cell
        raise
    os.dup2(out, 1)
    os.dup2(errors, 2)
    return out, errors


def _open(path: str) -> int:
    return _beyond(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))


def _beyond(file: int) -> int:
    """Above 2, whatever a session's cell has closed: lower ones are the program's, not ours."""
    if file > 2:
        return file
    try:
        return _beyond(os.dup(file))
    finally:
        os.close(file)


def settle(order: Message, marker: linux.MarkerPlace) -> None:
    """Environment, folder, CPUs: as the task wants them. Raises `OSError` if it cannot be had."""
    task = order["task"]
    os.umask(order["umask"])
    marker.write(task["marker"])
    if order["how"] == "exec":
        os.environ.pop("MPLBACKEND", None)  # what takes over need not have it: see `draw_inline`
    set_environ(order["environ"])
    folders = task.get("folders", ()) if task.get("own_folder") else None
    _go_to(task.get("cwd") or task["dir"], folders)
    linux.set_affinity(task.get("affinity"))


def _go_to(folder: str, inner: Iterable[str] | None) -> None:
    """A folder of the job's own is made, with those in it, by the first process that goes there.

    `inner` is None for a folder that is not the job's.
    """
    if inner is not None:
        os.makedirs(folder, 0o700, exist_ok=True)
    os.chdir(folder)
    for name in inner or ():
        if not os.path.lexists(name):  # the code may have a file of that name
            os.makedirs(name, 0o700, exist_ok=True)


def set_environ(changes: dict[str, str]) -> None:
    for name, value in changes.items():  # `update` would ask what kind of mapping this is
        os.environ[name] = value


def renew() -> None:
    """What a fork shares with its siblings and a fresh process would not; once in each."""
    fork_hooks.renew()
    loaded: dict[str, Any] = sys.modules  # type: ignore[assignment]
    if "numpy.random" in loaded:
        loaded["numpy.random"].seed()
    if "tempfile" in loaded:
        loaded["tempfile"]._name_sequence = None
    if "multiprocessing.process" in loaded:
        process = loaded["multiprocessing.process"]
        process.current_process()._config["authkey"] = process.AuthenticationString(os.urandom(32))


def adapt(order: Message) -> None:
    """Tell what was loaded before the job's environment was there."""
    loaded: dict[str, Any] = sys.modules  # type: ignore[assignment]
    if "tempfile" in loaded:
        loaded["tempfile"].tempdir = None  # TMPDIR may be another now
    if order["how"] == "preloaded":
        native_threads.limit(order["threads"])


def run_command(command: str) -> NoReturn:
    """Become the shell that runs it. Raises `OSError` if there is none."""
    interrupts.leave_to_program()
    if os.name == "nt":
        shell = os.environ.get("COMSPEC", "cmd.exe")
        os.execv(shell, [shell, "/c", command])  # noqa: S606  that is the task
    os.execv("/bin/sh", ["/bin/sh", "-c", command])  # noqa: S606  that is the task


def run_interpreter(order: Message, channel: int) -> NoReturn:
    """Become an ordinary interpreter, the task's own, that runs the cell.

    The order travels in a file without a name. Raises `OSError` if there is no such interpreter.
    """
    python = order["task"].get("python") or sys.executable
    if shutil.which(python) is None:
        raise FileNotFoundError(f"there is no interpreter {python}")
    file = _nameless()
    os.write(file, json.dumps(order).encode())
    os.lseek(file, 0, os.SEEK_SET)
    os.execv(python, [python, BOOT, "cell", str(file), str(channel)])  # noqa: S606  no shell


def _nameless() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("task", 0)
    import tempfile

    fd, path = tempfile.mkstemp()
    os.unlink(path)
    os.set_inheritable(fd, True)
    return fd
