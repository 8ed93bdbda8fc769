"""The fake world of endpoints itself."""

from __future__ import annotations

import asyncio
import threading

from tests.service.local.endpoint_world import EndpointWorld


async def test_its_time_stands_still_while_a_thread_is_at_work(world: EndpointWorld) -> None:
    gate = threading.Event()
    working = asyncio.ensure_future(asyncio.to_thread(gate.wait, 60))
    await asyncio.sleep(0)
    before = world.clock.monotonic()
    waiting = asyncio.ensure_future(world.until(working.done))
    await asyncio.wait([waiting], timeout=0.3)
    assert world.clock.monotonic() == before
    gate.set()
    await waiting
