"""A step that is a program (a command, a sweep, files in parallel), settled as a job would be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from jupyter_aml.model.component import (
    CommandComponent,
    JobStep,
    ParallelComponent,
    Step,
    SweepStep,
)
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import CommandJob, Input, InputValue, SweepJob
from jupyter_aml.model.pipeline import PipelineJob
from jupyter_aml.service.pipelines import bindings, ports
from jupyter_aml.service.pipelines.graph import component_of
from jupyter_aml.service.pipelines.settling.asking import Asking, ask
from jupyter_aml.service.pipelines.steps import Program, job_of


def settled_program(
    place: str, spec: PipelineJob, name: str, step: JobStep | SweepStep, boot: str
) -> Asking[tuple[Step, list[str]]]:
    component = component_of(step)
    assert isinstance(component, CommandComponent | ParallelComponent)
    if isinstance(component, ParallelComponent):
        _check_parallel(place, component)
    probe = job_of(spec, name, _placeholders(spec, step, component), boot)
    # What the job is told of an output of the pipeline, the pipeline was asked already.
    outputs = {
        key: msgspec.structs.replace(one, path="", name="", version="", reference="")
        if key in step.outputs and bindings.goal(step.outputs[key])
        else one
        for key, one in probe.outputs.items()
    }
    answer = yield from ask(place, msgspec.structs.replace(probe, outputs=outputs))
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
    spec: PipelineJob, step: JobStep | SweepStep, component: Program
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
