"""A step of a pipeline as the job that it becomes. Pure: a spec and inputs in, a spec out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from jupyter_aml.model.component import (
    CommandComponent,
    ComponentOutput,
    ConditionStep,
    JobStep,
    ParallelComponent,
    ParallelSettings,
    PipelineComponent,
    Step,
    SweepStep,
)
from jupyter_aml.model.environment import EnvironmentContent
from jupyter_aml.model.job import CommandJob, Input, InputValue, JobSpec, Output, SweepJob
from jupyter_aml.model.pipeline import PipelineJob
from jupyter_aml.service.pipelines import bindings, ports
from jupyter_aml.service.pipelines.graph import component_of

Program = CommandComponent | ParallelComponent

_INPUT = re.compile(r"\$\{\{\s*inputs\.([^\s{}]+)\s*\}\}")
_OUTPUT = re.compile(r"\$\{\{\s*outputs\.([^\s{}]+)\s*\}\}")
_PARALLEL = ParallelSettings(
    mini_batch_size=1,
    max_concurrency_per_instance=1,
    error_threshold=-1,
    mini_batch_error_threshold=-1,
    max_retries=2,
    timeout=60,
    logging_level="info",
)
"""Azure's own defaults."""

ROWS = "parallel_run_step.txt"
"""Azure's own name of the file with all rows, in an output that is a folder."""


def job_name(pipeline: str, step: str) -> str:
    """Of the job that a step becomes."""
    return f"{pipeline}-{step}"


def job_of(
    pipeline: PipelineJob, name: str, inputs: Mapping[str, InputValue], boot: str
) -> JobSpec:
    """The step `name` of a settled pipeline, with its inputs as they are.

    `boot` is the file that the runner is started by.
    """
    step = pipeline.jobs[name]
    assert isinstance(step, JobStep | SweepStep)
    component = component_of(step)
    assert component is not None
    outputs = outputs_of(pipeline, step)
    if isinstance(component, PipelineComponent):
        return _nested(pipeline, name, component, dict(inputs), outputs)
    shared = _shared(pipeline, name, step, component)
    shared["outputs"] = outputs
    if isinstance(step, SweepStep):
        return _sweep(step, component, dict(inputs), shared)
    if isinstance(component, ParallelComponent):
        return _parallel(component, step, dict(inputs), shared, boot)
    shared["distribution"] = step.distribution or component.distribution
    return CommandJob(command=component.command, inputs=dict(inputs), **shared)


def environment_of(
    step: JobStep | SweepStep, component: Program
) -> tuple[str, EnvironmentContent | None]:
    """What the step says, else the component."""
    if step.environment or step.environment_content is not None:
        return step.environment or "kernel", step.environment_content
    return component.environment, component.environment_content


def environments_of(jobs: Mapping[str, Step]) -> Iterator[str]:
    """What the programs of accepted steps run in, those of nested pipelines too."""
    for step in jobs.values():
        component = component_of(step)
        if isinstance(step, ConditionStep) or component is None:
            continue
        if isinstance(component, PipelineComponent):
            yield from environments_of(component.jobs)
        else:
            yield environment_of(step, component)[0]


def _words(pipeline: PipelineJob, name: str, step: JobStep | SweepStep) -> dict[str, Any]:
    compute = bindings.compute(step.compute, pipeline.inputs, f"jobs.{name}.compute")
    return {
        "compute": compute or pipeline.compute,
        "display_name": step.display_name or name,
        "description": step.description,
        "experiment_name": pipeline.experiment_name,
        "tags": step.tags,
        "properties": step.properties,
        "timeout": step.timeout,
    }


def _shared(
    pipeline: PipelineJob, name: str, step: JobStep | SweepStep, component: Program
) -> dict[str, Any]:
    """What a job of any kind is asked for with."""
    environment, content = environment_of(step, component)
    variables = component.environment_variables | step.environment_variables
    return _words(pipeline, name, step) | {
        "environment": environment,
        "environment_content": content,
        "python": component.python or pipeline.python,
        "environment_variables": pipeline.environment_variables | variables,
        "code": component.code,
        "instance_count": step.instance_count or component.instance_count,
        "retries": step.retries,
        "warnings": [*component.warnings, *step.warnings],
    }


