"""A pipeline or a component as a document: the keys of ``az ml`` YAML.

`jupyter_aml.client.pipelinefile` reads them again. Pure: structs in, builtins out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from jupyter_aml.model.component import (
    CommandComponent,
    Component,
    ComponentSpec,
    ConditionStep,
    JobStep,
    ParallelComponent,
    ParallelSettings,
    PipelineComponent,
    Step,
    SweepStep,
)
from jupyter_aml.model.document_parts import (
    distribution_document,
    given,
    input_document,
    named,
    output_document,
    whole,
)
from jupyter_aml.model.pipeline import PipelineJob

DEFAULT_EXPERIMENT = "Default"


def pipeline_document(spec: PipelineJob) -> dict[str, Any]:
    """Fields that have their default are left out. Steps have their components written out."""
    fields = _told(spec, ("display_name", "description", "tags", "properties", "python"))
    fields |= _told(spec, ("environment_variables",))
    if spec.experiment_name != DEFAULT_EXPERIMENT:
        fields["experiment_name"] = spec.experiment_name
    fields["settings"] = {"default_compute": spec.compute, **_true(spec.settings)}
    if spec.timeout is not None:
        fields["limits"] = {"timeout": whole(spec.timeout)}
    if spec.inputs:
        fields["inputs"] = {key: input_document(one) for key, one in spec.inputs.items()}
    if spec.outputs:
        fields["outputs"] = {key: output_document(one, "") for key, one in spec.outputs.items()}
    fields["jobs"] = {name: step_document(step) for name, step in spec.jobs.items()}
    return fields


def component_document(component: Component) -> dict[str, Any]:
    """As ``component show`` prints it; less what was observed it is a component file again."""
    return {
        **spec_document(component.spec),
        "content": component.content,
        "anonymous": component.anonymous,
        "archived": component.archived,
        "created_at": component.created_at,
    }


READ_ONLY = frozenset({"content", "anonymous", "archived", "created_at", "creation_context", "id"})
"""Fields of a shown component that a component file may hold, to no effect."""


# -- components -----------------------------------------------------------------------------


def spec_document(spec: ComponentSpec) -> dict[str, Any]:
    fields: dict[str, Any] = {"type": str(spec.__struct_config__.tag)}
    fields |= _told(spec, ("name", "version", "display_name", "description", "tags"))
    if not spec.is_deterministic:
        fields["is_deterministic"] = False
    if spec.inputs:
        fields["inputs"] = _ports(spec.inputs)
    if spec.outputs:
        fields["outputs"] = _ports(spec.outputs)
    match spec:
        case CommandComponent():
            return fields | _command(spec)
        case ParallelComponent():
            return fields | _parallel(spec)
        case PipelineComponent():
            jobs = {name: step_document(step) for name, step in spec.jobs.items()}
            return fields | {"jobs": jobs}


def _command(spec: CommandComponent) -> dict[str, Any]:
    fields = {"command": spec.command, **_program(spec)}
    if spec.distribution is not None:
        fields["distribution"] = distribution_document(spec.distribution)
    return fields


def _program(spec: CommandComponent | ParallelComponent) -> dict[str, Any]:
    fields = _told(spec, ("code", "environment", "python", "environment_variables"))
    if spec.instance_count != 1:
        fields["resources"] = {"instance_count": spec.instance_count}
    return fields


def _parallel(spec: ParallelComponent) -> dict[str, Any]:
    program = _program(spec)
    task: dict[str, Any] = {"type": "run_function"}
    for key in ("code", "environment"):
        if key in program:
            task[key] = program.pop(key)
    task |= _told(spec, ("entry_script", "program_arguments", "append_row_to", "model"))
    return {"input_data": spec.input_data, **_settings(spec.settings), **program, "task": task}


def _settings(settings: ParallelSettings) -> dict[str, Any]:
    fields = given(settings)
    retry = {key: fields.pop(key) for key in ("max_retries", "timeout") if key in fields}
    return fields | ({"retry_settings": retry} if retry else {})


def _ports(found: Mapping[str, msgspec.Struct]) -> dict[str, Any]:
    return {name: _told(port, port.__struct_fields__) for name, port in found.items()}


# -- steps --------------------------------------------------------------------------------


def step_document(step: Step) -> dict[str, Any]:
    if isinstance(step, ConditionStep):
        return {"type": "if_else", **_told(step, ("condition", "true_block", "false_block"))}
    fields: dict[str, Any] = {}
    if step.inputs:
        fields["inputs"] = {key: _bound(input_document(one)) for key, one in step.inputs.items()}
    if step.outputs:
        fields["outputs"] = {
            key: _bound(output_document(one, "")) for key, one in step.outputs.items()
        }
    words = ("compute", "environment", "environment_variables", "display_name", "description")
    fields |= _told(step, (*words, "tags", "properties", "retries"))
    if step.instance_count is not None:
        fields["resources"] = {"instance_count": step.instance_count}
    if step.timeout is not None:
        fields["limits"] = {"timeout": whole(step.timeout)}
    return _job(step) | fields if isinstance(step, JobStep) else _sweep(step, fields)


def _job(step: JobStep) -> dict[str, Any]:
    told = step.component
    if isinstance(told, str):
        fields: dict[str, Any] = {"component": told}
    else:
        fields = {"type": str(told.__struct_config__.tag), "component": spec_document(told)}
    if step.distribution is not None:
        fields["distribution"] = distribution_document(step.distribution)
    return fields | _settings(step.parallel)


def _sweep(step: SweepStep, fields: dict[str, Any]) -> dict[str, Any]:
    trial = step.trial if isinstance(step.trial, str) else spec_document(step.trial)
    own: dict[str, Any] = {
        "type": "sweep",
        "trial": trial,
        "search_space": named(step.search_space),
        "sampling_algorithm": given(step.sampling),
        "objective": given(step.objective),
    }
    limits = {**fields.get("limits", {}), **given(step.limits)}
    if step.early_termination is not None:
        own["early_termination"] = given(step.early_termination)
    return own | fields | ({"limits": limits} if limits else {})


def _bound(document: Any) -> Any:
    """A binding alone, where it is all that is said."""
    if not isinstance(document, dict):
        return document
    fields = cast("dict[str, Any]", document)
    path = fields.get("path", "")
    is_plain = set(fields) <= {"type", "mode", "path"}
    is_plain = is_plain and fields["mode"] in ("ro_mount", "rw_mount")
    return path if is_plain and path.startswith("${{") else fields


def _told(struct: msgspec.Struct, names: tuple[str, ...]) -> dict[str, Any]:
    """Those fields that say something."""
    found = {name: getattr(struct, name) for name in names}
    return {name: one for name, one in found.items() if one not in ("", None, [], {}, False)}


def _true(struct: msgspec.Struct) -> dict[str, bool]:
    return {name: True for name in struct.__struct_fields__ if getattr(struct, name)}
