"""A pipeline or component as it was sent, to what is stored: checked, with everything written out.

Every program in it is checked and kept as a job of its own would be, by whoever drives the
generators here: each yields the spec of some job and is sent that spec as it was settled, or is
thrown the refusal. So checking (which keeps nothing) and settling take the same way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import Any, TypeVar

import msgspec

from jupyter_aml.model.component import (
    CommandComponent,
    Component,
    ComponentSpec,
    ConditionStep,
    JobStep,
    ParallelComponent,
    PipelineComponent,
    Step,
    SweepStep,
)
from jupyter_aml.model.errors import AmlError, Invalid
from jupyter_aml.model.job import CommandJob, Input, InputValue, JobSpec, Output, SweepJob
from jupyter_aml.model.pipeline import MOST_STEPS, PipelineJob
from jupyter_aml.service.pipelines import bindings, ports, steps
from jupyter_aml.service.pipelines.graph import check, component_of

T = TypeVar("T")
Asking = Generator[JobSpec, JobSpec, T]

Find = Callable[[str], Component]
"""The component of a reference. Raises `NotFound`."""

_DEEPEST = 10
"""Pipelines in pipelines: one that holds itself would never end."""


def drive(asking: Asking[T], check: Callable[[JobSpec], JobSpec]) -> T:
    """Keep nothing: `check` answers."""
    try:
        spec = next(asking)
        while True:
            try:
                answer = check(spec)
            except AmlError as error:
                spec = asking.throw(error)
            else:
                spec = asking.send(answer)
    except StopIteration as end:
        return end.value


async def drive_settling(asking: Asking[T], settle: Callable[[JobSpec], Awaitable[JobSpec]]) -> T:
    """As `drive`; what `settle` answers is kept."""
    try:
        spec = next(asking)
        while True:
            try:
                answer = await settle(spec)
            except AmlError as error:
                spec = asking.throw(error)
            else:
                spec = asking.send(answer)
    except StopIteration as end:
        return end.value


def _ask(where: str, spec: JobSpec) -> Asking[JobSpec]:
    """`spec` settled; a refusal says where in the pipeline it stands."""
    try:
        return (yield spec)
    except AmlError as error:
        target = f"{where}.{error.target}" if error.target else where
        raise type(error)(
            error.message, target=target, hint=error.hint, details=error.details
        ) from None


# -- pipelines ----------------------------------------------------------------------------


def pipeline(spec: PipelineJob, find: Find, boot: str) -> Asking[PipelineJob]:
    """`spec` as it is stored."""
    spec = _with_jobs(spec, find)
    own = yield from _own(spec)
    jobs = {name: _written_out(f"jobs.{name}", one, find) for name, one in spec.jobs.items()}
    spec = msgspec.structs.replace(
        spec,
        jobs=jobs,
        inputs={**spec.inputs, **own.inputs},
        outputs=own.outputs,
        environment=own.environment,
        python=own.python,
    )
    check(jobs, {name: _type(value) for name, value in spec.inputs.items()}, spec.outputs)
    _check_outputs(spec)
    settled, said = yield from _steps("jobs", spec, boot)
    return msgspec.structs.replace(
        spec,
        jobs=settled,
        display_name=spec.display_name or _title(spec),
        warnings=list(dict.fromkeys([*spec.warnings, *said])),
    )


def _with_jobs(spec: PipelineJob, find: Find) -> PipelineJob:
    """The steps of the component that it names, and its defaults."""
    if spec.component and not spec.jobs:
        found = find(spec.component)
        component = found.spec
        if not isinstance(component, PipelineComponent):
            raise Invalid(
                f"{found.reference} is no pipeline.",
                target="component",
                hint="Make it a step of a pipeline: jobs: {NAME: {component: …}}.",
            )
        ports.check_names("job", component, spec.inputs)
        given = {
            name: ports.check_value(f"inputs.{name}", component.inputs[name], value)
            if name in component.inputs
            else value
            for name, value in spec.inputs.items()
        }
        spec = msgspec.structs.replace(
            spec,
            component=found.reference,
            jobs=component.jobs,
            inputs=_defaults(component) | given,
            outputs={name: Output() for name in component.outputs} | spec.outputs,
        )
    if not spec.jobs:
        raise Invalid(
            "The pipeline has no steps.", target="jobs", hint="Write some: jobs: {NAME: {…}}."
        )
    if len(spec.jobs) > MOST_STEPS:
        raise Invalid(f"{len(spec.jobs)} steps are more than {MOST_STEPS}.", target="jobs")
    return spec


def _defaults(component: ComponentSpec) -> dict[str, InputValue]:
    found = component.inputs.items()
    return {name: port.default for name, port in found if port.default is not None}


def _own(spec: PipelineJob) -> Asking[CommandJob]:
    """Inputs and outputs of the pipeline itself, and what its steps have of it."""
    data: dict[str, InputValue] = {
        name: value for name, value in spec.inputs.items() if isinstance(value, Input)
    }
    asked = CommandJob(
        command="true",
        inputs=data,
        outputs=spec.outputs,
        environment_variables=spec.environment_variables,
        tags=spec.tags,
        compute=spec.compute,
        environment=spec.environment,
        python=spec.python,
    )
    try:
        answer = yield asked
    except AmlError as error:
        if error.target != "compute" or all(_has_compute(one) for one in spec.jobs.values()):
            raise
        raise type(error)(
            error.message,
            target="settings.default_compute",
            hint=error.hint,
            details=error.details,
        ) from None
    assert isinstance(answer, CommandJob)
    return answer


def _has_compute(step: Step) -> bool:
    return isinstance(step, ConditionStep) or bool(step.compute)


def _type(value: InputValue) -> str:
    if isinstance(value, Input):
        return value.type or ""
    return "string"


def _check_outputs(spec: PipelineJob) -> None:
    made = bindings.producers(spec.jobs)
    for name in spec.outputs:
        if name not in made:
            raise Invalid(
                f"No step writes the pipeline's output {name}.",
                target=f"outputs.{name}",
                hint=f"In the step's outputs: OUTPUT: ${{{{parent.outputs.{name}}}}}",
            )


def _title(spec: PipelineJob) -> str:
    return " → ".join(list(spec.jobs)[:4])[:60]


# -- steps --------------------------------------------------------------------------------


def _written_out(where: str, step: Step, find: Find, depth: int = 0) -> Step:
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
            raise type(error)(
                error.message, target=f"{where}.component", hint=error.hint, details=error.details
            ) from None
        told, reference = found.spec, found.reference
    if isinstance(step, SweepStep):
        if not isinstance(told, CommandComponent):
            raise Invalid("Only a command can be swept.", target=f"{where}.trial", hint="")
        return msgspec.structs.replace(step, trial=told, reference=reference)
    if isinstance(told, PipelineComponent):
        inner = {
            name: _written_out(f"{where}.jobs.{name}", one, find, depth + 1)
            for name, one in told.jobs.items()
        }
        told = msgspec.structs.replace(told, jobs=inner)
    return msgspec.structs.replace(step, component=told, reference=reference)


def _steps(where: str, spec: PipelineJob, boot: str) -> Asking[tuple[dict[str, Step], list[str]]]:
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
            settled, more = yield from _program_step(place, spec, name, step, boot)
        done[name] = settled
        said += [f"{name}: {text}" for text in more]
    return done, said


def _inner(
    place: str, spec: PipelineJob, name: str, component: PipelineComponent, boot: str
) -> Asking[tuple[Step, list[str]]]:
    """A pipeline as a step: its steps are settled as those of the pipeline that it will be."""
    step = spec.jobs[name]
    assert isinstance(step, JobStep)
    inner = steps.job_of(spec, name, _words_given(spec, step, component), boot)
    assert isinstance(inner, PipelineJob)
    _check_inner(place, component)
    settled, said = yield from _steps(f"{place}.jobs", inner, boot)
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


def _check_inner(place: str, component: PipelineComponent) -> None:
    """Its bindings. The SDK declares not every input, so any name of one is taken."""
    check(component.jobs, None, component.outputs, where=f"{place}.jobs")


def _program_step(
    place: str, spec: PipelineJob, name: str, step: JobStep | SweepStep, boot: str
) -> Asking[tuple[Step, list[str]]]:
    component = component_of(step)
    assert isinstance(component, CommandComponent | ParallelComponent)
    if isinstance(component, ParallelComponent):
        _check_parallel(place, component)
    probe = steps.job_of(spec, name, _placeholders(spec, step, component), boot)
    # What the job is told of an output of the pipeline, the pipeline was asked already.
    outputs = {
        key: msgspec.structs.replace(one, path="", name="", version="", reference="")
        if key in step.outputs and bindings.goal(step.outputs[key])
        else one
        for key, one in probe.outputs.items()
    }
    answer = yield from _ask(place, msgspec.structs.replace(probe, outputs=outputs))
    assert isinstance(answer, CommandJob | SweepJob)
    component = msgspec.structs.replace(
        component,
        code=answer.code,
        environment=answer.environment,
        environment_content=None,
        python=answer.python,
        warnings=[],
    )
    own = {
        key: value
        for key, value in answer.inputs.items()
        if isinstance(value, Input)
        and key in step.inputs
        and bindings.read(step.inputs[key], place) is None
    }
    shared: dict[str, Any] = {
        "inputs": {**step.inputs, **own},
        "environment": "",
        "environment_content": None,
        "warnings": [],
    }
    if isinstance(step, SweepStep):
        assert isinstance(component, CommandComponent)
        return msgspec.structs.replace(step, trial=component, **shared), answer.warnings
    return msgspec.structs.replace(step, component=component, **shared), answer.warnings


def _placeholders(
    spec: PipelineJob, step: JobStep | SweepStep, component: steps.Program
) -> dict[str, InputValue]:
    """What is known of its inputs; an empty text stands for what an earlier step will leave."""
    found: dict[str, InputValue] = {
        name: port.default or ""
        for name, port in component.inputs.items()
        if not port.optional or name in step.inputs
    }
    for name, value in step.inputs.items():
        source = bindings.source(spec.jobs, value, name)
        if source is None and name in component.inputs:
            found[name] = ports.check_value(f"inputs.{name}", component.inputs[name], value)
        else:
            found[name] = ""
    return found


def _check_parallel(place: str, component: ParallelComponent) -> None:
    for field, group in (("input_data", "inputs"), ("append_row_to", "outputs")):
        text = getattr(component, field)
        declared: Mapping[str, object] = getattr(component, group)
        if not text and field == "append_row_to":
            continue
        if not any(text.replace(" ", "") == f"${{{{{group}.{name}}}}}" for name in declared):
            raise Invalid(
                f"{text!r} names none of the {group}.",
                target=f"{place}.{field}",
                hint=f"Write ${{{{{group}.NAME}}}}; there are: {', '.join(declared) or 'none'}.",
            )


# -- components -----------------------------------------------------------------------------


def component(spec: ComponentSpec, find: Find, boot: str) -> Asking[ComponentSpec]:
    """`spec` as it is registered."""
    _check_ports(spec)
    if isinstance(spec, PipelineComponent):
        jobs = {name: _written_out(f"jobs.{name}", one, find) for name, one in spec.jobs.items()}
        spec = msgspec.structs.replace(spec, jobs=jobs)
        _check_inner("component", spec)
        settled, _ = yield from _steps("jobs", _here(spec.jobs), boot)
        kept = {name: _as_told(one, spec.jobs[name]) for name, one in settled.items()}
        return msgspec.structs.replace(spec, jobs=kept)
    settled, _ = yield from _steps("", _here({"it": JobStep(component=spec)}), boot)
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