# -- outputs ------------------------------------------------------------------------------


def outputs_of(pipeline: PipelineJob, step: JobStep | SweepStep) -> dict[str, Output]:
    """Every output that the component declares, where the step or the pipeline want it."""
    component = component_of(step)
    assert component is not None
    found: dict[str, Output] = {}
    for name, port in component.outputs.items():
        told = step.outputs.get(name, Output())
        if target := bindings.goal(told):
            told = _as_goal(told, pipeline.outputs.get(target, Output()))
        found[name] = _of_port(port, told)
    return found


def _as_goal(told: Output, goal: Output) -> Output:
    """What the pipeline says of its output; the step's own mode where that has none."""
    mode = goal.mode if goal.mode != "rw_mount" else told.mode
    return msgspec.structs.replace(goal, mode=mode)


def _of_port(port: ComponentOutput, told: Output) -> Output:
    if port.type in ports.VALUES:
        kind = "uri_file"
    else:
        kind = told.type if port.type == "path" else port.type
    mode = told.mode
    if mode == "rw_mount" and port.mode in ("upload", "direct"):
        mode = port.mode
    return msgspec.structs.replace(told, type=kind, mode=mode)


# -- kinds --------------------------------------------------------------------------------


def _nested(
    pipeline: PipelineJob,
    name: str,
    component: PipelineComponent,
    inputs: dict[str, InputValue],
    outputs: dict[str, Output],
) -> PipelineJob:
    step = pipeline.jobs[name]
    assert isinstance(step, JobStep)
    return PipelineJob(
        jobs=component.jobs,
        component=step.reference,
        inputs=inputs,
        outputs=outputs,
        settings=pipeline.settings,
        python=pipeline.python,
        environment_variables=pipeline.environment_variables | step.environment_variables,
        **_words(pipeline, name, step),
    )


def _sweep(
    step: SweepStep, component: Program, inputs: dict[str, InputValue], shared: dict[str, Any]
) -> SweepJob:
    assert isinstance(component, CommandComponent)

    def searched(match: re.Match[str]) -> str:
        name = match[1]
        return f"${{{{search_space.{name}}}}}" if name in step.search_space else match[0]

    return SweepJob(
        command=_INPUT.sub(searched, component.command),
        inputs={name: value for name, value in inputs.items() if name not in step.search_space},
        search_space=step.search_space,
        sampling=step.sampling,
        objective=step.objective,
        limits=step.limits,
        early_termination=step.early_termination,
        distribution=component.distribution,
        **shared,
    )


def parallel_settings(component: ParallelComponent, step: JobStep) -> ParallelSettings:
    """The step's own over the component's over Azure's defaults."""
    found = _PARALLEL
    for told in (component.settings, step.parallel):
        given = {n: v for n in told.__struct_fields__ if (v := getattr(told, n)) is not None}
        found = msgspec.structs.replace(found, **given)
    return found


def _parallel(
    component: ParallelComponent,
    step: JobStep,
    inputs: dict[str, InputValue],
    shared: dict[str, Any],
    boot: str,
) -> CommandJob:
    """The batch driver over the files of one input; see `runner.batch`."""
    settings = msgspec.structs.asdict(parallel_settings(component, step))
    source, rows = (
        _INPUT.fullmatch(component.input_data),
        _OUTPUT.fullmatch(component.append_row_to),
    )
    settings |= {
        "scoring_script": component.entry_script,
        "output_action": "append_row" if rows else "summary_only",
        "output_file_name": ROWS,
    }
    if rows and shared["outputs"][rows[1]].type == "uri_file":
        settings["output_file_name"] = ""  # the output itself is the file
    if component.model:
        inputs = {"model": Input(path=component.model, type="custom_model"), **inputs}
    model = "${{inputs.model}}" if component.model else ""
    goal = f"${{{{outputs.{rows[1]}}}}}" if rows else "."
    words = f'"${{{{inputs.{source[1] if source else ""}}}}}" "{model}" "{goal}"'
    line = f'python "{boot}" batch {words} {component.program_arguments}'
    variables = shared.pop("environment_variables")
    return CommandJob(
        command=line.strip(),
        inputs=inputs,
        environment_variables={**variables, "JUPYTER_AML_BATCH": json.dumps(settings)},
        **shared,
    )
