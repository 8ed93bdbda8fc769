"""The shelf of jobs: each with its folder, its outputs and logs, and its row in the store.

A removal is a rename, then the row, then the files: killed in between, the renamed folder is
what the next prune finds and finishes.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from jupyter_aml.model.job import JobSummary
from jupyter_aml.model.storage import StoredKind
from jupyter_aml.service.retention.removal import REMOVED, bury, changed, folders, is_new
from jupyter_aml.service.retention.shelf import Alive, Item, files
from jupyter_aml.service.store import retained as rows
from jupyter_aml.service.store.db import Store

PIN = "pinned"
"""The tag that keeps a job: ``--tags pinned=true``."""

_NO = frozenset({"", "0", "false", "no"})

Publish = Callable[[str, str, None], None]


class JobShelf:
    """`publish` tells open tabs that a job is gone.

    A sweep or a pipeline is one thing with its parts.
    """

    def __init__(self, folder: Path, store: Store, publish: Publish) -> None:
        self._folder = folder
        self._store = store
        self._publish = publish

    # -- looking ------------------------------------------------------------------------------

    def list(self, alive: Alive) -> Iterator[Item]:
        with contextlib.closing(self._store.another_reader()) as reader:
            ended = {job.name: job for job in rows.ended_jobs(reader)}
            live = rows.live_names(reader)
            whole = _wholes(rows.parents(reader), {*ended, *live})
        found: dict[str, Item] = {}
        for path in folders(self._folder):
            name = path.name
            if name.startswith(REMOVED):
                yield _measured(path, Item("jobs", name, 0, leftover=True))
            elif name in live:
                found[name] = _measured(path, Item("jobs", name, 0, held="it has not ended"))
            elif name in ended:
                found[name] = _measured(path, _ended(ended[name], alive))
            else:
                yield _measured(path, _stray(path, alive.now))
        for name in ended.keys() - found.keys():
            found[name] = _ended(ended[name], alive)
        for name in whole.keys() & found.keys():
            if whole[name] in found:
                found[whole[name]] = _with_part(found[whole[name]], found.pop(name))
        yield from found.values()

    # -- removing -----------------------------------------------------------------------------

    async def remove(self, item: Item, alive: Alive) -> bool:
        name = item.name.removeprefix(REMOVED)
        path = self._folder / name
        grave = self._folder / (REMOVED + name)
        if not item.name.startswith(REMOVED):
            if not await self._may_go(name, alive):
                return False
            for part in rows.parts_of(self._store.reader, name):
                if not await self.remove(Item("jobs", part, 0), alive):
                    return False
            bury(path)
        if not path.exists():  # else a new job has taken the name: its row is its own
            await self._store.write(lambda conn: rows.forget_job(conn, name), durable=True)
            self._publish("job", name, None)
        await asyncio.to_thread(shutil.rmtree, grave, ignore_errors=True)
        return True

    async def _may_go(self, name: str, alive: Alive) -> bool:
        """Look again: the list may be minutes old."""
        await self._store.flush()
        summary = rows.ended_summary(self._store.reader, name)
        if summary is None:
            return name not in rows.live_names(self._store.reader)
        return not _held(summary, alive)


def _wholes(parents: Mapping[str, str], known: Set[str]) -> dict[str, str]:
    """Each part to the outermost job that it is a part of: they are kept or removed together."""
    wholes: dict[str, str] = {}
    for name in parents:
        whole = name
        while parents.get(whole, "") in known:
            whole = parents[whole]
        if whole != name:
            wholes[name] = whole
    return wholes


def _with_part(whole: Item, part: Item) -> Item:
    sizes = dict(whole.parts)
    for kind, size in part.parts.items():
        sizes[kind] = sizes.get(kind, 0) + size
    held = whole.held or part.held
    return replace(whole, bytes=whole.bytes + part.bytes, held=held, parts=sizes)


def _ended(job: JobSummary, alive: Alive) -> Item:
    return Item(
        "jobs",
        job.name,
        0,
        used_at=_moment(job.ended_at or job.created_at),
        held=_held(job, alive),
        archived=job.archived,
    )


def _stray(path: Path, now: float) -> Item:
    """A folder that the store does not know: an older database was lost, or it is new."""
    if is_new(path, now):
        return Item("jobs", path.name, 0, held="it is new")
    return Item("jobs", path.name, 0, used_at=changed(path, now), leftover=True)


def _held(job: JobSummary, alive: Alive) -> str:
    if job.session and job.session in alive.sessions:
        return f"session {job.session} is still there"
    if job.tags.get(PIN, "").lower() not in _NO:
        return "it is pinned"
    return ""


def _measured(path: Path, item: Item) -> Item:
    parts: dict[StoredKind, int] = {}
    for name, size in files(path):
        kind = _kind(name)
        parts[kind] = parts.get(kind, 0) + size
    return Item(
        item.kind,
        item.name,
        sum(parts.values()),
        item.used_at,
        item.held,
        item.archived,
        item.leftover,
        parts,
    )


def _kind(name: str) -> StoredKind:
    first, _, rest = name.partition("/")
    if first == "outputs":
        return "outputs"
    if first == "events.log" or (
        first.isdigit() and rest.startswith(("stdout.", "stderr.", "frames."))
    ):
        return "logs"
    return "jobs"


def _moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
