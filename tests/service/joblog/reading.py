"""Reading a log as its followers do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import psutil

from jupyter_aml.model.event import Event
from jupyter_aml.service.joblog.log import JobLog
from jupyter_aml.service.joblog.logs import JobLogs
from jupyter_aml.testing.clock import FakeClock
from tests.service.joblog.hands import HandWatcher


def restarted(folder: Path, clock: FakeClock) -> JobLog:
    """The log as the next service opens it after a kill -9 of this one."""
    return JobLogs(clock=clock, watcher=HandWatcher()).open("maple_river", folder)


async def lines(log: JobLog, after: int = 0) -> list[bytes]:
    """Everything there is now."""
    return b"".join([batch async for batch in log.follow(after, wait=False)]).splitlines()


async def events(log: JobLog, after: int = 0) -> list[Event]:
    return [msgspec.json.decode(line, type=Event) for line in await lines(log, after)]


def open_under(folder: Path) -> list[str]:
    """Files below `folder` that this process holds open."""
    return [file.path for file in psutil.Process().open_files() if str(folder) in file.path]


def shown(found: list[Event]) -> list[Any]:
    """Texts and kinds, as a reader sees them."""
    return [(event.kind, event.text or event.status or event.data) for event in found]


async def collect(follower: AsyncIterator[bytes], into: list[bytes]) -> None:
    async for batch in follower:
        into += [batch]
