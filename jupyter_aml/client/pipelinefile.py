"""The part of an ``az ml`` pipeline file that a command-job file has not: see `client.jobfile`.

Also read: pipelines as components, whose steps are the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import msgspec

from jupyter_aml.client.componentfile import (
    is_file,
    of_file,
    read_component,
    read_parallel,
    read_parallel_settings,
    read_program,
)
from jupyter_aml.client.jobdata import read_inputs, read_outputs
from jupyter_aml.client.jobenvironment import read_environment
from jupyter_aml.client.jobparts import (
    left_aside,
    read_compute,
    read_distribution,
    read_instance_count,
    read_timeout,
)
from jupyter_aml.client.sweepfile import read_sweep
from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model import not_here
from jupyter_aml.model.component import (
    CommandComponent,
    ComponentInput,
    ComponentOutput,
    ComponentSpec,
    ConditionStep,
    JobStep,
    ParallelComponent,
    PipelineComponent,
    PortType,
    Step,
    SweepStep,
)
from jupyter_aml.model.job import Input, InputValue, Output
from jupyter_aml.model.pipeline import PipelineSettings

_KINDS = ("command", "sweep", "parallel", "pipeline", "if_else")
_BINDING = re.compile(r"\s*\$\{\{\s*(?:parent\.)?(inputs|outputs|jobs)\.([^\s{}]+)\s*\}\}\s*")


def read_pipeline(
    fields: Fields, folder: Path, home: Path | None, warnings: list[str]
) -> dict[str, Any]:
    """Steps, settings and the default compute, as fields of a `PipelineJob`."""
    inputs = read_inputs(fields, folder, warnings)
    outputs = read_outputs(fields, folder, home, warnings)
    compute, settings = _settings(fields, warnings)
    found: dict[str, Any] = {
        "compute": read_compute(fields) or compute or "local",
        "settings": settings,
        "inputs": inputs,
        "outputs": outputs,
    }
    told = fields.take("component")
    if told is None:
        types: dict[str, PortType] = {name: _type_of_value(value) for name, value in inputs.items()}
        return found | {"jobs": read_jobs(fields, folder, home, types)}
    component = _component(fields, "component", told, folder)
    if isinstance(component, str):
        return found | {"component": component}
    if not isinstance(component, PipelineComponent):
        fields.refuse("component", "is no pipeline", "Make it a step: jobs: {NAME: {component: …}}")
    defaults: dict[str, InputValue] = {
        name: port.default for name, port in component.inputs.items() if port.default is not None
    }
    declared = {name: Output() for name in component.outputs}
    return found | {
        "jobs": component.jobs,
        "inputs": defaults | inputs,
        "outputs": declared | outputs,
    }


def read_pipeline_component(
    fields: Fields, folder: Path, shared: dict[str, Any], warnings: list[str]
) -> PipelineComponent:
    """`shared` is what every component has; its ports are known by it."""
    left_aside(fields, {"settings": "settings of a pipeline component are not used"}, warnings)
    declared: dict[str, ComponentInput] = shared["inputs"]
    types: dict[str, PortType] = {name: port.type for name, port in declared.items()}
    return PipelineComponent(jobs=read_jobs(fields, folder, None, types), **shared)


def _settings(fields: Fields, warnings: list[str]) -> tuple[str, PipelineSettings]:
    inner = fields.fields("settings")
    if inner is None:
        return "", PipelineSettings()
    compute = read_compute(inner, "default_compute")
    store = inner.text("default_datastore").removeprefix("azureml:").rpartition("/")[2]
    if store not in ("", "workspaceblobstore"):
        warnings.append(f"settings.default_datastore {store} is not used: outputs stay with steps.")
    given = {key: inner.take(key) is True for key in ("force_rerun", "continue_on_step_failure")}
    left_aside(inner, {"_source": "", "on_init": "on_init", "on_finalize": "on_finalize"}, [])
    inner.finish()
    return compute, PipelineSettings(**given)


# -- steps --------------------------------------------------------------------------------


def read_jobs(
    fields: Fields, folder: Path, home: Path | None, types: Mapping[str, PortType]
) -> dict[str, Step]:
    """The steps; `types` are those of the pipeline's own inputs."""
    inner = fields.fields("jobs")
    if inner is None:
        fields.refuse("jobs", "is missing: the steps by name", "As in  jobs: {train: {…}}")
    found = {name: _step(inner, name, folder, home) for name in inner.keys()}  # noqa: SIM118
    return {name: _inferred(step, found, types) for name, step in found.items()}


