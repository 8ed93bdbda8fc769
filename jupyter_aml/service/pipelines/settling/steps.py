"""The steps of a pipeline or of a pipeline component, settled; pipelines among them as well."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from jupyter_aml.model.component import (
    CommandComponent,
    Component,
    ConditionStep,
    JobStep,
    PipelineComponent,
    Step,
    SweepStep,
)
from jupyter_aml.model.errors import AmlError, Invalid
from jupyter_aml.model.job import InputValue
from jupyter_aml.model.pipeline import PipelineJob
from jupyter_aml.service.pipelines import bindings
from jupyter_aml.service.pipelines.graph import check, component_of
from jupyter_aml.service.pipelines.settling.asking import Asking
from jupyter_aml.service.pipelines.settling.program import settled_program
from jupyter_aml.service.pipelines.steps import job_of

Find = Callable[[str], Component]
"""The component of a reference. Raises `NotFound`."""

_DEEPEST = 10
"""Pipelines in pipelines: one that holds itself would never end."""


def written_out(where: str, step: Step, find: Find, depth: int = 0) -> Step:
    """`step` with its component instead of a reference; so in pipelines that it is."""
    if isinstance(step, ConditionStep):
        return step
    if depth > _DEEPEST:
        raise Invalid(
            "Pipelines in pipelines go too deep.", target=where, hint=f"At most {_DEEPEST} levels."
        )
    told = step.component if isinstance(step, JobStep) else step.trial
    reference = step.reference
    if isinstance(told, str):
        try:
            found = find(told)
        except AmlError as error:
            raise error.at(f"{where}.component") from None
        told, reference = found.spec, found.reference
    if isinstance(step, SweepStep):
        if not isinstance(told, CommandComponent):
            raise Invalid("Only a command can be swept.", target=f"{where}.trial", hint="")
        return msgspec.structs.replace(step, trial=told, reference=reference)
    if isinstance(told, PipelineComponent):
        inner = {
            name: written_out(f"{where}.jobs.{name}", one, find, depth + 1)
            for name, one in told.jobs.items()
        }
        told = msgspec.structs.replace(told, jobs=inner)
    return msgspec.structs.replace(step, component=told, reference=reference)


def settled_steps(
    where: str, spec: PipelineJob, boot: str
) -> Asking[tuple[dict[str, Step], list[str]]]:
    """Every step of `spec` settled, and warnings."""
    done: dict[str, Step] = {}
    said: list[str] = []
    for name, step in spec.jobs.items():
        if isinstance(step, ConditionStep):
            done[name] = step
            continue
        place = f"{where}.{name}"
        component = component_of(step)
        if isinstance(component, PipelineComponent):
            settled, more = yield from _inner(place, spec, name, component, boot)
        else:
            settled, more = yield from settled_program(place, spec, name, step, boot)
        done[name] = settled
        said += [f"{name}: {text}" for text in more]
    return done, said


def _inner(
    place: str, spec: PipelineJob, name: str, component: PipelineComponent, boot: str
) -> Asking[tuple[Step, list[str]]]:
    """A pipeline as a step: its steps are settled as those of the pipeline that it will be."""
    step = spec.jobs[name]
    assert isinstance(step, JobStep)
    inner = job_of(spec, name, _words_given(spec, step, component), boot)
    assert isinstance(inner, PipelineJob)
    check_bindings(place, component)
    settled, said = yield from settled_steps(f"{place}.jobs", inner, boot)
    component = msgspec.structs.replace(component, jobs=settled)
    return msgspec.structs.replace(step, component=component), said


def _words_given(
    spec: PipelineJob, step: JobStep, component: PipelineComponent
) -> dict[str, InputValue]:
    """Its inputs as far as they are texts that are known now: a compute may be bound to one."""
    found: dict[str, InputValue] = {
        name: port.default or "" for name, port in component.inputs.items()
    }
    for name, value in step.inputs.items():
        source = bindings.source(spec.jobs, value, name)
        if isinstance(source, bindings.OfPipeline):
            value = spec.inputs.get(source.input, "")
        found[name] = value if isinstance(value, str) and bindings.read(value, name) is None else ""
    return found


def check_bindings(place: str, component: PipelineComponent) -> None:
    """Its bindings. The SDK declares not every input, so any name of one is taken."""
    check(component.jobs, None, component.outputs, where=f"{place}.jobs")
