"""A job as a document: the keys of ``az ml`` command-job YAML, plus what was observed.

``job show`` prints it. Less its read-only fields it is a valid job file again
(`jupyter_aml.client.jobfile` reads those). Pure: structs in, builtins out.
"""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_aml.model.document_parts import (
    distribution_document,
    given,
    input_document,
    named,
    output_document,
    whole,
)
from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.model.job import (
    CellJob,
    CommandJob,
    Job,
    JobSpec,
    JobSummary,
    KernelJob,
    NotebookJob,
    Output,
    PipelineJob,
    ReusedJob,
    SweepJob,
)
from jupyter_aml.model.pipeline_document import pipeline_document

READ_ONLY = frozenset(
    {
        "status",
        "status_reason",
        "error",
        "created_at",
        "started_at",
        "ended_at",
        "exit_code",
        "attempt",
        "nodes",
        "archived",
        "last_seq",
        "progress",
        "doing",
        "new_files",
        "registered",
        "result",
        "receipt",
        "best_child",
        "warnings",
        # what az ml itself shows and never reads
        "creation_context",
        "id",
        "log_files",
    }
)
"""Fields of a shown job that say what was observed; a job file may hold them, to no effect."""

DEFAULT_EXPERIMENT = "Default"


def spec_document(spec: CommandJob, name: str = "") -> dict[str, Any]:
    """`spec` as a job file. Fields that have their default are left out."""
    fields: dict[str, Any] = {"name": name, "type": "command"} if name else {"type": "command"}
    fields["command"] = spec.command
    _common(fields, spec)
    if spec.inputs:
        fields["inputs"] = {key: input_document(value) for key, value in spec.inputs.items()}
    if spec.outputs:
        fields["outputs"] = {key: output_document(value, "") for key, value in spec.outputs.items()}
    if spec.cwd:
        fields["cwd"] = spec.cwd
    return fields


def job_document(job: Job) -> dict[str, Any]:
    """`job` as ``job show`` prints it: scripts rely on each of these fields."""
    spec = job.spec
    fields: dict[str, Any] = {"name": job.name, "type": _type(spec)}
    fields["display_name"] = spec.display_name or job.name
    fields |= {
        "status": job.status,
        "status_reason": job.status_reason,
        "error": error_document(job.error),
        "compute": spec.compute,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "exit_code": job.exit_code,
        "attempt": job.attempt,
        "experiment_name": spec.experiment_name,
        "tags": dict(spec.tags),
        "outputs": _outputs(job),
    }
    asked = _asked_document(spec)
    fields = {**fields, **{key: asked[key] for key in asked if key not in fields}}
    return fields | _observed(job)


def summary_document(summary: JobSummary) -> dict[str, Any]:
    """A row of ``job list``: the keys of `job_document`, as far as a row has them."""
    fields = {name: getattr(summary, name) for name in summary.__struct_fields__}
    fields["display_name"] = summary.display_name or summary.name
    fields["error"] = error_document(summary.error)
    fields["tags"] = dict(summary.tags)
    fields["outputs"] = {name: {"path": path} for name, path in summary.outputs.items()}
    fields["resources"] = {"instance_count": fields.pop("instance_count")}
    return fields


def error_document(error: ErrorBody | None) -> dict[str, Any] | None:
    """All five fields, whether set or not."""
    if error is None:
        return None
    return {
        "code": error.code,
        "message": error.message,
        "target": error.target,
        "hint": error.hint,
        "details": list(error.details),
    }


def _type(spec: JobSpec) -> str:
    return str(spec.__struct_config__.tag)


def _common(fields: dict[str, Any], spec: JobSpec) -> None:
    """The fields that every kind of job has, in the order of Azure's own files."""
    if spec.environment_variables:
        fields["environment_variables"] = dict(spec.environment_variables)
    for key in ("code", "environment", "compute", "display_name", "description", "python"):
        if value := getattr(spec, key):
            fields[key] = value
    if spec.experiment_name != DEFAULT_EXPERIMENT:
        fields["experiment_name"] = spec.experiment_name
    if spec.tags:
        fields["tags"] = dict(spec.tags)
    if spec.properties:
        fields["properties"] = dict(spec.properties)
    if spec.instance_count != 1:
        fields["resources"] = {"instance_count": spec.instance_count}
    if spec.distribution is not None:
        fields["distribution"] = distribution_document(spec.distribution)
    if spec.timeout is not None:
        fields["limits"] = {"timeout": whole(spec.timeout)}
    if spec.retries:
        fields["retries"] = spec.retries


