"""The compute facet of `testing.fakes.FakeBackend`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from jupyter_aml.model.api import FindStarts, History, ListSizes
from jupyter_aml.model.compute import (
    AmlCompute,
    AttachedCompute,
    AttachedMachine,
    Compute,
    ComputeInstance,
    ComputeList,
    ComputeSpec,
    Evict,
    LocalCompute,
    Node,
    NodeList,
    SampleList,
    SizeList,
    UpdateCompute,
    Usage,
    UsageList,
    VmSize,
)
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.model.lifecycle import ATTACHED, CLUSTER, INSTANCE
from jupyter_aml.model.names import LOCAL, check_name
from jupyter_aml.model.waiting import UsualStartList

if TYPE_CHECKING:
    from jupyter_aml.testing.fakes import FakeBackend

_BOTH = ["amlcompute", "computeinstance"]
SIZES = [
    VmSize(
        name="local.1cpu-2gb",
        family="local",
        vcpus=1,
        memory_gb=2,
        supported_compute_types=_BOTH,
    ),
    VmSize(
        name="Standard_DS3_v2",
        family="standardDSv2Family",
        vcpus=4,
        memory_gb=14,
        price_per_hour=0.293,
        price_as_of="2026-11",
        rehearsal=True,
        supported_compute_types=_BOTH,
    ),
]


class FakeCompute:
    """Computes become ready after `FakeBackend.start_seconds`."""

    def __init__(self, backend: FakeBackend) -> None:
        self._backend = backend
        self._computes = {LOCAL: Compute(spec=LocalCompute(), state="Running")}
        self.forgets_nodes = False

    # -- the facet --------------------------------------------------------------------------

    async def list(self) -> ComputeList:
        return ComputeList(value=[*self.all()])

    async def get(self, name: str) -> Compute:
        found = self._computes.get(name)
        if found is None:
            raise NotFound(
                f"There is no compute {name!r}.",
                target="name",
                hint=f"There are: {', '.join(self._computes)}.",
            )
        return found

    async def create(self, *, body: ComputeSpec) -> Compute:
        check_name("compute", body.name)
        spec = self._with_size(body)
        known = self._computes.get(body.name)
        if known is not None:
            if known.spec != spec:
                raise Conflict(f"Compute {body.name!r} exists with another spec.", target="name")
            return known
        made = Compute(spec=spec, state="Creating", created_at=self._backend.now())
        self._put(made)
        self._backend.spawn(self._become(body.name, self._ready(made)))
        return made

    async def attach(self, *, body: AttachedCompute) -> Compute:
        check_name("compute", body.name)
        known = self._computes.get(body.name)
        if known is not None:
            if known.spec != body:
                raise Conflict(f"Compute {body.name!r} exists with another spec.", target="name")
            return known
        machine = AttachedMachine(cores=4, address=str(body.config.get("host", "")))
        now = self._backend.now()
        return self._put(Compute(spec=body, state="Running", created_at=now, machine=machine))

    async def detach(self, name: str) -> Compute:
        found = await self.get(name)
        if not isinstance(found.spec, AttachedCompute):
            raise Conflict(f"{name} is not attached.", target="name")
        return await self._go(found)

    async def update(self, name: str, *, body: UpdateCompute) -> Compute:
        found = await self.get(name)
        given = {
            key: value for key, value in msgspec.structs.asdict(body).items() if value is not None
        }
        known = set(found.spec.__struct_fields__)
        if not set(given) <= known:
            raise Invalid(f"{name} has no {', '.join(sorted(set(given) - known))}.", target=name)
        return self._put(
            msgspec.structs.replace(found, spec=msgspec.structs.replace(found.spec, **given))
        )

    async def delete(self, name: str) -> Compute:
        if name == LOCAL:
            raise Invalid("This machine cannot be deleted.", target="name")
        found = await self.get(name)
        if isinstance(found.spec, AttachedCompute):
            raise Conflict(f"{name} is attached, not ours to delete.", target="name")
        return await self._go(found)

    async def _go(self, found: Compute) -> Compute:
        if found.state == "Deleting":
            return found
        gone = self._move(found, "Deleting")
        self._backend.spawn(self._forget(found.name))
        return gone

    async def start(self, name: str) -> Compute:
        return await self._instance_to(name, "Starting", "Running", unless="Running")

    async def stop(self, name: str) -> Compute:
        return await self._instance_to(name, "Stopping", "Stopped", unless="Stopped")

    async def restart(self, name: str) -> Compute:
        return await self._instance_to(name, "Restarting", "Running")

    async def evict(self, name: str, *, body: Evict) -> Compute:
        found = await self.get(name)
        if getattr(found.spec, "tier", "") != "low_priority":
            raise Conflict(f"{name} has no low-priority nodes.", target="name")
        return found

    async def nodes(self, name: str) -> NodeList:
        await self.get(name)
        return NodeList(nodes=[node for node in self.all_nodes() if node.compute == name])

    async def history(self, name: str, node: str, *, query: History) -> SampleList:
        await self.get(name)
        return SampleList(value=[])

    async def sizes(self, *, query: ListSizes) -> SizeList:
        value = [s for s in SIZES if not query.type or query.type in s.supported_compute_types]
        return SizeList(value=value, note="Prices are approximate, as of 2026-11.")

    async def usage(self) -> UsageList:
        used = sum(isinstance(one.spec, (AmlCompute, ComputeInstance)) for one in self.all())
        return UsageList(value=[Usage(name="Clusters", current_value=used, limit=500)])

    async def waits(self, *, query: FindStarts) -> UsualStartList:
        return UsualStartList(value=[])

    # -- for the other facets ---------------------------------------------------------------

    def all(self) -> Sequence[Compute]:
        return [*self._computes.values()]

    def all_nodes(self) -> Sequence[Node]:
        """A node per running instance, and per job on a cluster."""
        if self.forgets_nodes:
            return []
        busy = {one.spec.compute for one in self._backend.jobs.active()}
        return [
            Node(
                name=f"{one.name}-0",
                compute=one.name,
                state="running" if one.name in busy else "idle",
            )
            for one in self._computes.values()
            if (isinstance(one.spec, ComputeInstance) and one.state == "Running")
            or (isinstance(one.spec, AmlCompute) and one.name in busy)
        ]

    def exists(self, name: str) -> bool:
        return name in self._computes

    def is_stopped(self, name: str) -> bool:
        return self._computes[name].state in ("Stopping", "Stopped", "Deleting")

    def is_ready(self, name: str) -> bool:
        return name in self._computes and self._computes[name].state in ("Running", "Steady")

    # -- states -----------------------------------------------------------------------------

    def _ready(self, compute: Compute) -> str:
        return "Steady" if isinstance(compute.spec, AmlCompute) else "Running"

    async def _instance_to(
        self, name: str, through: str, finally_: str, *, unless: str = ""
    ) -> Compute:
        found = await self.get(name)
        if not isinstance(found.spec, ComputeInstance):
            raise Conflict(f"{name} is not an instance.", target="name")
        if found.state == unless:
            return found
        moved = self._move(found, through)
        self._backend.spawn(self._become(name, finally_))
        return moved

    async def _become(self, name: str, state: str) -> None:
        await self._backend.clock.sleep(self._backend.start_seconds)
        found = self._computes.get(name)
        if found is not None and found.state != "Deleting":
            self._move(found, state)

    async def _forget(self, name: str) -> None:
        for one in self._backend.jobs.active():
            if one.spec.compute == name:
                await self._backend.jobs.cancel(one.name)
        await self._backend.clock.sleep(self._backend.start_seconds)
        self._computes.pop(name, None)
        self._backend.changes.publish("compute", name, None)

    def _move(self, compute: Compute, state: str) -> Compute:
        machine = CLUSTER if isinstance(compute.spec, AmlCompute) else INSTANCE
        if isinstance(compute.spec, AttachedCompute):
            machine = ATTACHED
        machine.check(compute.state, state, name=compute.name)
        return self._put(
            msgspec.structs.replace(compute, state=state, state_since=self._backend.now())
        )

    def _put(self, compute: Compute) -> Compute:
        self._computes[compute.name] = compute
        self._backend.changes.publish("compute", compute.name, compute)
        return compute

    def _with_size(self, spec: ComputeSpec) -> ComputeSpec:
        if isinstance(spec, (LocalCompute, AttachedCompute)):
            raise Invalid(f"A {type(spec).__name__} is not created.", target="type")
        size = spec.size or SIZES[0].name
        if size.lower() not in {known.name.lower() for known in SIZES}:
            raise Invalid(
                f"There is no size {size!r}.",
                target="size",
                hint="`%aml compute sizes` lists them.",
            )
        return msgspec.structs.replace(spec, size=size)
