"""Waiting for a condition, with a deadline: tests never sleep on luck."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.01


async def eventually(look: Callable[[], Awaitable[T]], *, seconds: float = 60.0) -> T:
    """Ask again until `look` returns something true; fail after `seconds` with its last answer."""
    deadline = time.monotonic() + seconds
    while True:
        found = await look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {seconds} s: {look} gave {found!r}")
        await asyncio.sleep(POLL_SECONDS)


def eventually_sync(look: Callable[[], T], *, seconds: float = 60.0) -> T:
    """`eventually` for tests without an event loop."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {seconds} s: {look} gave {found!r}")
        time.sleep(POLL_SECONDS)
    return found
