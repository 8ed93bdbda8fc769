"""What was probably meant by a path at which nothing is: a file near by of that name, or nearly."""

from __future__ import annotations

import difflib
import os
import posixpath
from collections.abc import Iterator, Sequence

_MOST, _DEEPEST = 5000, 5
"""Entries that are looked at, and levels of folders: the folder may be a home."""
_ALIKE = 0.8
_SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages"})


def nearest(path: str, files: Sequence[str]) -> str:
    """The one of `files` that `path` stands for; "" where none or more than one may be meant."""
    wanted = posixpath.normpath(path.replace("\\", "/"))
    if not files or wanted in files:
        return ""
    name = posixpath.basename(wanted)
    same = [file for file in files if posixpath.basename(file) == name]
    if same:
        return same[0] if len(same) == 1 else ""
    alike = difflib.get_close_matches(wanted, files, n=2, cutoff=_ALIKE)
    return alike[0] if len(alike) == 1 else ""


def files_below(folder: str) -> Iterator[str]:
    """Paths from `folder` on, with slashes; the first few thousand, and no hidden ones."""
    seen = 0
    for place, folders, names in os.walk(folder):
        below = os.path.relpath(place, folder)
        level = 0 if below == os.curdir else below.count(os.sep) + 1
        hidden = {one for one in folders if one.startswith(".") or one in _SKIPPED}
        folders[:] = sorted(set(folders) - hidden) if level < _DEEPEST else []
        for name in sorted(names):
            seen += 1
            if seen > _MOST:
                return
            if not name.startswith("."):
                yield os.path.normpath(os.path.join(below, name)).replace(os.sep, "/")