def _step(jobs: Fields, name: str, folder: Path, home: Path | None) -> Step:
    fields = jobs.fields(name)
    if fields is None:
        jobs.refuse(name, "has no fields")
    fields.take("$schema")
    kind = fields.kind(_KINDS, "Steps")
    if kind == "if_else":
        step: Step = _condition(fields)
    elif kind == "sweep":
        step = _sweep(fields, folder, home)
    else:
        step = _job(fields, kind, folder, home)
    fields.finish()
    return step


def _condition(fields: Fields) -> ConditionStep:
    told = fields.take("condition")
    return ConditionStep(
        condition=told if isinstance(told, bool) else str(told),
        true_block=_block(fields, "true_block"),
        false_block=_block(fields, "false_block"),
    )


def _block(fields: Fields, key: str) -> list[str]:
    """Names of steps, bare or as ``${{parent.jobs.STEP}}``."""
    told = fields.take(key)
    if told is None:
        return []
    names = cast("list[object]", told) if isinstance(told, list) else [told]
    bare = [(_BINDING.fullmatch(str(name)), str(name)) for name in names]
    return [name if match is None else match[2] for match, name in bare]


def _job(fields: Fields, kind: str, folder: Path, home: Path | None) -> JobStep:
    warnings: list[str] = []
    inputs, outputs = _inputs(fields, folder, warnings), _outputs(fields, folder, home, warnings)
    words = _words(fields, warnings)
    told = fields.take("component")
    if told is None:
        component = _written_out(fields, kind, folder, inputs, outputs, warnings)
        return JobStep(component=component, inputs=inputs, outputs=outputs, **words)
    component = _component(fields, "component", told, folder)
    environment = _override(fields, folder, warnings)
    return JobStep(
        component=component,
        inputs=inputs,
        outputs=outputs,
        distribution=read_distribution(fields),
        parallel=read_parallel_settings(fields, warnings),
        instance_count=read_instance_count(fields, warnings),
        environment_variables=fields.texts("environment_variables"),
        timeout=read_timeout(fields),
        **environment,
        **words,
    )


def _words(fields: Fields, warnings: list[str]) -> dict[str, Any]:
    left_aside(fields, {k: v for k, v in not_here.JOB.items() if k != "properties"}, warnings)
    for key in ("name", "comment", "experiment_name", "$schema"):
        fields.take(key)
    return {
        "compute": read_compute(fields),
        "display_name": fields.text("display_name"),
        "description": fields.text("description"),
        "tags": fields.texts("tags"),
        "properties": fields.texts("properties"),
        "retries": fields.integer("retries", 0, 100) or 0,
        "warnings": warnings,
    }


def _override(fields: Fields, folder: Path, warnings: list[str]) -> dict[str, Any]:
    if "environment" not in fields:
        return {}
    environment, content = read_environment(fields, folder, warnings)
    return {"environment": environment, "environment_content": content}


def _component(fields: Fields, key: str, told: object, folder: Path) -> str | ComponentSpec:
    """A reference as it is; a file, or what is written out, as the component that it is."""
    if isinstance(told, str):
        return of_file(told, folder) if is_file(told) else told
    inner = Fields(told, fields.label, f"{fields.path}.{key}")
    spec, warnings = read_component(inner, folder)
    if isinstance(spec, CommandComponent | ParallelComponent):
        spec = msgspec.structs.replace(spec, warnings=[*spec.warnings, *warnings])
    return spec


def _written_out(
    fields: Fields,
    kind: str,
    folder: Path,
    inputs: Mapping[str, InputValue],
    outputs: Mapping[str, Output],
    warnings: list[str],
) -> ComponentSpec:
    """A step without a component: its inputs and outputs are declared by being given."""
    if kind == "pipeline" or "jobs" in fields:
        hint = "Write its steps into a file of their own: component: ./inner.yml"
        fields.refuse("component", "is missing: a pipeline in a pipeline is a component", hint)
    shared: dict[str, Any] = {
        "inputs": {name: ComponentInput(type=_type_of_value(v)) for name, v in inputs.items()},
        "outputs": {name: ComponentOutput(type=one.type) for name, one in outputs.items()},
    }
    if kind == "parallel":
        return read_parallel(fields, folder, shared, warnings)
    command = fields.text("command")
    if not command.strip():
        fields.refuse("command", "is missing, and so is component: what is to run")
    return CommandComponent(
        command=command,
        distribution=read_distribution(fields),
        **read_program(fields, fields, folder, warnings),
        **shared,
    )


