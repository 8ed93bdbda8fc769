"""A job as ARM's resource: what was asked for, and what was observed.

Jobs that Azure has no kind for (cells, notebooks) are told as command jobs: there, they would be.
"""

from __future__ import annotations

from pathlib import Path

from jupyter_aml.model.data import DEFAULT_DATASTORE
from jupyter_aml.model.job import CellJob, CommandJob, Job, JobSpec, NotebookJob
from jupyter_aml.model.pipeline import PipelineJob, ReusedJob
from jupyter_aml.model.references import in_datastore
from jupyter_aml.model.spec import JobFields
from jupyter_aml.model.sweep import SweepJob
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.jobs.pipelines import pipeline_said
from jupyter_aml.service.arm.jobs.sweeps import BEST, sweep_said
from jupyter_aml.service.arm.jobs.wire import Json
from jupyter_aml.service.arm.jobs.writing import command_said, job_said, output_uri, trial_said
from jupyter_aml.service.arm.remainder import restored
from jupyter_aml.service.arm.resource import resource
from jupyter_aml.service.arm.scope import Scope

ARTIFACT_STORE = "workspaceartifactstore"
KIND = "jupyter_aml.type"
"""The property that says what a job is that ARM calls a command job."""

REUSED, REUSED_JOB = "azureml.isreused", "azureml.reusedrunid"
"""Azure's properties of a step that did not run again."""

STUDIO = "/jobs"
"""Below the base address: where a job's "Web View" leads."""


async def document(job: Job, context: Context, scope: Scope) -> Json:
    """The whole resource, ready for JSON."""
    said = properties(job, context, scope)
    if isinstance(job.spec, SweepJob):
        best = (await context.jobs.trials(job.name)).best
        said["properties"] = said["properties"] | ({BEST: best} if best else {})
    return resource(
        scope,
        ("jobs", job.name),
        said,
        created_at=job.created_at,
        modified_at=job.ended_at or job.started_at or "",
        user=context.user,
    )


def properties(job: Job, context: Context, scope: Scope) -> Json:
    spec = job.spec
    found = restored(_said(spec, scope, job.name), spec.azure)
    found |= {
        "status": job.status,
        "isArchived": job.archived,
        "services": found.get("services", {}) | _services(job, context, scope),
    }
    found["outputs"] = _outputs(job, found.get("outputs", {}), context)
    return found


def spec_said(spec: JobSpec, scope: Scope) -> Json:
    """What a job that is yet to be made is asked for with."""
    return restored(_said(spec, scope, ""), spec.azure)


def artifact_root(job: str) -> str:
    """Where logs and files of a job lie in the artifact store's container."""
    return f"ExperimentRun/dcid.{job}"


def output_place(job: Job, name: str, context: Context) -> str:
    """The ``azureml://`` address of a named output."""
    asked = job.spec.outputs.get(name)
    uri = output_uri(asked, job.name) if asked is not None else ""
    if uri.startswith("azureml://"):
        return uri
    return in_datastore(DEFAULT_DATASTORE, f"azureml/{_below_jobs(job, name, context)}")


def _below_jobs(job: Job, name: str, context: Context) -> str:
    """``JOB/OUTPUT``, under which what lies in a job's own folder shows (see `blob.containers`).

    A pipeline's output lies in the folder of the step that wrote it.
    """
    try:
        there = Path(job.outputs.get(name, "")).relative_to(context.home / "jobs").as_posix()
    except ValueError:
        return f"{job.name}/{name}"
    owner, _, inner = there.partition("/outputs/")
    return f"{owner}/{inner}" if inner else f"{job.name}/{name}"


def _said(spec: JobSpec, scope: Scope, name: str) -> Json:
    if isinstance(spec, CommandJob):
        return command_said(spec, scope, name)
    if isinstance(spec, SweepJob):
        return sweep_said(spec, scope, name)
    if isinstance(spec, PipelineJob):
        return pipeline_said(spec, scope, name)
    return _as_command(spec, scope, name)


def _as_command(spec: JobFields, scope: Scope, name: str) -> Json:
    found = job_said(spec, scope, name) | trial_said(spec, scope)
    kind = str(spec.__struct_config__.tag)
    found["jobType"] = "Command"
    found["command"] = _first_line(spec) or kind
    found["inputs"] = {}
    found["properties"] = {**found["properties"], KIND: kind}
    if isinstance(spec, ReusedJob):
        # the SDK then fetches what the other job left
        found["properties"] |= {REUSED: "true", REUSED_JOB: spec.job}
    return found


def _first_line(spec: JobFields) -> str:
    if isinstance(spec, CellJob):
        return spec.source
    return f"notebook {spec.notebook}" if isinstance(spec, NotebookJob) else ""


def _services(job: Job, context: Context, scope: Scope) -> Json:
    # with a query: the SDK adds ``&tid=…`` to it
    web = f"{context.base}{STUDIO}/{job.name}?wsid={scope.workspace_id}"
    told = {"Studio": web, "Tracking": web}
    return {name: {"jobServiceType": name, "endpoint": endpoint} for name, endpoint in told.items()}


def _outputs(job: Job, said: Json, context: Context) -> Json:
    """Each with its place, and Azure's ``default``: logs and what lies in ``./outputs``."""
    found: Json = {
        "default": {
            "jobOutputType": "uri_folder",
            "mode": "ReadWriteMount",
            # without ``paths/``, as Azure tells it: the SDK takes the rest for the prefix
            "uri": f"azureml://datastores/{ARTIFACT_STORE}/{artifact_root(job.name)}",
        }
    }
    for name, one in said.items():
        found[name] = {**one, "uri": one.get("uri") or output_place(job, name, context)}
    for name in job.outputs:
        own: Json = {"jobOutputType": "uri_folder", "mode": "ReadWriteMount"}
        found.setdefault(name, own | {"uri": output_place(job, name, context)})
    return found
