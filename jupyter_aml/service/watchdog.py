"""Notices when something held up the event loop, since then every follower waited."""

from __future__ import annotations

import logging

from jupyter_aml.service.clock import Clock

log = logging.getLogger(__name__)

TICK_SECONDS = 0.1
LAG_SECONDS = 0.05


async def watch_lag(clock: Clock) -> None:
    """Log every lag over 50 ms, until cancelled."""
    while True:
        before = clock.monotonic()
        await clock.sleep(TICK_SECONDS)
        lag = clock.monotonic() - before - TICK_SECONDS
        if lag > LAG_SECONDS:
            log.warning("the event loop was held up for %.0f ms", lag * 1000)
