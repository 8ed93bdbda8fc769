"""What is alive, in memory: the rows of the store plus processes, measurements and timers."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from jupyter_aml.model.endpoint import (
    DeployStage,
    Instance,
    OnlineDeployment,
    OnlineEndpoint,
)
from jupyter_aml.service.backends.local.endpoints.control import Control
from jupyter_aml.service.backends.local.endpoints.launching import Launched, Measured, Watch
from jupyter_aml.service.backends.local.endpoints.layout import EndpointLayout, InstanceLayout
from jupyter_aml.service.clock import Timer
from jupyter_aml.service.endpoints.counters import Counted
from jupyter_aml.service.endpoints.keys import Secrets
from jupyter_aml.service.endpoints.planning import InstanceView, PlannedState
from jupyter_aml.service.endpoints.probes import Series
from jupyter_aml.service.endpoints.records import DeploymentRecord, EndpointRecord, ProcessRecord


@dataclass(frozen=True)
class Prepared:
    """Everything that instances of one generation are started with."""

    generation: int
    python: str
    kind: str
    model_dir: str
    code_dir: str


@dataclass(eq=False)
class LiveInstance:
    """A scoring process. It leaves the books when its process has ended."""

    record: ProcessRecord
    at: InstanceLayout
    state: str = "Starting"
    """Of `model.endpoint.Instance`."""
    began: float = 0.0
    """On the monotonic clock."""
    ready_seconds: float | None = None
    reason: str = ""
    is_replaced: bool = False
    is_wanted_gone: bool = False
    """It was told to end: its end is no failure."""
    requests: int = 0
    in_flight: int = 0
    measured: Measured = field(default_factory=Measured)
    cpu_percent: float = 0.0
    is_held: bool = False
    """It gets no request before it has passed its readiness probe."""
    readiness: Series | None = None
    liveness: Series | None = None
    """Its probes, since it is looked after."""
    watch: Watch | None = None
    timer: Timer | None = None

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def is_watched(self) -> bool:
        """Its process runs, as far as anybody knows."""
        return self.watch is not None

    @property
    def is_staying(self) -> bool:
        """It gets requests, or is to get some."""
        return self.state in ("Starting", "Ready") or (self.state == "Unhealthy" and self.is_held)

    @property
    def process(self) -> Launched:
        return Launched(self.record.pid, self.record.created)

    def public(self) -> Instance:
        return Instance(
            name=self.name,
            state=self.state,  # pyright: ignore[reportArgumentType] - one of its words
            pid=self.record.pid,
            started_at=self.record.started_at,
            ready_seconds=self.ready_seconds,
            requests=self.requests,
            memory_bytes=self.measured.memory_bytes,
            cpu_percent=round(self.cpu_percent, 1),
            reason=self.reason,
        )


@dataclass(eq=False)
class LiveDeployment:
    """A deployment with its instances, oldest first."""

    record: DeploymentRecord
    instances: dict[str, LiveInstance] = field(default_factory=dict[str, LiveInstance])
    prepared: Prepared | None = None
    preparing: asyncio.Task[None] | None = None
    preparing_since: float = 0.0
    """On the clock of the wall; 0 while nothing is prepared."""
    counted: Counted = field(default_factory=Counted)
    waiting: int = 0
    """Requests that wait for a first instance, as the router said."""
    demand: float = 0.0
    peaks: deque[tuple[float, float]] = field(default_factory=deque[tuple[float, float]])
    """Moments of the monotonic clock with the demand then; older ones than matter are gone."""
    used_at: float = 0.0
    failures: int = 0
    """Ends in a row of instances that nobody asked for."""
    start_at: float = 0.0
    """No instance is started before; on the monotonic clock."""
    is_hopeless: bool = False
    """What it is to run cannot run: nothing is started until it is changed."""
    is_deleting: bool = False
    timer: Timer | None = None

    @property
    def name(self) -> str:
        return self.record.name

    def answering(self) -> list[LiveInstance]:
        return [one for one in self.instances.values() if one.state == "Ready"]

    def is_current(self, instance: LiveInstance) -> bool:
        is_of_now = instance.record.generation == self.record.generation
        return is_of_now and not instance.is_replaced

    def views(self) -> list[InstanceView]:
        """What the planner sees; those that are ended already it does not."""
        return [
            InstanceView(
                one.name,
                _as_planned(one),
                self.is_current(one),
                one.in_flight,
            )
            for one in self.instances.values()
        ]

    def public(self, price: float | None, stage: DeployStage | None = None) -> OnlineDeployment:
        record = self.record
        instances = [one.public() for one in self.instances.values()]
        staying = [one for one in self.instances.values() if self.is_current(one)]
        return OnlineDeployment(
            name=record.name,
            endpoint_name=record.endpoint,
            state=record.state,
            reason=record.reason or record.asleep,
            spec=record.spec,
            model=record.spec.model,
            environment=record.place.environment,
            python=record.place.python,
            scoring_code=record.scoring_code,
            instances=instances,
            wanted_instances=sum(one.is_staying for one in staying),
            created_at=record.created_at,
            ready_at=record.ready_at,
            error=record.error,
            warnings=record.warnings,
            list_price_per_hour=price,
            stage=stage,
        )


def _as_planned(one: LiveInstance) -> PlannedState:
    """One that fails its readiness probe is on its way back: nobody takes its place."""
    if one.state == "Ready":
        return "Ready"
    return "Starting" if one.is_staying else "Draining"


@dataclass(eq=False)
class LiveEndpoint:
    """An endpoint with its router and its deployments, oldest first."""

    record: EndpointRecord
    layout: EndpointLayout
    secrets: Secrets
    deployments: dict[str, LiveDeployment] = field(default_factory=dict[str, LiveDeployment])
    router: ProcessRecord | None = None
    watch: Watch | None = None
    control: Control | None = None
    generation: int = 0
    """Of the newest table."""
    telling: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_told: bool = True
    """Whether the router was given everything that changed since."""
    is_starting: bool = False
    """Its router is being brought up."""
    is_adopted: bool = False
    """Its router ran before this service, and has not said yet what it counted so far."""
    router_failures: int = 0
    bounds: list[float] = field(default_factory=list[float])
    rollout_timer: Timer | None = None
    is_rolling: bool = False
    """A decision about the rollout is being performed."""
    step_began: float = 0.0
    """When the present step of the rollout began, on the monotonic clock."""
    came_up: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def is_deleting(self) -> bool:
        return self.record.state == "Deleting"

    def public(self) -> OnlineEndpoint:
        record = self.record
        address = f"http://127.0.0.1:{record.port}" if record.port else ""
        return OnlineEndpoint(
            name=record.name,
            state=record.state,
            reason=record.reason,
            auth_mode=record.spec.auth_mode,
            scoring_uri=f"{address}/score" if address else "",
            openapi_uri=f"{address}/swagger.json" if address else "",
            traffic=record.traffic,
            mirror_traffic=record.mirror_traffic,
            rollout=record.rollout,
            deployments=list(self.deployments),
            description=record.description,
            tags=record.tags,
            created_at=record.created_at,
            error=record.error,
        )
