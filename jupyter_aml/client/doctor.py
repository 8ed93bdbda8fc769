"""``doctor``: what may keep jupyter_aml from working on this machine, each with its fix.

Looks only; starts and changes nothing (but makes and removes one file in the home).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, cast

import msgspec

from jupyter_aml._version import __version__
from jupyter_aml.client import discovery
from jupyter_aml.client.home import is_shared, pool_folder, run_folder
from jupyter_aml.model.errors import AmlError

OLDEST_PYTHON = (3, 10)
LEAST_DISK_BYTES = 1 << 30
LEAST_MEMORY_BYTES = 256 << 20
LONGEST_SOCKET_PATH = 107
"""What a Unix socket's address can hold; the longest name of ours takes `SOCKET_NAME` of it."""
SOCKET_NAME = 32
LEAST_OPEN_FILES = 1024
EXTENSION = "jupyter-aml"

Level = Literal["ok", "warn", "fail"]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the report."""

    name: str
    level: Level
    message: str
    fix: str = ""


def diagnose(home: Path) -> list[Check]:
    """Every check, in the order in which one needs the other."""
    checks: list[Callable[[Path], Check]] = [
        _python,
        _home,
        _disk,
        _memory,
        _sockets,
        _open_files,
        _service,
        _server_part,
        _browser_part,
    ]
    return [check(home) for check in checks]


def _ok(name: str, message: str) -> Check:
    return Check(name=name, level="ok", message=message)


def _warn(name: str, message: str, fix: str) -> Check:
    return Check(name=name, level="warn", message=message, fix=fix)


def _fail(name: str, message: str, fix: str) -> Check:
    return Check(name=name, level="fail", message=message, fix=fix)


# -- this machine ---------------------------------------------------------------------------


def _python(_home: Path) -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return _fail("Python", f"{version} is too old.", "Use Python 3.10 or newer.")
    return _ok("Python", f"{version}, {sys.executable}")


def _home(home: Path) -> Check:
    another = "Give it another place: export JUPYTER_AML_HOME=/a/folder/of/yours"
    place = _nearest_folder(home)
    in_the_way = next(path for path in (home, *home.parents) if path.exists())
    if not in_the_way.is_dir():
        return _fail("Home", f"{home} cannot be made: {in_the_way} is no folder.", another)
    try:
        # The home itself is not made by looking; the folder that would hold it must allow that.
        with tempfile.NamedTemporaryFile(dir=place):
            pass
    except OSError as error:
        return _fail("Home", f"{home} cannot be written: {error.strerror}.", another)
    if home.exists() and os.name == "posix":
        mode = home.stat().st_mode & 0o777
        if mode & 0o077:
            closed = f"chmod 700 {home}"
            return _warn("Home", f"{home} is open to other users ({mode:o}).", closed)
    if is_shared(place):
        message = f"{home} lies on a network filesystem: slower, and for one machine at a time."
        return _warn("Home", message, another)
    return _ok("Home", str(home))


def _nearest_folder(path: Path) -> Path:
    """`path`, or the first folder above it that exists."""
    return next((p for p in (path, *path.parents) if p.is_dir()), Path(path.anchor))


def _disk(home: Path) -> Check:
    try:
        free = shutil.disk_usage(_nearest_folder(home)).free
    except OSError as error:
        return _warn("Disk", f"How much is free cannot be told: {error.strerror}.", "")
    message = f"{free / (1 << 30):.1f} GB free"
    if free < LEAST_DISK_BYTES:
        clear = "Make room, or give it another disk: export JUPYTER_AML_HOME=/a/folder/of/yours"
        level = _fail if free < LEAST_DISK_BYTES // 10 else _warn
        return level("Disk", f"Only {message}.", clear)
    return _ok("Disk", f"{message}.")


def _memory(home: Path) -> Check:
    name = "Shared memory"
    folder = pool_folder(home).parent
    if folder == home:
        return _warn(name, "There is none as files: large variables go through the disk.", "")
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return _warn(name, f"{folder} cannot be read: {error.strerror}.", "")
    message = f"{free / (1 << 20):.0f} MB free in {folder}"
    if free < LEAST_MEMORY_BYTES or not os.access(folder, os.W_OK):
        fix = "In a container, start it with more: docker run --shm-size=2g ..."
        return _warn(name, f"Only {message}: large variables go through the disk.", fix)
    return _ok(name, f"{message}.")


def _sockets(home: Path) -> Check:
    folder = run_folder(home)
    length = len(os.fsencode(folder)) + SOCKET_NAME
    if length > LONGEST_SOCKET_PATH:
        message = f"{folder} is too long a path for sockets, by {length - LONGEST_SOCKET_PATH}."
        return _fail("Sockets", message, "Set a shorter one: export TMPDIR=/tmp")
    if not os.access(_nearest_folder(folder), os.W_OK):
        return _fail("Sockets", f"{folder} cannot be made.", "export XDG_RUNTIME_DIR=/tmp")
    return _ok("Sockets", f"in {folder}")


def _open_files(_home: Path) -> Check:
    if sys.platform == "win32":
        return _ok("Open files", "no limit")
    import resource

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit != resource.RLIM_INFINITY and limit < LEAST_OPEN_FILES:
        fix = f"ulimit -n {LEAST_OPEN_FILES}"
        return _warn("Open files", f"A process may have only {limit} open.", fix)
    return _ok("Open files", f"{limit} for a process")


# -- what is installed and what runs --------------------------------------------------------


def _service(home: Path) -> Check:
    try:
        runtime = discovery.find(home)
        status = None if runtime is None else discovery.status(runtime)
    except AmlError as error:
        return _fail("Service", error.message, error.hint)
    if status is None:
        return _ok("Service", "does not run; it starts when it is needed.")
    if status.version != __version__:
        message = f"runs in version {status.version}, this is {__version__}."
        return _warn("Service", message, "jupyter aml service stop, when its work is done")
    return _ok("Service", f"runs as process {status.pid}, version {status.version}.")


def _server_part(_home: Path) -> Check:
    name = "Jupyter Server part"
    for path in _found("config", "jupyter_server_config.d/jupyter_aml.json"):
        extensions = _json(path).get("ServerApp", {}).get("jpserver_extensions", {})
        if extensions.get("jupyter_aml"):
            return _ok(name, f"enabled by {path}")
    enable = "jupyter server extension enable jupyter_aml"
    return _warn(name, "is not enabled: notebooks work, the panel does not.", enable)


def _browser_part(_home: Path) -> Check:
    name = "JupyterLab part"
    reinstall = f"pip install --force-reinstall --no-deps {EXTENSION}=={__version__}"
    for path in _found("data", f"labextensions/{EXTENSION}/package.json"):
        version = str(_json(path).get("version", "unknown"))
        if _release(version) != _release(__version__):
            message = f"is of version {version}, this is {__version__}: {path.parent}"
            return _warn(name, message, reinstall)
        return _ok(name, f"in {path.parent}")
    return _warn(name, "is not installed: notebooks work, the panel does not.", reinstall)


def _release(version: str) -> str:
    """The numbers: npm and Python write what follows them differently."""
    found = re.match(r"[\d.]*\d", version)
    return found[0] if found else version


def _found(kind: str, name: str) -> Iterator[Path]:
    """Files `name` on Jupyter's search path, the first found first."""
    from jupyter_core.paths import jupyter_config_path, jupyter_path

    folders = jupyter_config_path() if kind == "config" else jupyter_path()
    return (path for path in (Path(folder, name) for folder in folders) if path.is_file())


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
