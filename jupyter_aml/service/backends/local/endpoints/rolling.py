"""Rollouts: each step durable, then told to the router; back as soon as a rule is broken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from jupyter_aml.model.endpoint import Rollout, StartRollout, shares
from jupyter_aml.model.errors import Conflict
from jupyter_aml.service.backends.local.endpoints.state import LiveEndpoint
from jupyter_aml.service.endpoints import rollouts, rules
from jupyter_aml.service.endpoints.counters import Window, window

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.endpoints.engine import Endpoints

_LOOK_SECONDS = 0.5

_End = Literal["Succeeded", "RolledBack", "Canceled"]


class Rolling:
    """Of one engine."""

    def __init__(self, engine: Endpoints) -> None:
        self._engine = engine

    async def start(self, live: LiveEndpoint, body: StartRollout) -> None:
        record = live.record
        rules.check_rollout(
            body, live.deployments, live.name, record.traffic, record.mirror_traffic
        )
        running = live.record.rollout
        if running is not None and running.state == "Running":
            raise Conflict(
                f"A rollout of {running.deployment} is under way.",
                target=live.name,
                hint=f"Wait for it, or end it: `%aml online-endpoint rollout {live.name} --cancel`",
            )
        one = live.deployments[body.deployment]
        if not one.answering() and one.record.spec.scale_settings.min_instances:
            raise Conflict(
                f"{one.name} has no instance that answers: {one.record.reason or 'it starts'}.",
                target=body.deployment,
                hint=f"`%aml online-deployment show {one.name} --endpoint-name {live.name}`",
            )
        now = self._engine.now()
        rollout = Rollout(
            deployment=body.deployment,
            state="Running",
            step=rollouts.first_step(body.mirror),
            steps=list(body.steps),
            mirror=body.mirror,
            seconds_per_step=body.seconds_per_step,
            rule=body.rule,
            started_at=now,
            step_started_at=now,
            before=dict(live.record.traffic),
        )
        await self._step(live, rollout)
        if body.mirror and not one.answering():
            # A copy waits for nobody, so it wakes nobody either.
            one.waiting = 1
            self._engine.asked_for(live, one)

    async def cancel(self, live: LiveEndpoint) -> None:
        rollout = live.record.rollout
        if rollout is not None and rollout.state == "Running":
            await self._end(live, rollout, "Canceled", "it was canceled")

    def overtaken(self, live: LiveEndpoint) -> Rollout | None:
        """Somebody sets the traffic: a rollout ends as it is. What becomes of its record."""
        rollout = live.record.rollout
        if rollout is None or rollout.state != "Running":
            return rollout
        self._stop_looking(live)
        return msgspec.structs.replace(
            rollout, state="Canceled", reason="traffic was set by hand", ended_at=self._engine.now()
        )

    def take_up(self, live: LiveEndpoint) -> None:
        """After a restart: the present step begins anew."""
        rollout = live.record.rollout
        if rollout is not None and rollout.state == "Running":
            live.step_began = self._engine.world.clock.monotonic()
            self._look_again(live)

    def look(self, live: LiveEndpoint) -> None:
        """Decide about the present step; also called whenever counters come."""
        rollout = live.record.rollout
        if rollout is None or rollout.state != "Running" or live.is_rolling or live.is_deleting:
            return
        clock = self._engine.world.clock
        one = live.deployments.get(rollout.deployment)
        trouble = "the deployment was deleted" if one is None else ""
        if one is not None and one.record.state == "Failed":
            trouble = one.record.reason
        passed = clock.monotonic() - live.step_began
        since = clock.time() - min(rollout.rule.window, passed)
        seen = window(one.counted.since(since) if one else (), live.bounds)
        decision = rollouts.decide(rollout, passed, seen, _beside(live, rollout, since), trouble)
        if decision.what == "stay":
            self._look_again(live)
            return
        live.is_rolling = True
        self._engine.spawn(self._act(live, rollout, decision), f"rollout of {live.name}")

    async def _act(self, live: LiveEndpoint, rollout: Rollout, decision: rollouts.Decision) -> None:
        try:
            if decision.what == "back":
                await self._end(live, rollout, "RolledBack", decision.reason)
            elif decision.what == "done":
                await self._end(live, rollout, "Succeeded", "")
            else:
                step = rollout.step + 1
                moved = msgspec.structs.replace(
                    rollout, step=step, step_started_at=self._engine.now()
                )
                await self._step(live, moved)
        finally:
            live.is_rolling = False

    async def _step(self, live: LiveEndpoint, rollout: Rollout) -> None:
        """Durable, and the router goes by it when this returns."""
        mirror = _without(live.record.mirror_traffic, rollout.deployment)
        if rollout.step == rollouts.MIRROR_STEP:
            traffic, mirror = rollout.before, {rollout.deployment: rollout.mirror}
        else:
            traffic = shares(rollout.before, rollout.deployment, rollout.steps[rollout.step])
        live.step_began = self._engine.world.clock.monotonic()
        await self._engine.route(live, traffic=traffic, mirror_traffic=mirror, rollout=rollout)
        self._look_again(live)

    async def _end(self, live: LiveEndpoint, rollout: Rollout, state: _End, reason: str) -> None:
        self._stop_looking(live)
        traffic = live.record.traffic
        if state != "Succeeded":
            traffic = {n: p for n, p in rollout.before.items() if n in live.deployments}
        ended = msgspec.structs.replace(
            rollout, state=state, reason=reason, ended_at=self._engine.now()
        )
        mirror = _without(live.record.mirror_traffic, rollout.deployment)
        await self._engine.route(live, traffic=traffic, mirror_traffic=mirror, rollout=ended)

    def _look_again(self, live: LiveEndpoint) -> None:
        self._stop_looking(live)
        clock = self._engine.world.clock
        live.rollout_timer = clock.call_later(_LOOK_SECONDS, lambda: self.look(live))

    def _stop_looking(self, live: LiveEndpoint) -> None:
        if live.rollout_timer is not None:
            live.rollout_timer.cancel()
            live.rollout_timer = None


def copies(rollout: Rollout | None) -> str:
    """The deployment that a rollout under way copies requests to just now; "" for none."""
    is_copying = rollout is not None and rollout.state == "Running"
    if rollout is None or not is_copying or rollout.step != rollouts.MIRROR_STEP:
        return ""
    return rollout.deployment


def _beside(live: LiveEndpoint, rollout: Rollout, since: float) -> Window:
    """What the deployments did that had the traffic before."""
    others = (live.deployments.get(name) for name, percent in rollout.before.items() if percent)
    slices = [
        made
        for one in others
        if one is not None and one.name != rollout.deployment
        for made in one.counted.since(since)
    ]
    return window(slices, live.bounds)


def _without(mirror: Mapping[str, int], deployment: str) -> dict[str, int]:
    return {name: percent for name, percent in mirror.items() if name != deployment}
