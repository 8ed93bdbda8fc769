"""Run one program of a build in a process group of its own, line by line."""

from __future__ import annotations

import asyncio
import codecs
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

GRACE_SECONDS = 3.0
_BLOCK = 64 * 1024
LONGEST = 4000
"""Characters of a line that people read."""
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


async def run(
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    on_line: Callable[[str], None],
    longest: int = LONGEST,
) -> int:
    """The exit code. Cancelling this ends the program and everything that it started.

    Lines are cut after `longest` characters.
    """
    process = await asyncio.create_subprocess_exec(
        *arguments,
        env=dict(env),
        cwd=cwd,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=sys.platform != "win32",
    )
    assert process.stdout is not None
    try:
        await _lines(process.stdout, on_line, longest)
        return await process.wait()
    except asyncio.CancelledError:
        await _end(process)
        raise


async def _lines(
    stream: asyncio.StreamReader, on_line: Callable[[str], None], longest: int
) -> None:
    """Lines end with a newline, or with the return that a progress bar begins anew with."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    while block := await stream.read(_BLOCK):
        *lines, rest = re.split(r"\r\n|\n|\r", rest + decoder.decode(block))
        for line in lines:
            on_line(_shown(line, longest))
        if len(rest) > longest:
            on_line(_shown(rest, longest))
            rest = ""
    if rest:
        on_line(_shown(rest, longest))


def _shown(line: str, longest: int) -> str:
    return _ESCAPES.sub("", line).rstrip()[:longest]


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask the whole group to end, then make it."""
    _signal(process.pid, kill=False)
    try:
        await asyncio.wait_for(process.wait(), GRACE_SECONDS)
    except asyncio.TimeoutError:
        pass
    _signal(process.pid, kill=True)
    await process.wait()


def _signal(group: int, *, kill: bool) -> None:
    try:
        if sys.platform == "win32":
            os.kill(group, signal.SIGTERM)  # ends it at once; there are no groups
        else:
            os.killpg(group, signal.SIGKILL if kill else signal.SIGTERM)
    except (ProcessLookupError, PermissionError):
        return  # it is gone; macOS refuses a group of zombies
