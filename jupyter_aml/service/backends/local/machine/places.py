"""What each node gets of this machine: cores, memory, GPUs, and how many nodes still fit."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from jupyter_aml.model.compute import AmlCompute, Compute
from jupyter_aml.model.names import LOCAL
from jupyter_aml.service.backends.local.machine.sizes import Share
from jupyter_aml.service.backends.local.state import LiveCompute, NodeRecord

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine


class Places:
    """Asked by the planner's view, and by `fleet` for each node that it starts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def room(self, live: LiveCompute) -> int:
        """How many more nodes of this compute the machine holds. Rehearsal sizes always fit."""
        size = self._engine.size_of(live.compute)
        if size is None or size.rehearsal:
            return 1_000_000
        held = sum(
            self._cores(other.compute) * len(other.nodes)
            for other in self._engine.computes.values()
        )
        return max(0, self._engine.sizes.machine.cores - held) // size.vcpus

    def _cores(self, compute: Compute) -> int:
        """Cores of this machine that one node of a real size holds."""
        size = self._engine.size_of(compute)
        return 0 if size is None or size.rehearsal else size.vcpus

    def share(self, compute: Compute) -> Share:
        """What each node of `compute` gets."""
        engine = self._engine
        size = engine.size_of(compute)
        if size is None:
            machine = engine.sizes.machine
            return Share(machine.cores, int(machine.memory_bytes * 0.9), len(machine.gpus))
        spec = compute.spec
        nodes = spec.max_instances if isinstance(spec, AmlCompute) else 1
        return engine.sizes.share(size, nodes)

    def record(self, live: LiveCompute) -> NodeRecord:
        """A node of `live` to be, with what it gets of the machine beside those in the books."""
        engine = self._engine
        share = self.share(live.compute)
        name = f"{live.name}-{secrets.token_hex(3)}"
        cores = share.cores
        jobs = 1 if live.is_cluster else max(4, cores) if live.name == LOCAL else max(1, cores)
        return NodeRecord(
            name=name,
            compute=live.name,
            socket=str(engine.folders.run / f"{name}.sock"),
            size=live.compute.spec.size,
            cpus=self._least_used_cpus(cores),
            memory_bytes=share.memory_bytes,
            gpus=self._free_gpus(share.gpus),
            threads=cores,
            max_jobs=jobs,
            note=share.note,
            created_at=engine.now(),
        )

    def _least_used_cpus(self, count: int) -> list[int]:
        cpus = self._engine.sizes.machine.cpus
        used = dict.fromkeys(cpus, 0)
        for node in self._engine.nodes():
            if len(node.record.cpus) < len(cpus):
                for cpu in node.record.cpus:
                    used[cpu] = used.get(cpu, 0) + 1
        return sorted(sorted(cpus, key=lambda cpu: used[cpu])[:count])

    def _free_gpus(self, count: int) -> list[str]:
        taken = {gpu for node in self._engine.nodes() for gpu in node.record.gpus}
        every = list(self._engine.sizes.machine.gpus)
        return ([gpu for gpu in every if gpu not in taken] + every)[:count]
