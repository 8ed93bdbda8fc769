"""What a router tells: instances that come and go, requests that wait, counters every second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_aml.service.backends.local.endpoints.state import LiveDeployment, LiveEndpoint

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.endpoints.engine import Endpoints


class Heard:
    """Of one engine."""

    def __init__(self, engine: Endpoints) -> None:
        self._engine = engine

    def message(self, live: LiveEndpoint, message: dict[str, Any]) -> None:
        """Called by the control connection."""
        if self._engine.closing:
            return
        op = message.get("op")
        if op == "state":
            self._state(live, message)
        elif op == "wanted":
            self._wanted(live, message)
        elif op == "instance":
            self._instance(live, message)

    def _wanted(self, live: LiveEndpoint, message: dict[str, Any]) -> None:
        one = live.deployments.get(str(message["deployment"]))
        if one is None:
            return
        one.waiting = max(1, int(message.get("waiting", 1)))
        self._engine.asked_for(live, one)

    def _instance(self, live: LiveEndpoint, message: dict[str, Any]) -> None:
        one = live.deployments.get(str(message["deployment"]))
        instance = one.instances.get(str(message["instance"])) if one else None
        if one is None or instance is None:
            return
        state = message["state"]
        if state == "ready":
            self._engine.instances.ready(live, one, instance)
        elif state == "gone":
            self._engine.instances.end(instance)
        elif state == "stuck":
            self._engine.instances.kill(instance, str(message.get("message") or "it hung"))

    def _state(self, live: LiveEndpoint, message: dict[str, Any]) -> None:
        live.bounds = list(message.get("bounds_ms") or live.bounds)
        now = self._engine.world.clock.time()
        for name, counters in message.get("deployments", {}).items():
            one = live.deployments.get(name)
            if one is not None:
                if live.is_adopted:
                    one.counted.begin(now, counters)
                self._counted(live, one, now, counters)
        live.is_adopted = False
        self._engine.rollouts.look(live)

    def _counted(
        self, live: LiveEndpoint, one: LiveDeployment, now: float, counters: dict[str, Any]
    ) -> None:
        made = one.counted.take(now, counters)
        for name, told in counters.get("instances", {}).items():
            instance = one.instances.get(name)
            if instance is None:
                continue
            instance.requests = int(told.get("requests", 0))
            instance.in_flight = int(told.get("in_flight", 0))
            if told.get("state") == "ready":
                # After a restart of the service nobody says again that it came up.
                self._engine.instances.ready(live, one, instance)
        if one.answering():
            one.waiting = 0
        if made.requests or made.in_flight:
            one.used_at = self._engine.world.clock.monotonic()
        self._engine.loaded(live, one, made.load)
        if made.requests or made.errors or made.refused:
            self._engine.publish_deployment(one)