def _sweep(fields: Fields, folder: Path, home: Path | None) -> SweepStep:
    warnings: list[str] = []
    inputs, outputs = _inputs(fields, folder, warnings), _outputs(fields, folder, home, warnings)
    told = fields.take("trial")
    if told is None:
        fields.refuse("trial", "is missing: what each trial runs", "As in  trial: ./train.yml")
    given = _mapping(told)
    if given and "inputs" not in given:
        types = {name: {"type": _type_of_value(value)} for name, value in inputs.items()}
        made = {name: {"type": one.type} for name, one in outputs.items()}
        told = {**given, "inputs": types, "outputs": made}
    trial = _component(fields, "trial", told, folder)
    if not isinstance(trial, str | CommandComponent):
        fields.refuse("trial", "is no command")
    search = read_sweep(fields)
    return SweepStep(
        trial=trial,
        inputs=inputs,
        outputs=outputs,
        instance_count=read_instance_count(fields, warnings),
        environment_variables=fields.texts("environment_variables"),
        **_override(fields, folder, warnings),
        **search,
        **_words(fields, warnings),
    )


# -- inputs and outputs -------------------------------------------------------------------


def _inputs(fields: Fields, folder: Path, warnings: list[str]) -> dict[str, InputValue]:
    """As of a job; the path of data may be a binding."""
    inner = fields.fields("inputs")
    found: dict[str, InputValue] = {}
    for name in inner.keys() if inner is not None else ():
        assert inner is not None
        told: object = inner.take(name)
        if _is_binding(_mapping(told).get("path")):
            found[name] = _bound(Fields(told, inner.label, f"{inner.path}.{name}"))
            continue
        one = Fields({"inputs": {name: told}}, fields.label, fields.path)
        found |= read_inputs(one, folder, warnings)
    return found


def _bound(fields: Fields) -> Input:
    mode = fields.choice("mode", ("ro_mount", "download", "direct", "eval_mount", "eval_download"))
    path, kind = fields.text("path"), fields.text("type")
    fields.finish()
    return Input(path=path, type=cast("Any", kind or None), mode=cast("Any", mode or "ro_mount"))


def _outputs(
    fields: Fields, folder: Path, home: Path | None, warnings: list[str]
) -> dict[str, Output]:
    """As of a job; the path may be that of an output of the pipeline."""
    inner = fields.fields("outputs")
    found: dict[str, Output] = {}
    for name in inner.keys() if inner is not None else ():
        assert inner is not None
        told: object = inner.take(name)
        given = _mapping(told)
        path = given.get("path") if given else told
        if not _is_binding(path):
            one = Fields({"outputs": {name: told}}, fields.label, fields.path)
            found |= read_outputs(one, folder, home, warnings)
            continue
        goal = str(path)
        if given:
            rest = {key: value for key, value in given.items() if key != "path"}
            one = Fields({"outputs": {name: rest or None}}, fields.label, fields.path)
            made = read_outputs(one, folder, home, warnings)[name]
            found[name] = msgspec.structs.replace(made, path=goal)
        else:
            found[name] = Output(path=goal)
    return found


def _mapping(told: object) -> dict[str, Any]:
    """Fields, where it has any."""
    return cast("dict[str, Any]", told) if isinstance(told, dict) else {}


def _is_binding(value: object) -> bool:
    return isinstance(value, str) and _BINDING.fullmatch(value) is not None


def _type_of_value(value: InputValue) -> PortType:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, Input):
        return value.type or "path"
    return "path" if _is_binding(value) else "string"


def _inferred(step: Step, jobs: Mapping[str, Step], types: Mapping[str, PortType]) -> Step:
    """A step that was written out, with the types of what its inputs are bound to."""
    if isinstance(step, ConditionStep):
        return step
    component = step.component if isinstance(step, JobStep) else step.trial
    if isinstance(component, str) or component.name:
        return step
    ports = {
        name: msgspec.structs.replace(port, type=_type(step.inputs.get(name), port, jobs, types))
        for name, port in component.inputs.items()
    }
    component = msgspec.structs.replace(component, inputs=ports)
    key = "component" if isinstance(step, JobStep) else "trial"
    return msgspec.structs.replace(step, **{key: component})


def _type(
    value: InputValue | None,
    port: ComponentInput,
    jobs: Mapping[str, Step],
    types: Mapping[str, PortType],
) -> PortType:
    found = _BINDING.fullmatch(value) if isinstance(value, str) else None
    if found is None or port.type != "path":
        return port.type
    if found[1] == "inputs":
        return types.get(found[2], "path")
    step, _, output = found[2].partition(".outputs.")
    source = jobs.get(step)
    component = source.component if isinstance(source, JobStep) else None
    if component is None or isinstance(component, str) or output not in component.outputs:
        return "path"
    return component.outputs[output].type
