"""The heart of the endpoints: what is alive, the loop that plans and acts, the states.

`wake` is called whenever something about a deployment changed. Every state is stored before it is
told; each part (`routers`, `instances`, `preparing`, `rolling` ...) does one thing of it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import msgspec

from jupyter_aml.model import lifecycle
from jupyter_aml.model.endpoint import OnlineDeployment
from jupyter_aml.model.errors import ErrorBody, NotFound
from jupyter_aml.model.nearest import nearest
from jupyter_aml.service.backends.local.endpoints.background import Background
from jupyter_aml.service.backends.local.endpoints.heard import Heard
from jupyter_aml.service.backends.local.endpoints.instances import Instances
from jupyter_aml.service.backends.local.endpoints.metering import Metering
from jupyter_aml.service.backends.local.endpoints.preparing import Preparing
from jupyter_aml.service.backends.local.endpoints.probing import Probing
from jupyter_aml.service.backends.local.endpoints.rolling import Rolling
from jupyter_aml.service.backends.local.endpoints.routers import Routers
from jupyter_aml.service.backends.local.endpoints.state import (
    LiveDeployment,
    LiveEndpoint,
    LiveInstance,
)
from jupyter_aml.service.backends.local.endpoints.usual import UsualTimes
from jupyter_aml.service.backends.local.endpoints.world import DEFAULT_SIZE, World
from jupyter_aml.service.clock import iso
from jupyter_aml.service.endpoints import planning
from jupyter_aml.service.endpoints.planning import Drain, Start, View, plan
from jupyter_aml.service.store import endpoint_rows

log = logging.getLogger(__name__)

_WANTED = 0.001
"""The load that an instance is said to have when it comes up: somebody wanted it, so that it stays
for the idle time even if nobody calls."""
ASLEEP = "asleep: nobody called; the first request wakes it"


class Endpoints(Background):
    """Everything alive of the online endpoints of one workspace."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.all: dict[str, LiveEndpoint] = {}
        self.closing = False
        self.routers = Routers(self)
        self.instances = Instances(self)
        self.preparing = Preparing(self)
        self.heard = Heard(self)
        self.probing = Probing(self)
        self.rollouts = Rolling(self)
        self.metering = Metering(self)
        self.usual = UsualTimes(self)

    # -- looking things up ------------------------------------------------------------------

    @property
    def default_size(self) -> str:
        return DEFAULT_SIZE

    def now(self) -> str:
        return iso(self.world.clock.time())

    def endpoint(self, name: str) -> LiveEndpoint:
        """Raises `NotFound` naming what there is."""
        found = self.all.get(name)
        if found is None:
            known = ", ".join(sorted(self.all)) or "none yet"
            raise NotFound(
                f"There is no online endpoint {name!r}.",
                target="endpoint",
                hint=f"{nearest(name, list(self.all))}There are: {known}. "
                f"Make it: `%aml online-endpoint create {name}`.",
            )
        return found

    def deployment(self, endpoint: str, name: str) -> tuple[LiveEndpoint, LiveDeployment]:
        """Raises `NotFound` naming what there is."""
        live = self.endpoint(endpoint)
        found = live.deployments.get(name)
        if found is None:
            known = ", ".join(live.deployments) or "none yet"
            raise NotFound(
                f"The endpoint {endpoint} has no deployment {name!r}.",
                target="deployment",
                hint=f"{nearest(name, list(live.deployments))}It has: {known}.",
            )
        return live, found

    def deployments(self) -> Iterator[LiveDeployment]:
        for live in self.all.values():
            yield from live.deployments.values()

    def serving(self, model: str) -> list[str]:
        """``endpoint/deployment`` of all that serve the model of this reference."""
        return [one.record.path for one in self.deployments() if one.record.spec.model == model]

    def least_used_cpus(self, count: int) -> list[int]:
        """Cores for one more instance."""
        cpus = self.world.sizes.machine.cpus
        used = dict.fromkeys(cpus, 0)
        for one in self.deployments():
            for instance in one.instances.values():
                for cpu in instance.record.cpus:
                    used[cpu] = used.get(cpu, 0) + 1
        return sorted(sorted(cpus, key=lambda cpu: used[cpu])[:count])

    # -- states -----------------------------------------------------------------------------

    def change_endpoint(self, live: LiveEndpoint, **fields: Any) -> None:
        """Store, then publish; a ``state`` is checked against its machine."""
        old = live.record
        state = fields.get("state", old.state)
        if state != old.state:
            lifecycle.ENDPOINT.check(old.state, state, name=live.name)
        record = live.record = msgspec.structs.replace(old, **fields)
        if record != old:
            self.world.store.post(lambda conn: endpoint_rows.save_endpoint(conn, record))
        self.publish_endpoint(live)

    def change_deployment(self, live: LiveEndpoint, one: LiveDeployment, **fields: Any) -> None:
        """Store, then publish; a ``state`` is checked against its machine."""
        old = one.record
        state = fields.get("state", old.state)
        if state != old.state:
            lifecycle.DEPLOYMENT.check(old.state, state, name=old.path)
        record = one.record = msgspec.structs.replace(old, **fields)
        if record != old:
            self.world.store.post(lambda conn: endpoint_rows.save_deployment(conn, record))
        self.publish_deployment(one)
        if state != old.state:
            self.publish_endpoint(live)

    def tell(self, one: LiveDeployment, reason: str) -> None:
        """Why it is not there yet, in words."""
        record = one.record = msgspec.structs.replace(one.record, reason=reason)
        self.world.store.post(lambda conn: endpoint_rows.save_deployment(conn, record))
        self.publish_deployment(one)

    def publish_endpoint(self, live: LiveEndpoint) -> None:
        self.world.changes.publish("endpoint", live.name, live.public())

    def publish_deployment(self, one: LiveDeployment) -> None:
        if not one.is_deleting:
            self.world.changes.publish("deployment", one.record.path, self.public(one))

    def public(self, one: LiveDeployment) -> OnlineDeployment:
        """As it is told to anybody."""
        return one.public(self.metering.price(one), self.usual.stage(one))

    async def route(self, live: LiveEndpoint, **fields: Any) -> None:
        """Change what the router goes by; durable first, and told when this returns."""
        record = msgspec.structs.replace(live.record, **fields)
        await self.world.store.write(
            lambda conn: endpoint_rows.save_endpoint(conn, record), durable=True
        )
        # Other fields may have changed, and been stored without these, while this was written.
        self.change_endpoint(live, **fields)
        await self.routers.tell(live)

    def router_answers(self, live: LiveEndpoint) -> None:
        """Its router is up and has the newest table."""
        live.router_failures = 0
        live.came_up.set()
        self.change_endpoint(
            live,
            state="Succeeded" if live.record.state != "Deleting" else "Deleting",
            reason="",
            error=None,
            has_answered=True,
        )

    # -- deployments move -------------------------------------------------------------------

    def instance_answers(
        self, live: LiveEndpoint, one: LiveDeployment, instance: LiveInstance
    ) -> None:
        """An instance came up: the deployment does, if it is one of the wanted generation."""
        if not one.is_current(instance):
            self.publish_deployment(one)
            return
        one.waiting = 0
        one.peaks.append((self.world.clock.monotonic(), _WANTED))
        fields: dict[str, Any] = {"reason": "", "error": None, "has_been_ready": True, "asleep": ""}
        if not one.record.has_been_ready:
            fields["scoring_code"] = self._script(live, one)
        if one.record.ready_at is None:
            fields["ready_at"] = self.now()
        self.change_deployment(live, one, state="Succeeded", **fields)
        self.wake(live, one)

    def _script(self, live: LiveEndpoint, one: LiveDeployment) -> str:
        """The script that runs, the person's own or generated."""
        spec = one.record.spec
        path = live.layout.code(one.name, one.record.generation)
        try:
            return (path / (spec.scoring_script or "score.py")).read_text("utf-8", "replace")
        except OSError:
            return ""

    def fail(self, live: LiveEndpoint, one: LiveDeployment, error: ErrorBody) -> None:
        """No instance stays up. Those of an older generation, if any, go on answering."""
        reason = error.message
        if any(not one.is_current(i) for i in one.answering()):
            reason = f"the update failed: {error.message} The version before goes on answering."
        self.change_deployment(live, one, state="Failed", reason=reason, error=error)
        self.routers.tell_soon(live)

    def begin(self, live: LiveEndpoint, one: LiveDeployment) -> None:
        """Make a new generation ready; its instances start by themselves."""
        one.failures, one.start_at, one.is_hopeless = 0, 0.0, False
        one.prepared = None
        one.preparing_since = self.world.clock.time()
        one.preparing = self.spawn(self.preparing.prepare(live, one), f"prepare {one.record.path}")

    # -- load -------------------------------------------------------------------------------

    def loaded(self, live: LiveEndpoint, one: LiveDeployment, load: float) -> None:
        """The requests in flight, as the router counted them last."""
        now = self.world.clock.monotonic()
        one.demand = load
        one.peaks.append((now, load))
        if load:
            one.used_at = now
        self.wake(live, one)

    def asked_for(self, live: LiveEndpoint, one: LiveDeployment) -> None:
        """Requests wait, and there is no instance."""
        one.used_at = self.world.clock.monotonic()
        if self._held(one):
            self.tell(one, f"waits: {self.world.held()}")
            return
        if not one.answering():
            self.change_deployment(live, one, asleep="", reason="waking up")
        self.wake(live, one)

    def sleep(self, live: LiveEndpoint, one: LiveDeployment, reason: str) -> None:
        """Let its instances go until somebody calls."""
        self.change_deployment(live, one, asleep=reason)
        self.wake(live, one)

    # -- the loop ---------------------------------------------------------------------------

    def wake(self, live: LiveEndpoint, one: LiveDeployment) -> None:
        """Plan and act now. Safe to call from anywhere on the loop, at any time."""
        if self.closing or live.is_deleting or one.is_deleting:
            return
        if one.prepared is not None:
            self.usual.prepared(one)
        if (
            one.prepared is None
            and not one.instances
            and (one.preparing is None or one.preparing.done())
        ):
            self._prepare_again(live, one)
            return
        view = self.view(one)
        for action in plan(view):
            match action:
                case Start(count):
                    self._start(live, one, count)
                case Drain(name):
                    self.instances.drain(live, one.instances[name])
        self._say_scale(live, one)
        self._schedule(live, one, view)

    def _prepare_again(self, live: LiveEndpoint, one: LiveDeployment) -> None:
        """After a restart of the service, for what has no instance and is to have one."""
        if not one.is_hopeless and planning.wanted(self.view(one)):
            self.begin(live, one)

    def _start(self, live: LiveEndpoint, one: LiveDeployment, count: int) -> None:
        if one.record.state == "Succeeded" and one.record.has_been_ready:
            self.change_deployment(live, one, state="Scaling")
        self.instances.add(live, one, count)
        self.publish_deployment(one)

    def _say_scale(self, live: LiveEndpoint, one: LiveDeployment) -> None:
        """Scaling is over once nothing is coming; without any instance it says that it sleeps."""
        coming = any(i.state == "Starting" for i in one.instances.values())
        awake = any(i.is_staying for i in one.instances.values())
        record = one.record
        if record.state == "Scaling" and not coming and one.answering():
            self.change_deployment(live, one, state="Succeeded", reason="")
        elif record.state in ("Succeeded", "Scaling") and not awake and not record.reason:
            rests = record.asleep or not record.spec.scale_settings.min_instances
            if rests and not one.waiting:
                self.change_deployment(live, one, state="Succeeded", reason=record.asleep or ASLEEP)

    def view(self, one: LiveDeployment) -> View:
        now = self.world.clock.monotonic()
        scale, record = one.record.spec.scale_settings, one.record
        oldest = now - scale.idle_seconds_before_scale_down
        while one.peaks and one.peaks[0][0] < oldest:
            one.peaks.popleft()
        concurrent = record.spec.request_settings.max_concurrent_requests_per_instance
        demand = max(one.demand, float(one.waiting))
        return View(
            instances=one.views(),
            min_instances=scale.min_instances,
            max_instances=scale.max_instances,
            capacity=concurrent * scale.target_utilization_percentage / 100,
            demand=demand,
            peak=max((load for _, load in one.peaks), default=0.0),
            proven=record.has_been_ready,
            asleep=bool(record.asleep) and not one.waiting,
            may_start=self._may_start(one, now),
        )

    def _may_start(self, one: LiveDeployment, now: float) -> bool:
        is_prepared = one.prepared is not None and one.prepared.generation == one.record.generation
        return is_prepared and not one.is_hopeless and now >= one.start_at and not self._held(one)

    def _held(self, one: LiveDeployment) -> bool:
        """The budget's guard takes no new paid work."""
        return bool(self.world.held()) and bool(self.metering.price(one))

    def _schedule(self, live: LiveEndpoint, one: LiveDeployment, view: View) -> None:
        """Come back when a pause is over, or instances may have become idle."""
        if one.timer is not None:
            one.timer.cancel()
            one.timer = None
        now = self.world.clock.monotonic()
        waits: list[float] = []
        if one.start_at > now:
            waits.append(one.start_at - now)
        if len(one.answering()) > view.min_instances or one.demand:
            waits.append(max(0.1, one.record.spec.scale_settings.polling_interval))
        if waits:
            one.timer = self.world.clock.call_later(
                min(waits) + 0.001, lambda: self._timed(live, one)
            )

    def _timed(self, live: LiveEndpoint, one: LiveDeployment) -> None:
        one.timer = None
        if live.deployments.get(one.name) is not one:
            return
        quiet = self.world.clock.time() - one.counted.last_time
        if quiet > 2.0 and one.demand:
            # The router tells nothing while nothing changes: what was in flight then, is still.
            one.demand = float(one.counted.last.get("in_flight", 0))
            self.loaded(live, one, one.demand)
            return
        self.wake(live, one)
