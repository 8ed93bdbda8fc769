"""What a service that was killed left in the temporary folder: sockets, and the folder of them.

The daemon looks once, holding the home, before anything of this service listens. Only folders of
this home are touched: they bear its name, and are noted in it, since the temporary folder may be
another one the next time (``TMPDIR``, ``XDG_RUNTIME_DIR``).
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
import stat
from pathlib import Path

from jupyter_aml.model.errors import Forbidden
from jupyter_aml.service.folders import check_own, run_folder

log = logging.getLogger(__name__)

NOTE = "run-folders"
"""The file of the home that names the folders, a line each."""

_BOUND = Path("/proc/net/unix")


def take_run_folder(home: Path, bound: Path = _BOUND) -> Path:
    """The folder for this service's sockets, after those of the dead were removed.

    A node that lives keeps its own, wherever it is. Raises `Forbidden` as `run_folder` does.
    """
    folder = run_folder(home)
    used = [str(folder)]
    for known in dict.fromkeys([*used, *_noted(home)]):
        place = Path(known)
        if place.name != folder.name or not _is_ours(place):
            continue
        _remove_dead(place, bound)
        if place != folder and not _is_gone(place):
            used.append(known)
    (home / NOTE).touch(mode=0o600)
    (home / NOTE).write_text("\n".join(used) + "\n", encoding="utf-8")
    return folder


def _noted(home: Path) -> list[str]:
    try:
        return (home / NOTE).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _is_ours(place: Path) -> bool:
    try:
        check_own(place)
    except (OSError, Forbidden):
        return False
    return True


def _is_gone(place: Path) -> bool:
    try:
        place.rmdir()
    except OSError:
        return not place.exists()
    return True


def _remove_dead(place: Path, bound: Path) -> None:
    try:
        table = bound.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return  # not Linux: who listens cannot be known without disturbing them
    listening = {line.rpartition(" ")[2] for line in table.splitlines()}
    for path in place.iterdir():
        with contextlib.suppress(OSError):  # a node that ends removes its own
            if str(path) not in listening and _refuses(path):
                path.unlink()
                log.info("removed %s, which nobody listened on", path)


def _refuses(path: Path) -> bool:
    """Asked of what the table lacks: it has none of another container that shares the folder."""
    if not stat.S_ISSOCK(os.lstat(path).st_mode):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.setblocking(False)
        return asking.connect_ex(str(path)) == errno.ECONNREFUSED
