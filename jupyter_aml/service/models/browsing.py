"""Files below an asset: what is there, and their bytes. Paths come from outside, so they are
checked: nothing outside the asset is ever told or read."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

from jupyter_aml.model.data import Entry, EntryList
from jupyter_aml.model.errors import NotFound
from jupyter_aml.service.clock import iso

_MOST = 10_000
_BLOCK = 256 * 1024


def entries(root: Path, inner: str) -> EntryList:
    """What lies directly in the folder `inner` of `root`; a file is its own only entry.

    Blocks. Raises `NotFound`.
    """
    place = _inside(root, inner)
    if place.is_file():
        return EntryList(value=[_entry(place, root if root.is_dir() else root.parent)])
    found = [_entry(Path(one.path), root) for one in _scan(place)]
    found.sort(key=lambda one: (not one.folder, one.path))
    return EntryList(value=found[:_MOST], truncated=len(found) > _MOST)


def file(root: Path, inner: str) -> Path:
    """The file `inner` of `root`; "" is `root` where that is itself a file. Raises `NotFound`."""
    if root.is_file() and inner in ("", root.name):
        return root
    place = _inside(root, inner)
    if not place.is_file():
        raise _unknown(root, inner)
    return place


async def blocks(path: Path, offset: int = 0) -> AsyncIterator[bytes]:
    """The bytes of a file from `offset` on, read in a thread."""
    with path.open("rb") as stream:
        stream.seek(offset)
        while block := await asyncio.to_thread(stream.read, _BLOCK):
            yield block


def _inside(root: Path, inner: str) -> Path:
    whole = root.resolve()
    try:
        place = (whole / inner).resolve()
    except (OSError, ValueError):  # ValueError: a NUL character
        raise _unknown(root, inner) from None
    if not place.is_relative_to(whole) or not place.exists():
        raise _unknown(root, inner)
    return place


def _unknown(root: Path, inner: str) -> NotFound:
    return NotFound(
        f"{root.name} holds no {inner!r}.", target="path", hint="Ask for its files first."
    )


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        return [one for one in found if one.is_file() or one.is_dir()]


def _entry(path: Path, root: Path) -> Entry:
    found = path.stat()
    is_folder = path.is_dir()
    return Entry(
        path=path.relative_to(root.resolve() if root.is_dir() else root).as_posix(),
        folder=is_folder,
        bytes=0 if is_folder else found.st_size,
        modified_at=iso(found.st_mtime),
    )
