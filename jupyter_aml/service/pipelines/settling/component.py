"""A component, settled: the door of its registration."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from jupyter_aml.model.component import (
    ComponentSpec,
    ConditionStep,
    JobStep,
    PipelineComponent,
    Step,
)
from jupyter_aml.model.pipeline import PipelineJob
from jupyter_aml.service.pipelines import ports
from jupyter_aml.service.pipelines.graph import component_of
from jupyter_aml.service.pipelines.settling.asking import Asking
from jupyter_aml.service.pipelines.settling.steps import (
    Find,
    check_bindings,
    settled_steps,
    written_out,
)


def settled_component(spec: ComponentSpec, find: Find, boot: str) -> Asking[ComponentSpec]:
    """`spec` as it is registered."""
    _check_ports(spec)
    if isinstance(spec, PipelineComponent):
        jobs = {name: written_out(f"jobs.{name}", one, find) for name, one in spec.jobs.items()}
        spec = msgspec.structs.replace(spec, jobs=jobs)
        check_bindings("component", spec)
        settled, _ = yield from settled_steps("jobs", _here(spec.jobs), boot)
        kept = {name: _as_told(one, spec.jobs[name]) for name, one in settled.items()}
        return msgspec.structs.replace(spec, jobs=kept)
    settled, _ = yield from settled_steps("", _here({"it": JobStep(component=spec)}), boot)
    found = component_of(settled["it"])
    assert found is not None
    return found


def _here(jobs: Mapping[str, Step]) -> PipelineJob:
    """To check a component, whose pipeline is not known: on this machine, one node each."""
    here = {
        name: one
        if isinstance(one, ConditionStep)
        else msgspec.structs.replace(one, instance_count=1, compute="")
        for name, one in jobs.items()
    }
    return PipelineJob(jobs=here)


def _as_told(settled: Step, told: Step) -> Step:
    if isinstance(settled, ConditionStep) or isinstance(told, ConditionStep):
        return told
    return msgspec.structs.replace(
        settled, instance_count=told.instance_count, compute=told.compute
    )


def _check_ports(spec: ComponentSpec) -> None:
    for name, port in spec.inputs.items():
        if port.default is not None:
            ports.check_value(f"inputs.{name}.default", port, port.default)
