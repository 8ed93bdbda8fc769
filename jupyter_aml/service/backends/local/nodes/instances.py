"""Compute instances: one machine each, started and stopped by hand or when idle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_aml.model.compute import ComputeInstance
from jupyter_aml.model.errors import ComputeNotRunning
from jupyter_aml.service.backends.local.kernels import activity
from jupyter_aml.service.backends.local.state import LiveCompute

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine


class Instances:
    """What a person can do to an instance, for the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def start(self, live: LiveCompute) -> None:
        if live.compute.state in ("Running", "Starting", "Creating", "Restarting"):
            return
        self._engine.change_compute(live, state="Starting", reason="", error="")
        self._engine.fleet.add(live, 1)

    def stop(self, live: LiveCompute, reason: str = "") -> None:
        """Its jobs are canceled, its process ends; it keeps its name and its quota."""
        if live.compute.state in ("Stopped", "Stopping"):
            return
        self._engine.change_compute(live, state="Stopping", reason=reason)
        self._engine.spawn(self.finish_stop(live), f"stop {live.name}")

    def restart(self, live: LiveCompute) -> None:
        if live.compute.state not in ("Running", "Unusable"):
            raise ComputeNotRunning(
                f"{live.name} is {live.compute.state}, so it cannot be restarted.",
                target=live.name,
                hint=f"Start it with `%aml compute start {live.name}`.",
            )
        self._engine.change_compute(live, state="Restarting", reason="")
        self._engine.spawn(self._restart(live), f"restart {live.name}")

    async def finish_stop(self, live: LiveCompute) -> None:
        """End what runs on a stopping instance; the next service goes on with this."""
        await self._engine.fleet.empty(live)
        if live.compute.state == "Stopping":  # else it is being deleted meanwhile
            self._engine.change_compute(live, state="Stopped")

    async def _restart(self, live: LiveCompute) -> None:
        await self._engine.fleet.empty(live)
        if live.compute.state == "Restarting" and not self._engine.closing:
            self._engine.fleet.add(live, 1)

    def seconds_to_shutdown(self, live: LiveCompute, now: float) -> float | None:
        """Until its idle shutdown; None while jobs run, it is down, or it never shuts down."""
        spec = live.compute.spec
        if not isinstance(spec, ComputeInstance) or live.compute.state != "Running":
            return None
        minutes = spec.idle_time_before_shutdown_minutes
        if minutes is None:
            return None
        quiet = activity.quiet_seconds(self._engine, live)
        if quiet == 0.0:
            return minutes * 60.0  # nobody says when the cell of a kernel ends: look again then
        if activity.is_busy(self._engine, live):
            return None
        return max(live.idle_since, now - quiet) + minutes * 60 - now

    def stop_if_idle(self, live: LiveCompute) -> None:
        left = self.seconds_to_shutdown(live, self._engine.clock.monotonic())
        if left is not None and left <= 0:
            spec = live.compute.spec
            assert isinstance(spec, ComputeInstance)
            minutes = spec.idle_time_before_shutdown_minutes
            self.stop(live, f"idle for {minutes} min")
