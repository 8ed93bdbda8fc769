"""Folders outside the home: short paths for Unix sockets."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from jupyter_aml.model.errors import Forbidden


def run_folder(home: Path) -> Path:
    """The private folder of this home's sockets: their paths end near 107 bytes. Made if absent.

    Raises `Forbidden` when somebody else was there first: the temporary folder is everybody's.
    """
    user = os.getuid() if hasattr(os, "getuid") else 0
    name = f"jaml-{user}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:10]}"
    parent = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    folder = parent / name
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        _check_own(folder, user)
    return folder


def _check_own(folder: Path, user: int) -> None:
    found = folder.lstat()
    if not hasattr(os, "getuid"):
        return
    if folder.is_symlink() or not folder.is_dir() or found.st_uid != user or found.st_mode & 0o077:
        raise Forbidden(
            f"{folder} is not a private folder of yours.",
            target=str(folder),
            hint="Remove it (or ask its owner to), or set XDG_RUNTIME_DIR to a private folder.",
        )
