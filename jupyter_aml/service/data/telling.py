"""Copies that take a while, as lines of progress: the streams of `data` and `datastores`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import msgspec

from jupyter_aml.model.data import UploadLine
from jupyter_aml.model.errors import AmlError
from jupyter_aml.service.content import Progress

_TELL_SECONDS = 0.1
"""How often it is said how far the copy is."""

_encode = msgspec.json.Encoder().encode

Work = Callable[[Progress], Coroutine[Any, Any, UploadLine]]
"""Given whom to tell; returns the last line."""


class _Left(Exception):
    """Ends the thread that copies, at its next block."""


async def told(work: Work) -> AsyncIterator[bytes]:
    """Lines of the progress of `work`, then what was made of it, or why nothing was.

    When the reader leaves, `work` is cancelled, and its thread ends at the next word of progress.
    """
    line = UploadLine()
    has_left = False

    def progress(done: int, total: int) -> None:
        nonlocal line
        if has_left:
            raise _Left
        line = UploadLine(bytes=done, total_bytes=total)

    working = asyncio.ensure_future(work(progress))
    said = line
    try:
        while not (await asyncio.wait([working], timeout=_TELL_SECONDS))[0]:
            if line != said:
                said = line
                yield _line(said)
        yield _line(working.result())
    except AmlError as error:
        yield _line(msgspec.structs.replace(line, error=error.body()))
    finally:
        has_left = True
        working.cancel()


def _line(line: UploadLine) -> bytes:
    return _encode(line) + b"\n"
