"""A shelf that is only counted: its things are removed elsewhere, or never."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from jupyter_aml.model.storage import StoredKind
from jupyter_aml.service.retention.shelf import Alive, Item, allocated


class CountedShelf:
    """`find` names the files and folders; `why` says in words who removes them."""

    def __init__(self, kind: StoredKind, find: Callable[[], Iterable[Path]], why: str) -> None:
        self._kind: StoredKind = kind
        self._find = find
        self._why = why

    def list(self, alive: Alive) -> Iterator[Item]:  # noqa: ARG002 - as every shelf
        for path in self._find():
            yield Item(self._kind, path.name, allocated(path), held=self._why)

    async def remove(self, item: Item, alive: Alive) -> bool:  # noqa: ARG002 - as every shelf
        return False


def below(folder: Path) -> Callable[[], Iterable[Path]]:
    """Finds what lies directly in `folder`; nothing where that is not there."""
    return lambda: sorted(folder.iterdir()) if folder.is_dir() else []


def named(folder: Path, *patterns: str) -> Callable[[], Iterable[Path]]:
    """Finds what in `folder` is named like one of `patterns`."""
    return lambda: sorted({path for pattern in patterns for path in folder.glob(pattern)})


def not_named(folder: Path, *names: str) -> Callable[[], Iterable[Path]]:
    """Finds what in `folder` nobody else counts."""
    return lambda: sorted(
        path for path in folder.iterdir() if not any(path.match(name) for name in names)
    )
