"""Ask an instance whether it is there, as Azure's probes do."""

from __future__ import annotations

import asyncio
import contextlib


async def answers(socket: str, seconds: float) -> bool:
    """Whether ``GET /`` is answered with 200 in that time."""
    with contextlib.suppress(OSError, asyncio.TimeoutError):
        return await asyncio.wait_for(_get(socket), seconds)
    return False


async def _get(socket: str) -> bool:
    reader, writer = await asyncio.open_unix_connection(socket)
    try:
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        line = await reader.readline()
        return b" 200" in line
    finally:
        writer.close()
