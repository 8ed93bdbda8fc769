"""The log of one content's newest build: lines on disk, read by any number of followers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec

from jupyter_aml.model.environment import BuildLine
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.environments.requirements import redacted

LIMIT_BYTES = 4 * 1024 * 1024
HEARTBEAT_SECONDS = 15.0
TAIL = 400
"""Lines that the explanation of a failure looks at."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(BuildLine).decode


class BuildLog:
    """Written while a build runs. A line is on disk before a follower is told of it."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.tail: deque[str] = deque(maxlen=TAIL)
        self._path = path
        self._clock = clock
        self._seq = 0
        self._bytes = 0
        self._news = asyncio.Event()
        self._ended = False
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = path.open("wb", buffering=0)

    def write(self, text: str, *, always: bool = False) -> None:
        """Over `LIMIT_BYTES` lines are left out, but for those that must `always` be there."""
        text = redacted(text)
        self.tail.append(text)
        if not text.strip() or (self._bytes > LIMIT_BYTES and not always):
            return
        self._seq += 1
        line = BuildLine(seq=self._seq, time=iso(self._clock.time()), text=text)
        self._bytes += self._file.write(_encode(line) + b"\n")
        if self._bytes > LIMIT_BYTES and not always:
            self.write("The log is full: further lines are left out.", always=True)
        self._wake()

    def close(self) -> None:
        self._ended = True
        self._file.close()
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def follow(self, after: int) -> AsyncGenerator[bytes]:
        """Lines with a larger number than `after`, until the build has ended."""
        place = 0
        while True:
            news, ended = self._news, self._ended
            lines, place = _read(self._path, place, after)
            if lines:
                yield lines
            elif ended:
                return
            else:
                timer = self._clock.call_later(HEARTBEAT_SECONDS, news.set)
                await news.wait()
                timer.cancel()
                if news is self._news:
                    self._news = asyncio.Event()
                    yield b"{}\n"


async def present(path: Path, after: int) -> AsyncGenerator[bytes]:
    """What there is; nothing for a content that was never built."""
    lines, _ = await asyncio.to_thread(_read, path, 0, after)
    if lines:
        yield lines


def _read(path: Path, place: int, after: int) -> tuple[bytes, int]:
    """Whole lines from `place` on with a larger number than `after`, and where they end."""
    try:
        with path.open("rb") as stream:
            stream.seek(place)
            block = stream.read()
    except FileNotFoundError:
        return b"", place
    whole = block[: block.rfind(b"\n") + 1]
    lines = whole
    if after:
        lines = b"".join(line for line in whole.splitlines(keepends=True) if _number(line) > after)
    return lines, place + len(whole)


def _number(line: bytes) -> int:
    try:
        return _decode(line).seq
    except msgspec.DecodeError:
        return 0  # cut off when the service was killed
