"""The vocabulary of retention: things on the disk, and the shelves they lie on.

A shelf is one kind of thing. Whoever adds a kind writes one small class with `list` and `remove`
and adds it to the shelves in `retention.facet`; the planner knows no kinds.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from jupyter_aml.model.storage import StoredKind

_BLOCK = 512
"""The unit of ``st_blocks``, whatever the filesystem's own is."""


@dataclass(frozen=True)
class Item:
    """One thing that is kept or removed as a whole.

    ``held`` says in words why it has to stay ("it runs"); empty if it may go. A ``leftover``
    belongs to nothing any more and goes with every prune.
    """

    kind: StoredKind
    name: str
    bytes: int
    used_at: float | None = None
    """When it was last of use, in seconds since 1970; None if nobody knows."""
    held: str = ""
    archived: bool = False
    leftover: bool = False
    parts: Mapping[StoredKind, int] = field(default_factory=dict[StoredKind, int])
    """Where its bytes count, when that is not all under its own kind."""


@dataclass(frozen=True)
class Alive:
    """What must not be touched now: names of kept processes and of nodes. ``now`` is the time."""

    sessions: frozenset[str]
    nodes: frozenset[str]
    now: float


class Shelf(Protocol):
    """One kind of thing on the disk."""

    def list(self, alive: Alive) -> Iterable[Item]:
        """Everything on it, measured. Called in a thread: it may read a lot of folders."""
        ...

    async def remove(self, item: Item, alive: Alive) -> bool:
        """Remove it whole; False if it is held by now. Killed in the middle, what is left of it
        is a leftover of the next `list`."""
        ...


def allocated(path: Path) -> int:
    """Bytes that a file or a folder takes on the disk. What vanishes meanwhile counts nothing."""
    return sum(size for _, size in files(path))


def files(path: Path) -> Iterator[tuple[str, int]]:
    """Every file at or below `path`, relative to it with ``/``, and the bytes it takes."""
    try:
        found = path.lstat()
    except OSError:
        return
    if not stat.S_ISDIR(found.st_mode):
        yield "", _size(found)
        return
    yield from _below(path, "")


def _below(folder: Path, prefix: str) -> Iterator[tuple[str, int]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _below(Path(entry.path), f"{prefix}{entry.name}/")
            else:
                yield prefix + entry.name, _size(entry.stat(follow_symlinks=False))
        except OSError:
            continue


def _size(found: os.stat_result) -> int:
    """Allocated, since a punched-out log holds less than its length; Windows does not say."""
    blocks = getattr(found, "st_blocks", None)
    return found.st_size if blocks is None else blocks * _BLOCK
