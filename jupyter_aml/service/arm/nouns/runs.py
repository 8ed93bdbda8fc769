"""Run history: what the SDK follows, tags, hides and downloads a job by."""

from __future__ import annotations

from collections import OrderedDict
from weakref import WeakKeyDictionary

import msgspec

from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.job import CommandJob, Job, UpdateJob
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.queries import ListJobs
from jupyter_aml.model.references import JobOutput, parse
from jupyter_aml.service.arm.blob import account
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.jobs import run, wire
from jupyter_aml.service.arm.jobs.document import artifact_root, output_place
from jupyter_aml.service.arm.jobs.listing import page_of
from jupyter_aml.service.arm.message import Request, Response, json_response
from jupyter_aml.service.arm.nouns.batch_endpoints import DEPLOYMENT_TAG
from jupyter_aml.service.arm.paging import next_link
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import WS, Scope

HISTORY = "/history/v1.0" + WS
DATA = "/data/v1.0" + WS

_PAGE = 50
_LOG_SECONDS = 3600.0
"""How long the address of a log holds."""

_UNSEEN = "Finalizing"
"""What the first look at a job that has ended already is told, see `_status`."""
_MOST_SEEN = 10_000
_seen: WeakKeyDictionary[Context, OrderedDict[str, None]] = WeakKeyDictionary()


class _Modify(msgspec.Struct, rename="camel", frozen=True):
    """Of a run: what can be changed of it. What the SDK does not mean to change it leaves out."""

    hidden: bool | None = None
    display_name: str | None = None
    description: str | None = None
    tags: dict[str, str] | None = None
    properties: dict[str, str] | None = None


class _Ask(msgspec.Struct, rename="camel", frozen=True):
    run_id: str


class _Resolve(msgspec.Struct, frozen=True):
    values: list[str]


async def get(request: Request, context: Context) -> Response:
    job = await context.jobs.get(request.fields["name"])
    return json_response(run.run(job, context, request.scope))


async def details(request: Request, context: Context) -> Response:
    job = await context.jobs.get(request.fields["name"])
    logs = _logs(job, context)
    told = run.details(job, context, request.scope, status=_status(job, context), logs=logs)
    return json_response(told)


def _status(job: Job, context: Context) -> str:
    """`jobs.stream` prints a log only if the job has not ended at its first look.

    In Azure no job ends within the second that passes until then; here most do. So who looks
    for the first time sees the last state before the end, and looks once more, 2 s later.
    """
    seen = _seen.setdefault(context, OrderedDict())
    first = job.name not in seen
    seen[job.name] = None
    if len(seen) > _MOST_SEEN:
        seen.popitem(last=False)
    return _UNSEEN if first and job.status in JOB.final else job.status


def _logs(job: Job, context: Context) -> wire.Json:
    """The log that the SDK prints, under the name that it looks for."""
    name = "user_logs/std_log.txt"
    if job.started_at is None:
        return {}
    blob = f"{artifact_root(job.name)}/{name}"
    token = account.sas(context, "azureml", blob, permissions="r", seconds=_LOG_SECONDS)
    return {name: f"{account.url(context, 'azureml', blob)}?{token}"}


async def data(request: Request, context: Context) -> Response:
    asked = await request.struct(_Ask)
    job = await context.jobs.get(asked.run_id)
    told = run.run(job, context, request.scope)
    return json_response({"runMetadata": told, "runDefinition": None, "jobSpecification": None})


async def children(request: Request, context: Context) -> Response:
    """The parts of a sweep or pipeline, newest first. A batch call names itself, see `_is_call`."""
    parent = await context.jobs.get(request.fields["name"])
    if _is_call(parent):
        told = run.run(parent, context, request.scope)
        return json_response({"value": [told], "nextLink": None, "continuationToken": None})
    query = ListJobs(
        parent=parent.name,
        max_results=_PAGE,
        after=request.option("$skip"),
        include_archived=True,
    )
    page = await page_of(context.jobs, query)
    parts = [await context.jobs.get(row.name) for row in page.value]
    link = next_link(request, context, page.next) if page.next else None
    told = [run.run(part, context, request.scope) for part in parts]
    return json_response({"value": told, "nextLink": link, "continuationToken": page.next or None})


def _is_call(job: Job) -> bool:
    """Whether it is a call of a batch endpoint. In Azure that is a pipeline whose one step scores,
    and scripts look for the step; here the call is what scores."""
    return isinstance(job.spec, CommandJob) and DEPLOYMENT_TAG in job.spec.tags


async def modify(request: Request, context: Context) -> Response:
    """Tags and properties are added to those there are; everything else replaces."""
    asked = await request.struct(_Modify)
    name = request.fields["name"]
    job = await context.jobs.get(name)
    spec = job.spec
    change = UpdateJob(
        display_name=asked.display_name,
        description=asked.description,
        tags=None if asked.tags is None else spec.tags | asked.tags,
        properties=None if asked.properties is None else spec.properties | asked.properties,
    )
    if change != UpdateJob():
        job = await context.jobs.update(name, body=change)
    if asked.hidden is not None and asked.hidden != job.archived:
        job = await (context.jobs.archive if asked.hidden else context.jobs.restore)(name)
    return json_response(run.run(job, context, request.scope))


async def services(request: Request, context: Context) -> Response:
    """Of one node. Nothing that a job declares as a service is started here."""
    await context.jobs.get(request.fields["name"])
    return json_response({"instances": {}})


async def resolve(request: Request, context: Context) -> Response:
    """Where outputs of jobs lie, as addresses of datastores."""
    asked = await request.struct(_Resolve)
    found: wire.Json = {}
    for asset in asked.values:
        reference = parse(asset)
        if not isinstance(reference, JobOutput):
            raise NotFound(f"{asset!r} is no output of a job.", target="$.values")
        job = await context.jobs.get(reference.job)
        uri = output_place(job, reference.output, context)
        found[asset] = {"uri": _long(uri, request.scope), "type": "uri_folder"}
    return json_response({"values": found})


def _long(uri: str, scope: Scope) -> str:
    """With the workspace, as Azure's data plane tells it."""
    below = f"subscriptions/{scope.subscription}/resourcegroups/{scope.group}"
    place = f"azureml://{below}/workspaces/{scope.workspace}/datastores/"
    return uri.replace("azureml://datastores/", place, 1)


_EXPERIMENT = HISTORY + "/experiments/{experiment}/runs/{name}"
ROUTES = (
    Route("runs_get", "GET", HISTORY + "/runs/{name}", get),
    Route("runs_get_details", "GET", HISTORY + "/runs/{name}/details", details),
    Route("runs_get_children", "GET", HISTORY + "/runs/{name}/children", children),
    Route("runs_get_data", "POST", HISTORY + "/rundata", data),
    Route(
        "runs_get_services",
        "GET",
        HISTORY + "/runs/{name}/serviceinstances/{node}",
        services,
        "accepted",
    ),
    Route("runs_modify", "PATCH", HISTORY + "/runs/{name}", modify),
    Route("runs_get_by_experiment", "GET", _EXPERIMENT, get),
    Route("runs_get_details_by_experiment", "GET", _EXPERIMENT + "/details", details),
    Route("runs_modify_by_experiment", "PATCH", _EXPERIMENT, modify),
    Route("data_resolve", "POST", DATA + "/dataversion/batchGetResolvedUris", resolve),
)