def _asked_document(spec: JobSpec) -> dict[str, Any]:
    if isinstance(spec, CommandJob):
        return spec_document(spec)
    if isinstance(spec, SweepJob):
        return _sweep_document(spec)
    if isinstance(spec, PipelineJob):
        return pipeline_document(spec)
    if isinstance(spec, ReusedJob):
        return _reused_document(spec)
    if isinstance(spec, KernelJob):
        return _kernel_document(spec)
    return _notebook_document(spec) if isinstance(spec, NotebookJob) else _cell_document(spec)


def _sweep_document(spec: SweepJob) -> dict[str, Any]:
    """The keys of ``az ml`` sweep YAML; what concerns each trial is under ``trial``."""
    trial: dict[str, Any] = {"command": spec.command}
    for key in ("code", "environment", "python"):
        if value := getattr(spec, key):
            trial[key] = value
    if spec.environment_variables:
        trial["environment_variables"] = dict(spec.environment_variables)
    if spec.distribution is not None:
        trial["distribution"] = distribution_document(spec.distribution)
    fields: dict[str, Any] = {"trial": trial}
    _common(fields, spec)
    fields = {key: value for key, value in fields.items() if key not in trial}
    if spec.inputs:
        fields["inputs"] = {key: input_document(value) for key, value in spec.inputs.items()}
    if spec.outputs:
        fields["outputs"] = {key: output_document(value, "") for key, value in spec.outputs.items()}
    fields["search_space"] = named(spec.search_space)
    fields["sampling_algorithm"] = given(spec.sampling)
    fields["objective"] = given(spec.objective)
    limits = {**fields.get("limits", {}), **given(spec.limits)}
    if limits:
        fields["limits"] = limits
    if spec.early_termination is not None:
        fields["early_termination"] = given(spec.early_termination)
    if spec.cwd:
        fields["cwd"] = spec.cwd
    return fields


def _reused_document(spec: ReusedJob) -> dict[str, Any]:
    fields: dict[str, Any] = {"reused_from": spec.job}
    _common(fields, spec)
    if spec.inputs:
        fields["inputs"] = {key: input_document(value) for key, value in spec.inputs.items()}
    return fields


def _kernel_document(spec: KernelJob) -> dict[str, Any]:
    fields: dict[str, Any] = {"kernel": spec.kernel, "notebook": spec.notebook}
    _common(fields, spec)
    if spec.cwd:
        fields["cwd"] = spec.cwd
    return fields


def _notebook_document(spec: NotebookJob) -> dict[str, Any]:
    """Without the notebook's text, which is long, and is in the executed copy."""
    fields: dict[str, Any] = {"notebook": spec.notebook, "parameters": dict(spec.parameters)}
    _common(fields, spec)
    if spec.inputs:
        fields["inputs"] = {key: input_document(value) for key, value in spec.inputs.items()}
    if spec.cwd:
        fields["cwd"] = spec.cwd
    return fields


def _outputs(job: Job) -> dict[str, Any]:
    """What was asked for, and what the job has of itself: the executed copy of a notebook."""
    asked = job.spec.outputs
    own = {name: Output(type="uri_file") for name in job.outputs if name not in asked}
    return {
        name: output_document(value, job.outputs.get(name, ""))
        for name, value in (own | asked).items()
    }


def _cell_document(spec: CellJob) -> dict[str, Any]:
    fields: dict[str, Any] = {"source": spec.source}
    _common(fields, spec)
    fields["inputs"] = list(spec.variables.names)
    if spec.data:
        fields["data"] = {key: input_document(value) for key, value in spec.data.items()}
    for key in ("session", "cwd", "notebook", "cell_id"):
        if value := getattr(spec, key):
            fields[key] = value
    return fields


def _observed(job: Job) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "nodes": list(job.nodes),
        "archived": job.archived,
        "progress": job.progress,
        "doing": job.doing,
        "new_files": list(job.new_files),
        "registered": dict(job.registered),
        "warnings": list(dict.fromkeys([*job.spec.warnings, *job.warnings])),
    }
    if job.best_child:
        fields["best_child"] = job.best_child
    for key in ("result", "receipt"):
        value = getattr(job, key)
        fields[key] = None if value is None else msgspec.structs.asdict(value)
    return fields
