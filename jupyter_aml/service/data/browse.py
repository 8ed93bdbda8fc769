"""What lies in a folder, one level of it; and the bytes of a file."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

from jupyter_aml.model.data import FILES, UNFINISHED, Entry, EntryList
from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.clock import iso
from jupyter_aml.service.retention.removal import REMOVED

MOST = 1000
"""Entries of one answer; ``offset`` asks for those after."""

_BLOCK = 1 << 20
_HIDDEN = (UNFINISHED, REMOVED, FILES)


def browse(root: Path, folder: Path, offset: int) -> EntryList:
    """Entries of `folder`, with paths relative to `root`. A file is its own only entry.

    A link that leads out of `root` is left out. Blocks.
    """
    root, folder = root.resolve(), folder.resolve()
    if folder.is_file():
        inner = "" if folder == root else folder.relative_to(root).as_posix()
        return EntryList(value=[_entry(folder, inner or folder.name)])
    with os.scandir(folder) as entries:
        shown = [e for e in entries if not e.name.startswith(_HIDDEN) and not _leads_out(e, root)]
    found = sorted(shown, key=lambda entry: (not _is_folder(entry), entry.name))
    page = found[max(0, offset) : max(0, offset) + MOST]
    prefix = "" if folder == root else f"{folder.relative_to(root).as_posix()}/"
    value = [_entry(Path(entry.path), prefix + entry.name) for entry in page]
    return EntryList(value=value, truncated=len(found) > max(0, offset) + MOST)


def _leads_out(entry: os.DirEntry[str], root: Path) -> bool:
    if not entry.is_symlink():
        return False
    goal = Path(entry.path).resolve()
    return not goal.exists() or not goal.is_relative_to(root)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _entry(path: Path, inner: str) -> Entry:
    try:
        found = path.stat()
    except OSError:
        return Entry(path=inner)  # gone meanwhile
    folder = path.is_dir()
    size = 0 if folder else found.st_size
    return Entry(path=inner, folder=folder, bytes=size, modified_at=iso(found.st_mtime))


async def blocks(path: Path, offset: int) -> AsyncIterator[bytes]:
    """The bytes of a file from `offset` on, read in a thread."""
    with path.open("rb") as stream:
        stream.seek(offset)
        while block := await asyncio.to_thread(stream.read, _BLOCK):
            yield block


def readable(path: Path, offset: int) -> AsyncIterator[bytes]:
    """`blocks`, refusing before the first byte is sent."""
    if not path.is_file():
        raise Invalid(f"{path.name} is a folder.", target="path", hint="Name a file of it.")
    if offset < 0:
        raise Invalid("offset is negative.", target="offset")
    return blocks(path, offset)
