"""The facet ``compute``: wishes come in here and are durable before they are answered."""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_aml.model import api, compute, waiting
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.model.names import LOCAL, check_name
from jupyter_aml.service.backends.local.engine import Engine
from jupyter_aml.service.backends.local.machine import offered, quota
from jupyter_aml.service.backends.local.machine.sizes import price_note
from jupyter_aml.service.backends.local.state import LiveCompute
from jupyter_aml.service.store import rows

_DONE = {"start": "started", "stop": "stopped", "restart": "restarted"}
_MANY = 500
"""Computes of one workspace; Azure ML's documented limit per region."""


class Computes:
    """See `service.backends.protocol.ComputeFacet` for who calls what."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # -- looking ----------------------------------------------------------------------------

    async def list(self) -> compute.ComputeList:
        engine = self._engine
        return compute.ComputeList([engine.public(live) for live in engine.computes.values()])

    async def get(self, name: str) -> compute.Compute:
        return self._engine.public(self._engine.compute(name))

    async def nodes(self, name: str) -> compute.NodeList:
        live = self._engine.compute(name)
        return compute.NodeList([node.public() for node in live.nodes.values()])

    async def history(self, name: str, node: str, *, query: api.History) -> compute.SampleList:
        live = self._engine.compute(name)
        if node not in live.nodes:
            raise NotFound(
                f"{name} has no node {node!r}.",
                target="node",
                hint=f"List them with `%aml compute nodes {name}`.",
            )
        return compute.SampleList(value=list(live.nodes[node].samples)[-query.seconds :])

    async def sizes(self, *, query: api.ListSizes) -> compute.SizeList:
        sizes = self._engine.sizes.list(query.type)
        if query.tier:
            usage = (await self.usage()).value
            sizes = offered.within_quota(sizes, query.tier, usage)
        return compute.SizeList(value=list(sizes), note=price_note())

    async def usage(self) -> compute.UsageList:
        engine = self._engine
        held = [(live.compute.spec, len(live.nodes)) for live in engine.computes.values()]
        cores = engine.sizes.machine.cores
        families = {size.family for size in engine.sizes.list() if size.rehearsal}
        found = quota.usages(held, engine.sizes.get, engine.limits, cores, families)
        return compute.UsageList(list(found))

    async def waits(self, *, query: api.FindStarts) -> waiting.UsualStartList:
        past = self._engine.waits.past
        return waiting.UsualStartList(list(past.starts(query.size, query.environment)))

    # -- creating ---------------------------------------------------------------------------

    async def create(self, *, body: compute.ComputeSpec) -> compute.Compute:
        engine = self._engine
        spec = self._checked(body)
        known = engine.computes.get(spec.name)
        if known is not None:
            known.check_same(spec)
            return self._engine.public(known)
        engine.holding.check_start(spec)
        now = engine.now()
        live = LiveCompute(
            compute=compute.Compute(spec=spec, state="Creating", created_at=now, state_since=now)
        )
        # In the books before the disk is asked, so that two clients cannot both create it.
        engine.computes[spec.name] = live
        stored = live.compute
        try:
            await engine.store.write(lambda conn: rows.save_compute(conn, stored), durable=True)
        except BaseException:  # cancelled too: what is not stored may not stay in the books
            del engine.computes[spec.name]
            raise
        self._begin(live)
        return engine.public(live)

    async def attach(self, *, body: compute.AttachedCompute) -> compute.Compute:
        self._check_count()
        return self._engine.public(await self._engine.attached.attach(body))

    async def detach(self, name: str) -> compute.Compute:
        live = self._not_local(name, "detached")
        if not live.is_attached:
            raise Conflict(
                f"{name} is not attached, it was created here.",
                target="name",
                hint=f"Delete it: `%aml compute delete {name}`.",
            )
        return await self._let_go(live)

    def _begin(self, live: LiveCompute) -> None:
        engine = self._engine
        engine.publish_compute(live)
        if live.is_instance:
            engine.fleet.keep_up(live)
            return
        engine.wake(live)
        if not live.nodes:
            engine.change_compute(live, state="Steady")

    def _checked(self, spec: compute.ComputeSpec) -> compute.ComputeSpec:
        """The spec with its size spelled out; raises what forbids it."""
        if isinstance(spec, compute.LocalCompute):
            raise Invalid(
                f'"{LOCAL}" is this machine and is always there.',
                target="type",
                hint="Create a cluster with --type amlcompute, or an instance with --type "
                "computeinstance.",
            )
        if isinstance(spec, compute.AttachedCompute):
            raise Invalid(
                "A machine of your own is attached, not created.",
                target="type",
                hint=f"`%aml compute attach {spec.name} --type virtualmachine --host HOST`",
            )
        check_name("compute", spec.name)
        engine = self._engine
        size = engine.sizes.get(spec.size or engine.sizes.default)
        kind = "amlcompute" if isinstance(spec, compute.AmlCompute) else "computeinstance"
        if kind not in size.supported_compute_types:
            words = "cluster" if kind == "amlcompute" else "compute instance"
            raise Invalid(
                f"{size.name} cannot be used for a {words}.",
                target="size",
                hint=f"List those that can with `%aml compute sizes --type {kind}`.",
            )
        if isinstance(spec, compute.AmlCompute):
            _check_scale(spec)
        spec = msgspec.structs.replace(spec, size=size.name)
        if spec.name not in engine.computes:
            self._check_quota(spec)
        return spec

    def _check_quota(self, spec: compute.ComputeSpec) -> None:
        engine = self._engine
        self._check_count()
        held = [
            quota.claim(live.compute.spec, engine.sizes.get(live.compute.spec.size))
            for live in engine.computes.values()
            if live.name not in (LOCAL, spec.name) and not live.is_attached
        ]
        quota.check(quota.claim(spec, engine.sizes.get(spec.size)), held, engine.limits)

    def _check_count(self) -> None:
        if len(self._engine.computes) > _MANY:
            raise Conflict(f"A workspace has at most {_MANY} computes.", target="name")

    # -- changing ---------------------------------------------------------------------------

    async def update(self, name: str, *, body: compute.UpdateCompute) -> compute.Compute:
        live = self._not_local(name, "changed")
        spec = _changed(live.compute.spec, body)
        if isinstance(spec, compute.AmlCompute):
            _check_scale(spec)
        if not live.is_attached:
            self._check_quota(spec)
        self._engine.change_compute(live, spec=spec)
        await self._engine.store.flush()
        self._engine.wake(live)
        return self._engine.public(live)

    async def delete(self, name: str) -> compute.Compute:
        live = self._not_local(name, "deleted")
        if live.is_attached:
            raise Conflict(
                f"{name} is attached: it is not ours to delete.",
                target="name",
                hint=f"Let go of it: `%aml compute detach {name}`. The machine stays as it is.",
            )
        return await self._let_go(live)

    async def _let_go(self, live: LiveCompute) -> compute.Compute:
        if live.compute.state != "Deleting":
            self._engine.change_compute(live, state="Deleting")
            await self._engine.store.flush()
            self._engine.spawn(self.finish_delete(live), f"delete {live.name}")
        return self._engine.public(live)

    async def finish_delete(self, live: LiveCompute) -> None:
        """End what runs there, then forget it; the next service goes on with this."""
        engine = self._engine
        await engine.fleet.empty(live)
        await engine.attached.let_go(live)
        if live.timer is not None:
            live.timer.cancel()
        await engine.store.write(lambda conn: rows.delete_compute(conn, live.name))
        engine.computes.pop(live.name, None)
        engine.changes.publish("compute", live.name, None)
        engine.wake_all()

    # -- instances and eviction -------------------------------------------------------------

    async def start(self, name: str) -> compute.Compute:
        return await self._instance(name, "start")

    async def stop(self, name: str) -> compute.Compute:
        return await self._instance(name, "stop")

    async def restart(self, name: str) -> compute.Compute:
        return await self._instance(name, "restart")

    async def _instance(self, name: str, verb: str) -> compute.Compute:
        live = self._not_local(name, _DONE[verb])
        if live.is_attached:
            raise Invalid(
                f"{name} is attached: nothing here starts or stops it.",
                target="name",
                hint=f"Let go of it with `%aml compute detach {name}`.",
            )
        if not live.is_instance:
            raise Invalid(
                f"{name} is a cluster: it starts and ends its nodes by itself.",
                target="name",
                hint=f"Change its scale with `%aml compute update {name} --min-instances N`.",
            )
        if live.compute.state == "Deleting":
            raise Conflict(f"{name} is being deleted.", target="name")
        if verb != "stop":
            self._engine.holding.check_start(live.compute.spec)
        instances = self._engine.instances
        act = {"start": instances.start, "stop": instances.stop, "restart": instances.restart}
        act[verb](live)
        await self._engine.store.flush()
        return self._engine.public(live)

    async def evict(self, name: str, *, body: compute.Evict) -> compute.Compute:
        live = self._not_local(name, "evicted")
        self._engine.fleet.evict(live, body.node)
        return self._engine.public(live)

    def _not_local(self, name: str, what: str) -> LiveCompute:
        live = self._engine.compute(name)
        if name == LOCAL:
            raise Invalid(
                f'"{LOCAL}" is this machine and cannot be {what}.',
                target="name",
                hint="Cancel what runs there with `%aml job cancel NAME`.",
            )
        return live


def _check_scale(spec: compute.AmlCompute) -> None:
    if spec.min_instances > spec.max_instances:
        raise Invalid(
            f"min_instances is {spec.min_instances}, more than max_instances "
            f"({spec.max_instances}).",
            target="min_instances",
            hint="Raise --max-instances, or lower --min-instances.",
        )


_CLUSTER_FIELDS = ("min_instances", "max_instances", "idle_time_before_scale_down")


def _changed(spec: compute.ComputeSpec, body: compute.UpdateCompute) -> compute.ComputeSpec:
    """`spec` with the fields of `body` that are given; a field of another kind is refused."""
    fields: dict[str, Any] = {
        name: value for name in body.__struct_fields__ if (value := getattr(body, name)) is not None
    }
    for name in fields:
        if name not in spec.__struct_fields__:
            raise Invalid(
                f"{name} does not belong to {spec.name}.",
                target=name,
                hint=f"A cluster has {', '.join(_CLUSTER_FIELDS)}; an instance has "
                "idle_time_before_shutdown_minutes.",
            )
    if fields.get("idle_time_before_shutdown_minutes") == 0:
        fields["idle_time_before_shutdown_minutes"] = None
    return msgspec.structs.replace(spec, **fields)
