"""Looking after one instance: does it come up in time, does it answer, what does it take.

The router asks an instance whether it lives between requests, and says when one hangs; what is
here catches a process that answers nobody, and one over its memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_aml.model.endpoint import Probe
from jupyter_aml.service.backends.local.endpoints.state import (
    LiveDeployment,
    LiveEndpoint,
    LiveInstance,
)

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.endpoints.engine import Endpoints

_MEASURE_SECONDS = 2.0
_GB = 1 << 30
_CONSOLE_BYTES = 16 << 20
"""How much of what an instance prints is kept, in two files."""


class Probing:
    """Of one engine."""

    def __init__(self, engine: Endpoints) -> None:
        self._engine = engine

    def begin(self, live: LiveEndpoint, one: LiveDeployment, instance: LiveInstance) -> None:
        self._engine.spawn(self._look_after(live, one, instance), f"probe {instance.name}")

    async def _look_after(
        self, live: LiveEndpoint, one: LiveDeployment, instance: LiveInstance
    ) -> None:
        clock = self._engine.world.clock
        probe = one.record.spec.liveness_probe
        due = instance.began + _deadline(one.record.spec.readiness_probe)
        next_probe = clock.monotonic() + probe.initial_delay + probe.period
        while instance.is_watched and not self._engine.closing:
            await clock.sleep(min(_MEASURE_SECONDS, probe.period))
            now = clock.monotonic()
            if not instance.is_watched:
                return
            self._measure(live, one, instance)
            _keep_bounded(instance.at.console)
            if instance.state == "Starting" and now > due:
                passed = now - instance.began
                self._engine.instances.kill(instance, f"it was not ready after {passed:.0f} s")
            if instance.state == "Ready" and now >= next_probe:
                next_probe = now + probe.period
                await self._probe(instance, probe)

    def _measure(self, live: LiveEndpoint, one: LiveDeployment, instance: LiveInstance) -> None:
        found = self._engine.world.launcher.measure(instance.process)
        grown = found.cpu_seconds - instance.measured.cpu_seconds
        before, instance.measured = instance.measured, found
        instance.cpu_percent = max(0.0, grown) / _MEASURE_SECONDS * 100
        limit = instance.record.memory_bytes
        if limit and found.memory_bytes > limit and instance.state in ("Starting", "Ready"):
            self._engine.instances.kill(
                instance,
                f"OutOfMemory: it used {found.memory_bytes / _GB:.2f} GB, its size has "
                f"{limit / _GB:.2f} GB",
            )
            self._engine.routers.tell_soon(live)
        if abs(found.memory_bytes - before.memory_bytes) > found.memory_bytes / 20 or grown > 0.02:
            self._engine.publish_deployment(one)

    async def _probe(self, instance: LiveInstance, probe: Probe) -> None:
        """``GET /`` as Azure's probes do; not while it runs a request, which the router watches."""
        if instance.in_flight:
            return
        if await _answers(str(instance.at.socket), probe.timeout):
            instance.probe_failures = 0
            return
        instance.probe_failures += 1
        if instance.probe_failures >= probe.failure_threshold and instance.state == "Ready":
            failures = instance.probe_failures
            self._engine.instances.kill(instance, f"it did not answer {failures} probes")


def _keep_bounded(console: Path) -> None:
    """Half of the console becomes ``.1`` when it is full; the process goes on appending.

    What it prints between the copy and the cut, a few milliseconds, may be lost.
    """
    try:
        if console.stat().st_size < _CONSOLE_BYTES // 2:
            return
        shutil.copyfile(console, console.with_name(f"{console.name}.1"))
        os.truncate(console, 0)
    except OSError:
        return  # gone by now, or a full disk: the next look tries again


def _deadline(probe: Probe) -> float:
    """Seconds until it has to be ready: as long as Azure would go on asking."""
    return probe.initial_delay + probe.period * probe.failure_threshold


async def _answers(socket: str, seconds: float) -> bool:
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
