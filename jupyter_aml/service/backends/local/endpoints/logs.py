"""Reading the logs of a deployment: what its instances printed, and the requests it got.

Both are files that the processes write themselves; nobody here can slow them down.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from jupyter_aml.model.api import ReadLog
from jupyter_aml.model.endpoint import DeploymentLogLine
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.service.backends.local.endpoints.state import LiveDeployment, LiveEndpoint
from jupyter_aml.service.clock import Clock

LOOK_SECONDS = 0.2
HEARTBEAT_SECONDS = 15.0
TAIL_BYTES = 4 << 20
"""How much of the end of a file is looked through for its last lines."""
_PIECE = 1 << 18

_encode = msgspec.json.Encoder().encode


@dataclass
class Reader:
    """One file, line by line from an offset on; a file that became shorter begins anew."""

    path: Path
    instance: str
    offset: int = 0
    rest: bytes = field(default=b"")

    def lines(self) -> Iterator[bytes]:
        """Whole lines that were written since the last call."""
        try:
            size = self.path.stat().st_size
            if size < self.offset:
                self.offset, self.rest = 0, b""
            if size == self.offset:
                return
            with self.path.open("rb") as stream:
                stream.seek(self.offset)
                piece = stream.read(_PIECE)
        except OSError:
            return  # not there yet, or gone again
        self.offset += len(piece)
        *whole, self.rest = (self.rest + piece).split(b"\n")
        yield from whole


def tail(path: Path, count: int) -> tuple[list[bytes], int]:
    """The last whole lines of a file, and the offset behind them."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            start = max(0, size - TAIL_BYTES)
            stream.seek(start)
            content = stream.read(size - start)
    except OSError:
        return [], 0
    whole, newline, _ = content.rpartition(b"\n")
    if not newline:
        return [], start
    lines = whole.lstrip(b"\0").split(b"\n")
    return lines[-count:] if count else [], start + len(whole) + 1


def check(one: LiveDeployment, folder: Path, query: ReadLog) -> None:
    """Raise `Invalid` or `NotFound` for a log that there is not."""
    if query.kind not in ("console", "requests"):
        raise Invalid(
            f"There is no log {query.kind!r}.", target="kind", hint="There are: console, requests."
        )
    known = {*one.instances, *(path.name for path in _folders(folder))}
    if query.instance and query.instance not in known:
        raise NotFound(
            f"{one.name} has no instance {query.instance!r}.",
            target="instance",
            hint=f"It has: {', '.join(sorted(known)) or 'none yet'}.",
        )


async def read(
    live: LiveEndpoint, one: LiveDeployment, query: ReadLog, clock: Clock
) -> AsyncIterator[bytes]:
    """NDJSON lines of `DeploymentLogLine`; with ``follow`` until the caller goes away."""
    if query.kind == "requests":
        log = _Requests(live, one, query)
    else:
        log = _Consoles(live, one, query)
    first = await asyncio.to_thread(log.first)
    if first:
        yield b"".join(first)
    silent_since = clock.monotonic()
    while query.follow and live.deployments.get(one.name) is one:
        await clock.sleep(LOOK_SECONDS)
        found = await asyncio.to_thread(log.more)
        if found:
            yield b"".join(found)
            silent_since = clock.monotonic()
        elif clock.monotonic() - silent_since >= HEARTBEAT_SECONDS:
            yield b"{}\n"
            silent_since = clock.monotonic()


class _Consoles:
    """Of every instance there is or was, or of one."""

    def __init__(self, live: LiveEndpoint, one: LiveDeployment, query: ReadLog) -> None:
        self._folder = live.layout.deployment(one.name) / "instances"
        self._query = query
        self._readers: dict[str, Reader] = {}

    def first(self) -> list[bytes]:
        """The oldest instance first: what is newest stands at the end."""
        found: list[bytes] = []
        for folder in self._wanted():
            path = folder / "console.log"
            lines, offset = tail(path, self._query.tail)
            self._readers[folder.name] = Reader(path, folder.name, offset)
            found += [_line(folder.name, line) for line in lines]
        return found[-self._query.tail :] if self._query.tail else []

    def more(self) -> list[bytes]:
        for folder in self._wanted():
            if folder.name not in self._readers:
                self._readers[folder.name] = Reader(folder / "console.log", folder.name)
        return [
            _line(reader.instance, line)
            for reader in self._readers.values()
            for line in reader.lines()
        ]

    def _wanted(self) -> list[Path]:
        wanted = self._query.instance
        return [path for path in _folders(self._folder) if wanted in ("", path.name)]


class _Requests:
    """The router's own log, of which this deployment's lines are taken."""

    def __init__(self, live: LiveEndpoint, one: LiveDeployment, query: ReadLog) -> None:
        self._path = live.layout.requests
        self._deployment = one.name
        self._query = query
        self._reader = Reader(self._path, "")

    def first(self) -> list[bytes]:
        before, _ = tail(self._path.with_name(f"{self._path.name}.1"), 1_000_000)
        lines, offset = tail(self._path, 1_000_000)
        self._reader.offset = offset
        found = self._of_mine([*before, *lines])
        return found[-self._query.tail :] if self._query.tail else []

    def more(self) -> list[bytes]:
        return self._of_mine(list(self._reader.lines()))

    def _of_mine(self, lines: list[bytes]) -> list[bytes]:
        return [made for line in lines if (made := self._made(line))]

    def _made(self, line: bytes) -> bytes:
        try:
            told = msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.MsgspecError:
            return b""  # cut off where the file was turned over
        instance = str(told.get("instance") or "")
        if told.get("deployment") != self._deployment or self._query.instance not in ("", instance):
            return b""
        text = line.decode("utf-8", "replace")
        made = DeploymentLogLine(instance=instance, text=text, time=str(told.get("time", "")))
        return _encode(made) + b"\n"


def _line(instance: str, line: bytes) -> bytes:
    text = line.decode("utf-8", "replace").rstrip("\r")
    return _encode(DeploymentLogLine(instance=instance, text=text)) + b"\n"


def _folders(folder: Path) -> list[Path]:
    """Of instances, the oldest first."""
    try:
        found = [path for path in folder.iterdir() if path.is_dir()]
        return sorted(found, key=lambda path: path.stat().st_mtime)
    except OSError:
        return []
