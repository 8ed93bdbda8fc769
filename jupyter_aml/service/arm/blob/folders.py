"""Files of a folder under the names of blobs: found, listed, and never outside of it.

Everything here blocks.
"""

from __future__ import annotations

import os
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from jupyter_aml.model.data import FILES
from jupyter_aml.service.arm.blob.names import HIDDEN


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is a blob, or a text that is made when it is read (``parts``)."""

    name: str
    path: Path
    bytes: int
    modified: float
    """Seconds since 1970."""
    mark: str
    """Differs when the content does: what an ETag is made of."""
    parts: Callable[[], AsyncIterator[bytes]] | None = None
    """Its bytes from the first on; there may be more than ``bytes`` by then."""


def found(name: str, path: Path) -> Found | None:
    """The file at `path` as the blob `name`; None where there is none."""
    try:
        about = path.stat()
    except (OSError, ValueError):  # ValueError: a name that no file has
        return None
    if not stat.S_ISREG(about.st_mode):
        return None
    mark = f"{about.st_mtime_ns:x}{about.st_size:x}{about.st_ino:x}"
    return Found(name, path, about.st_size, about.st_mtime, mark)


def inside(root: Path, name: str) -> Path | None:
    """Where `name`, checked by `names.blob`, lies below `root`; None where a link leads out."""
    whole = root.resolve()
    try:
        path = (whole / name).resolve()
    except (OSError, RuntimeError):  # RuntimeError: links in a circle, before Python 3.13
        return None
    return path if path.is_relative_to(whole) else None


def file(root: Path, name: str) -> Found | None:
    """The blob `name` of the folder `root`; None where there is no such file."""
    path = None if name.endswith("/") else inside(root, name)
    return found(name, path) if path is not None else None


def files(root: Path, prefix: str, *, as_prefix: str = "") -> Iterator[Found]:
    """Every file below `root` as a blob whose name begins with `prefix`, in no order.

    `as_prefix` stands before the names, as where `root` is a folder within a container. Nothing
    is walked that cannot hold such a name.
    """
    if prefix.startswith(as_prefix):
        below = prefix.removeprefix(as_prefix).rpartition("/")[0]
    elif as_prefix.startswith(prefix):
        below = ""
    else:
        return
    start = inside(root, below)
    if start is None or not start.is_dir():
        return
    whole = root.resolve()
    for base, folders, names in os.walk(start):
        here = Path(base).relative_to(whole).as_posix()
        inner = "" if here == "." else f"{here}/"
        folders[:] = [name for name in folders if _is_shown(inner, name)]
        for name in names:
            whole_name = f"{as_prefix}{inner}{name}"
            if whole_name.startswith(prefix) and _is_shown(inner, name):
                one = file(whole, f"{inner}{name}")
                if one is not None:
                    yield replace(one, name=whole_name)


def _is_shown(inner: str, name: str) -> bool:
    """What is on its way in or out, and what contents share, are no blobs."""
    return not (name.startswith(HIDDEN) or name.endswith(".part") or (name == FILES and not inner))
