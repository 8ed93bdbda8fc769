"""The container ``azureml``: what jobs left, under the names that Azure gives it.

``ExperimentRun/dcid.JOB/user_logs/std_log.txt`` is what the job printed, in order; of a job over
several processes each has ``std_log_process_N.txt``. ``outputs/`` and ``logs/`` are those folders
of its working folder. Nothing is copied; the text of a log is made anew for each request, since
the job may still print.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec

from jupyter_aml.model.api import FollowJob
from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.event import STREAM_KINDS, Event
from jupyter_aml.model.names import ASSET
from jupyter_aml.service.arm.blob import folders
from jupyter_aml.service.arm.blob.folders import Found
from jupyter_aml.service.arm.blob.refusal import read_only
from jupyter_aml.service.arm.context import Context

ROOT = "ExperimentRun/dcid."
LOGS = "user_logs/"
FOLDERS = ("outputs", "logs")
_LOG = re.compile(r"user_logs/std_log(?:_process_(?P<rank>[0-9]{1,6}))?\.txt")

_decode = msgspec.json.Decoder(Event).decode


class Artifacts:
    """See `containers.Container`."""

    state = None

    def __init__(self, context: Context, name: str) -> None:
        self.name = name
        self._context = context
        self._jobs = context.home / "jobs"

    async def find(self, name: str) -> Found | None:
        job, _, inner = name.removeprefix(ROOT).partition("/")
        if not name.startswith(ROOT) or not self._is_job(job):
            return None
        if log := _LOG.fullmatch(inner):
            logs = await self._logs(job)
            rank = int(log["rank"]) if log["rank"] else None
            return logs.get(rank)
        if inner.partition("/")[0] not in FOLDERS:
            return None
        found = await asyncio.to_thread(folders.file, self._jobs / job / "work", inner)
        return replace(found, name=name) if found else None

    async def list(self, prefix: str) -> list[Found]:
        found: list[Found] = []
        for job in self._named(prefix):
            if _may_be(f"{ROOT}{job}/{LOGS}", prefix):
                logs = await self._logs(job)
                found += [log for log in logs.values() if log.name.startswith(prefix)]
            found += await asyncio.to_thread(self._left, job, prefix)
        return sorted(found, key=lambda one: one.name)

    def _named(self, prefix: str) -> list[str]:
        """The job that a prefix is about. One that is written out is not also the beginning of
        others: who downloads ``job1`` gets nothing of ``job10``."""
        job = prefix.removeprefix(ROOT).partition("/")[0] if prefix.startswith(ROOT) else ""
        if self._is_job(job):
            return [job]
        if prefix.removeprefix(ROOT).count("/") and prefix.startswith(ROOT):
            return []
        found = sorted(one.name for one in self._jobs.iterdir()) if self._jobs.is_dir() else []
        return [one for one in found if f"{ROOT}{one}".startswith(prefix)]

    def _left(self, job: str, prefix: str) -> list[Found]:
        """What lies in those folders of its working folder that Azure keeps."""
        found: list[Found] = []
        for folder in FOLDERS:
            root = self._jobs / job / "work" / folder
            found += folders.files(root, prefix, as_prefix=f"{ROOT}{job}/{folder}/")
        return found

    def _is_job(self, name: str) -> bool:
        return bool(re.fullmatch(ASSET, name)) and (self._jobs / name).is_dir()

    async def _logs(self, job: str) -> dict[int | None, Found]:
        """By rank; the key None is the only log of a job of one process."""
        sizes: dict[int, int] = {}
        try:
            async for rank, text in self._printed(job):
                sizes[rank] = sizes.get(rank, 0) + len(text)
        except NotFound:
            return {}
        if set(sizes) <= {0}:
            return {None: self._log(job, 0, "std_log.txt", sizes.get(0, 0))}
        return {
            rank: self._log(job, rank, f"std_log_process_{rank}.txt", size)
            for rank, size in sizes.items()
        }

    def _log(self, job: str, rank: int, name: str, size: int) -> Found:
        async def parts() -> AsyncIterator[bytes]:
            async for one, text in self._printed(job):
                if one == rank:
                    yield text

        now = self._context.clock.time()
        return Found(f"{ROOT}{job}/{LOGS}{name}", Path(name), size, now, f"{size:x}", parts)

    async def _printed(self, job: str) -> AsyncIterator[tuple[int, bytes]]:
        """What it printed so far, in order: rank and text. Raises `NotFound`."""
        async for block in await self._context.jobs.events(job, query=FollowJob(wait=False)):
            for rank, text in await asyncio.to_thread(_texts, block):
                yield rank, text

    async def keep(self, name: str, staged: Path, digest: str) -> None:
        del name, staged, digest
        raise read_only(self.name)

    async def remove(self, name: str) -> None:
        del name
        raise read_only(self.name)


def _texts(block: bytes) -> list[tuple[int, bytes]]:
    """What these events printed. Blocks for a moment."""
    events = map(_decode, block.splitlines())
    printed = (event for event in events if event.kind in STREAM_KINDS)
    return [(event.node, event.text.encode("utf-8", "replace")) for event in printed]


def _may_be(name: str, prefix: str) -> bool:
    return name.startswith(prefix) or prefix.startswith(name)
