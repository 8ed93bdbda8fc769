"""What a person is told of a job before it is sent and after it failed.

Adapts the live state to `service.preflight` and `service.doctor`, which know nothing of engines.
While it waits: see `waits`. The facets call it; nothing here changes a job.
"""

from __future__ import annotations

from jupyter_aml.model.compute import AmlCompute
from jupyter_aml.model.diagnosis import DiagnosisAnswer
from jupyter_aml.model.job import Job
from jupyter_aml.model.preflight import CheckJob, EnvironmentCheck, Preflight
from jupyter_aml.service.backends.local.engine import Engine
from jupyter_aml.service.backends.local.sizes import price
from jupyter_aml.service.store.preferences import read_preferences


class Advice:
    """Of the local workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def diagnosis(self, job: Job) -> DiagnosisAnswer:
        return DiagnosisAnswer(job=job.name, diagnosis=job.diagnosis)

    async def preflight(self, body: CheckJob) -> Preflight:
        engine = self._engine
        name = body.spec.compute if body.spec else body.compute
        live = engine.compute(name or read_preferences(engine.store.reader).default_compute)
        spec = live.compute.spec
        size = engine.size_of(live.compute)
        tier = spec.tier if isinstance(spec, AmlCompute) else "dedicated"
        nodes = body.spec.instance_count if body.spec else body.instance_count
        each = price(size, tier) if size is not None else None
        machine = engine.sizes.machine
        return Preflight(
            compute=live.name,
            state=live.compute.state,
            type=str(spec.__struct_config__.tag),
            size=size.name if size else "",
            vcpus=size.vcpus if size else machine.cores,
            memory_gb=size.memory_gb if size else round(machine.memory_bytes / 2**30, 1),
            gpus=size.gpus if size else len(machine.gpus),
            gpu_model=size.gpu_model if size else "",
            nodes=nodes,
            price_per_hour=None if each is None else round(each * nodes, 4),
            low_priority=tier == "low_priority",
            rehearsal=size is not None and size.rehearsal,
            environment=EnvironmentCheck(name=body.environment, checked=False),
        )
