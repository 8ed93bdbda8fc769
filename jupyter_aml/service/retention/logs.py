"""The shelf of logs that belong to no job: those of nodes, and the service's own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from jupyter_aml.service.retention.shelf import Alive, Item, allocated

_OWN = ("service.log", "service.err")


class LogShelf:
    def __init__(self, home: Path) -> None:
        self._home = home

    def list(self, alive: Alive) -> Iterator[Item]:
        for path in sorted((self._home / "nodes").glob("*.log")):
            held = "it may be written to" if path.stem in alive.nodes or _shared(path) else ""
            with contextlib.suppress(FileNotFoundError):
                changed = path.stat().st_mtime
                yield Item("logs", path.name, allocated(path), changed, held)
        for path in sorted(p for name in _OWN for p in self._home.glob(f"{name}*")):
            yield Item("logs", path.name, allocated(path), held="the service writes to it")

    async def remove(self, item: Item, alive: Alive) -> bool:
        if item.name.removesuffix(".log") in alive.nodes:
            return False
        (self._home / "nodes" / item.name).unlink(missing_ok=True)
        return True


def _shared(path: Path) -> bool:
    """The nursery's, which all nodes of a home are forked from."""
    return path.stem.startswith("nursery")
