"""Looking after one instance: may it get requests, does it answer, what does it take.

The router asks an instance whether it lives between requests, and says when one hangs; what is
here asks as the deployment's probes say, and catches one over its memory.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_aml.service.backends.local.endpoints.state import (
    LiveDeployment,
    LiveEndpoint,
    LiveInstance,
)
from jupyter_aml.service.endpoints import probes
from jupyter_aml.service.endpoints.probes import Series

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.endpoints.engine import Endpoints

_MEASURE_SECONDS = 2.0
_SOONEST_SECONDS = 0.02
_GB = 1 << 30
_CONSOLE_BYTES = 16 << 20
"""How much of what an instance prints is kept, in two files."""


class Probing:
    """Of one engine."""

    def __init__(self, engine: Endpoints) -> None:
        self._engine = engine

    def begin(self, live: LiveEndpoint, one: LiveDeployment, instance: LiveInstance) -> None:
        spec = one.record.spec
        instance.liveness = probes.liveness(spec.liveness_probe, instance.began)
        instance.readiness = probes.readiness(spec.readiness_probe, instance.began)
        self._engine.spawn(self._look_after(live, one, instance), f"probe {instance.name}")

    async def _look_after(
        self, live: LiveEndpoint, one: LiveDeployment, instance: LiveInstance
    ) -> None:
        clock = self._engine.world.clock
        measured_at = clock.monotonic()
        while instance.is_watched and not self._engine.closing:
            now = clock.monotonic()
            due = min(series.due for series in _series(instance))
            await clock.sleep(max(_SOONEST_SECONDS, min(_MEASURE_SECONDS, due - now)))
            now = clock.monotonic()
            if not instance.is_watched:
                return
            if now - measured_at >= _MEASURE_SECONDS:
                self._measure(live, one, instance, now - measured_at)
                measured_at = now
                _keep_bounded(instance.at.console)
            if instance.is_staying and not instance.in_flight:
                # While it runs a request the router watches it.
                await self._ask(live, one, instance)

    def _measure(
        self, live: LiveEndpoint, one: LiveDeployment, instance: LiveInstance, seconds: float
    ) -> None:
        found = self._engine.world.launcher.measure(instance.process)
        grown = found.cpu_seconds - instance.measured.cpu_seconds
        before, instance.measured = instance.measured, found
        instance.cpu_percent = max(0.0, grown) / seconds * 100
        limit = instance.record.memory_bytes
        if limit and found.memory_bytes > limit and instance.is_staying:
            self._engine.instances.kill(
                instance,
                f"OutOfMemory: it used {found.memory_bytes / _GB:.2f} GB, its size has "
                f"{limit / _GB:.2f} GB",
            )
            self._engine.routers.tell_soon(live)
        if abs(found.memory_bytes - before.memory_bytes) > found.memory_bytes / 20 or grown > 0.02:
            self._engine.publish_deployment(one)

    async def _ask(self, live: LiveEndpoint, one: LiveDeployment, instance: LiveInstance) -> None:
        """Its probes that are due. Two that may take as long are answered by one request."""
        world = self._engine.world
        now = world.clock.monotonic()
        said: dict[float, bool] = {}
        for series in _series(instance):
            if series.due > now or not instance.is_staying:
                continue
            seconds = series.probe.timeout
            if seconds not in said:
                said[seconds] = await world.answers(str(instance.at.socket), seconds)
            turned = series.take(world.clock.monotonic(), answered=said[seconds])
            if series is instance.liveness:
                if turned and instance.is_staying:
                    count = series.failures
                    self._engine.instances.kill(instance, f"it did not answer {count} probes")
            else:
                self._judge(live, one, instance, series)

    def _judge(
        self, live: LiveEndpoint, one: LiveDeployment, instance: LiveInstance, series: Series
    ) -> None:
        """What its readiness probe says of it now. One that is ready may be so by other means: it
        answered for the first time, or ran before this service did."""
        instances = self._engine.instances
        has_failed = series.failures >= series.probe.failure_threshold
        if has_failed and instance.state == "Starting":
            passed = self._engine.world.clock.monotonic() - instance.began
            instances.kill(instance, f"it was not ready after {passed:.0f} s")
        elif series.is_good and instance.is_held:
            instances.release(live, one, instance)
        elif has_failed and instance.state == "Ready":
            instances.hold(live, one, instance, f"it failed {series.failures} readiness probes")


def _series(instance: LiveInstance) -> list[Series]:
    """Readiness first: what never came up is said to be that."""
    return [one for one in (instance.readiness, instance.liveness) if one is not None]


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
