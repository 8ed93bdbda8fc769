"""A job as run history tells it: a run, and a run's details."""

from __future__ import annotations

from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.model.job import Job
from jupyter_aml.model.names import LOCAL
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.jobs.document import properties
from jupyter_aml.service.arm.jobs.wire import Json
from jupyter_aml.service.arm.scope import TENANT, USER, Scope

_DATA_TYPES = ("uri_file", "uri_folder", "mltable")
_RUN_TYPES = {"sweep": "azureml.HyperDrive", "pipeline": "azureml.PipelineRun"}
_PART, _WHOLE = "azureml.StepRun", "azureml.CommandJob"


def run(job: Job, context: Context, scope: Scope) -> Json:
    """The run of a job. Times that are not there yet are left out."""
    spec = job.spec
    kind = str(spec.__struct_config__.tag)
    said = properties(job, context, scope)
    user = {"userObjectId": USER, "userTenantId": TENANT, "userName": context.user or "local"}
    found: Json = {
        "runId": job.name,
        "rootRunId": spec.parent or job.name,
        "parentRunId": spec.parent or None,
        "experimentId": spec.experiment_name,
        "status": job.status,
        "createdUtc": job.created_at,
        "startTimeUtc": job.started_at,
        "endTimeUtc": job.ended_at,
        "lastModifiedUtc": job.ended_at or job.started_at or job.created_at,
        "createdBy": user,
        "lastModifiedBy": user,
        "displayName": said["displayName"],
        "description": spec.description,
        "hidden": job.archived,
        "runType": _RUN_TYPES.get(kind) or (_PART if spec.parent else _WHOLE),
        "target": spec.compute,
        "compute": {"target": spec.compute, "targetType": "amlcompute"},
        "tags": spec.tags,
        "properties": said["properties"],
        "services": {
            name: {"type": name, "endpoint": one.get("endpoint")}
            for name, one in said["services"].items()
        },
        "outputs": _outputs(job, said),
        "error": _error(job.error),
        "warnings": _warnings(job),
    }
    if spec.compute == LOCAL:
        found["compute"]["targetType"] = "local"
    return {name: value for name, value in found.items() if value is not None}


def details(job: Job, context: Context, scope: Scope, *, status: str, logs: Json) -> Json:
    """`status` is what is to be told; `logs` are names of log files to addresses."""
    found = run(job, context, scope)
    kept = (
        "runId rootRunId parentRunId target startTimeUtc endTimeUtc error warnings tags properties "
        "services outputs createdBy lastModifiedBy lastModifiedUtc compute"
    )
    told = {name: found[name] for name in kept.split() if name in found}
    told |= {"status": status, "createdTimeUtc": job.created_at, "logFiles": logs}
    if status != job.status:  # it has not ended yet, for this caller
        told.pop("endTimeUtc", None)
        told.pop("error", None)
    return told


def _outputs(job: Job, said: Json) -> Json:
    """Named ones. A model is told as data: one look at the data plane then finds them all."""
    found: Json = {}
    for name, one in said["outputs"].items():
        if name != "default":
            kind = one["jobOutputType"]
            found[name] = {
                "assetId": f"azureml://jobs/{job.name}/outputs/{name}",
                "type": kind if kind in _DATA_TYPES else "uri_folder",
            }
    return found


def _error(error: ErrorBody | None) -> Json | None:
    """What the SDK raises as `JobException`: the sentence, what to do, and the raw text."""
    if error is None:
        return None
    inner: Json = {"code": "UserError", "message": f"{error.message} {error.hint}".strip()}
    if error.target:
        inner["target"] = error.target
    if error.details:
        inner["details"] = [{"code": error.code, "message": text} for text in error.details]
    return {"error": inner}


def _warnings(job: Job) -> list[Json]:
    said = dict.fromkeys([*job.spec.warnings, *job.warnings])
    return [{"source": "local", "message": text} for text in said]
