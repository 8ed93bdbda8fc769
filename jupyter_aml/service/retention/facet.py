"""``storage.*`` and ``service.prune``: measure the shelves, decide, remove."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

from jupyter_aml.model.storage import (
    Kept,
    Pruned,
    PruneReport,
    PruneStorage,
    StorageUsage,
    Stored,
    StoredKind,
)
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.retention.plan import Chosen, Plan, plan
from jupyter_aml.service.retention.shelf import Alive, Item, Shelf

log = logging.getLogger(__name__)

_KINDS: tuple[StoredKind, ...] = (
    "jobs",
    "outputs",
    "logs",
    "environments",
    "snapshots",
    "data",
    "pool",
    "database",
    "other",
)

FindAlive = Callable[[], Alive]
Settled = Callable[[], Awaitable[None]]


class StorageFacet:
    """`find_alive` is asked on the event loop, and again before each removal.

    `settled` returns once the store knows of everything that people were told.
    """

    def __init__(
        self,
        home: Path,
        shelves: Sequence[Shelf],
        clock: Clock,
        find_alive: FindAlive,
        settled: Settled,
    ) -> None:
        self._home = home
        self._shelves = shelves
        self._clock = clock
        self._find_alive = find_alive
        self._settled = settled
        self._pruning = asyncio.Lock()

    async def usage(self) -> StorageUsage:
        measured = await self._measure()
        kinds = _by_kind(item for _, item in measured)
        return StorageUsage(
            home=str(self._home),
            kinds=kinds,
            total_bytes=sum(one.bytes for one in kinds),
            free_bytes=shutil.disk_usage(self._home).free,
            measured_at=iso(self._clock.time()),
        )

    async def prune(self, body: PruneStorage) -> PruneReport:
        """One at a time: a second one waits and then sees what the first has left."""
        async with self._pruning:
            measured = await self._measure()
            shelves = {id(item): shelf for shelf, item in measured}
            chosen = plan(
                (item for _, item in measured),
                self._clock.time(),
                body.older_than_days,
                body.max_bytes,
            )
            removed = list(chosen.remove)
            if not body.dry_run:
                removed = [one for one in removed if await self._remove(shelves, one)]
            return self._report(body, chosen, removed)

    async def _remove(self, shelves: dict[int, Shelf], one: Chosen) -> bool:
        item = one.item
        try:
            gone = await shelves[id(item)].remove(item, self._find_alive())
        except OSError as error:
            log.warning("%s %s is not removed: %s", item.kind, item.name, error)
            return False
        if gone:
            log.info("removed %s %s: %s", item.kind, item.name, one.reason)
        return gone

    async def _measure(self) -> list[tuple[Shelf, Item]]:
        await self._settled()
        alive = self._find_alive()
        return await asyncio.to_thread(
            lambda: [(shelf, item) for shelf in self._shelves for item in shelf.list(alive)]
        )

    def _report(self, body: PruneStorage, chosen: Plan, removed: Sequence[Chosen]) -> PruneReport:
        stayed = sum(one.item.bytes for one in chosen.remove) - sum(o.item.bytes for o in removed)
        return PruneReport(
            dry_run=body.dry_run,
            removed=[_pruned(one) for one in removed],
            kept=[
                Kept(
                    kind=one.item.kind,
                    name=one.item.name,
                    bytes=one.item.bytes,
                    reason=one.reason,
                )
                for one in chosen.keep
            ],
            removed_bytes=sum(one.item.bytes for one in removed),
            left_bytes=chosen.left_bytes + stayed,
            free_bytes=shutil.disk_usage(self._home).free,
        )


def _pruned(one: Chosen) -> Pruned:
    item = one.item
    return Pruned(
        kind=item.kind,
        name=item.name,
        bytes=item.bytes,
        used_at="" if item.used_at is None else iso(item.used_at),
        reason=one.reason,
    )


def _by_kind(items: Iterable[Item]) -> list[Stored]:
    """Bytes count where they lie; a thing counts once, under its own kind."""
    sizes = dict.fromkeys(_KINDS, 0)
    counts = dict.fromkeys(_KINDS, 0)
    for item in items:
        counts[item.kind] += 1
        for kind, size in (item.parts or {item.kind: item.bytes}).items():
            sizes[kind] += size
    return [Stored(kind=kind, bytes=sizes[kind], items=counts[kind]) for kind in _KINDS]
