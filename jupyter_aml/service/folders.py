"""Folders outside the home: short paths for Unix sockets, and shared memory."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from jupyter_aml.model.errors import Forbidden


def run_folder(home: Path) -> Path:
    """The private folder of this home's sockets: their paths end near 107 bytes. Made if absent.

    Raises `Forbidden` when somebody else was there first: the temporary folder is everybody's.
    """
    folder = _run_parent() / _short_name(home)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        check_own(folder)
    return folder


def leave_run_folder(home: Path) -> None:
    """Remove it, unless a socket in it still belongs to somebody: a node outlives the service.

    The daemon calls it while it holds the home, so that no other service is about to use it.
    """
    with contextlib.suppress(OSError):
        (_run_parent() / _short_name(home)).rmdir()


def _run_parent() -> Path:
    return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())


def _short_name(home: Path) -> str:
    user = os.getuid() if hasattr(os, "getuid") else 0
    return f"jaml-{user}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:10]}"


def check_own(folder: Path) -> None:
    """Raise `Forbidden` unless it is a folder of this user's alone; OSError if there is none."""
    found = folder.lstat()
    if not hasattr(os, "getuid"):
        return
    user = os.getuid()
    if folder.is_symlink() or not folder.is_dir() or found.st_uid != user or found.st_mode & 0o077:
        raise Forbidden(
            f"{folder} is not a private folder of yours.",
            target=str(folder),
            hint="Remove it (or ask its owner to), or set XDG_RUNTIME_DIR to a private folder.",
        )


def pool_folder(home: Path) -> Path:
    """Where clients of this home keep large variables on their way; the service only counts it."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of the user's own inside it
    return memory / _short_name(home) if memory.is_dir() else home / "spool"
