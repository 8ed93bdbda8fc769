"""A pipeline job, settled: the door of `create` and of `check`."""

from __future__ import annotations

import msgspec

from jupyter_aml.model.component import (
    ComponentSpec,
    ConditionStep,
    PipelineComponent,
    Step,
)
from jupyter_aml.model.errors import AmlError, Invalid
from jupyter_aml.model.job import CommandJob, Input, InputValue, Output
from jupyter_aml.model.pipeline import MOST_STEPS, PipelineJob
from jupyter_aml.service.pipelines import bindings, ports
from jupyter_aml.service.pipelines.graph import check
from jupyter_aml.service.pipelines.settling.asking import Asking
from jupyter_aml.service.pipelines.settling.steps import Find, settled_steps, written_out


def settled_pipeline(spec: PipelineJob, find: Find, boot: str) -> Asking[PipelineJob]:
    """`spec` as it is stored."""
    spec = _with_jobs(spec, find)
    own = yield from _own(spec)
    jobs = {name: written_out(f"jobs.{name}", one, find) for name, one in spec.jobs.items()}
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
    settled, said = yield from settled_steps("jobs", spec, boot)
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
        raise error.at("settings.default_compute") from None
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
