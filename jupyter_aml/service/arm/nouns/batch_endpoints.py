"""Batch endpoints: a name that files are sent to; each call is a job.

A call arrives at ``scoringUri``, which lies below the endpoint itself. Lists of its jobs are asked
for on the data plane that discovery names.
"""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_aml.model.batch import (
    BatchEndpoint,
    CreateBatchEndpoint,
    InvokeBatch,
    UpdateBatchEndpoint,
)
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.job import Job, JobSummary
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, convert, json_response
from jupyter_aml.service.arm.paging import page
from jupyter_aml.service.arm.resource import resource
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import LOCATION, WS, Scope

PATH = WS + "/batchEndpoints"
ONE = PATH + "/{endpoint}"
DATA_PLANE = "/mferp/managementfrontend"

_DEPLOYMENT_HEADER = "azureml-model-deployment"
_FILES = {"urifile", "urifolder", "mltable"}
DEPLOYMENT_TAG = "batch_deployment"
"""Of a call's job, set by the local backend."""


class _Defaults(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    deployment_name: str | None = None


class _Properties(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    description: str | None = None
    defaults: _Defaults | None = None


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    properties: _Properties
    tags: dict[str, str] | None = None


class _Patch(msgspec.Struct, frozen=True, kw_only=True):
    tags: dict[str, str] | None = None


class _Input(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    job_input_type: str = "UriFolder"
    uri: str | None = None


class _Output(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    job_output_type: str = "UriFolder"
    uri: str | None = None


class _Call(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    input_data: dict[str, _Input] = {}
    output_data: dict[str, _Output] = {}
    name: str = ""
    mini_batch_size: int | None = None


class _Invocation(msgspec.Struct, frozen=True, kw_only=True):
    properties: _Call


# -- looking ----------------------------------------------------------------------------------


async def get(request: Request, context: Context) -> Response:
    found = await context.batch_endpoints.get(request.fields["endpoint"])
    return json_response(_endpoint(request, context, found))


async def list_(request: Request, context: Context) -> Response:
    found = await context.batch_endpoints.list()
    return page(request, context, [_endpoint(request, context, one) for one in found.value])


async def list_jobs(request: Request, context: Context) -> Response:
    """Those of the endpoint, or of the deployment that the path names; the newest first."""
    found = (await context.batch_endpoints.jobs(request.fields["endpoint"])).value
    deployment = request.fields.get("deployment")
    mine = [one for one in found if deployment in (None, one.tags.get(DEPLOYMENT_TAG))]
    return page(request, context, [_job(request.scope, one) for one in mine])


# -- changing ---------------------------------------------------------------------------------


async def put(request: Request, context: Context) -> Response:
    body = await request.struct(_Body)
    name = request.fields["endpoint"]
    asked = body.properties
    default = asked.defaults.deployment_name if asked.defaults else None
    created = await _known(context, name) is None
    if created:
        wish = {"name": name, "description": asked.description or "", "tags": body.tags or {}}
        await context.batch_endpoints.create(body=convert(wish, CreateBatchEndpoint))
    if default or not created:
        await context.batch_endpoints.update(
            name,
            body=UpdateBatchEndpoint(
                default_deployment=default, description=asked.description, tags=body.tags
            ),
        )
    found = await context.batch_endpoints.get(name)
    return json_response(_endpoint(request, context, found), 201 if created else 200)


async def patch(request: Request, context: Context) -> Response:
    """Tags alone; the SDK puts the whole endpoint."""
    body = await request.struct(_Patch)
    name = request.fields["endpoint"]
    found = await context.batch_endpoints.update(name, body=UpdateBatchEndpoint(tags=body.tags))
    return json_response(_endpoint(request, context, found))


async def delete(request: Request, context: Context) -> Response:
    """With its deployments; its jobs stay. What is not there is deleted already: 204."""
    name = request.fields["endpoint"]
    if await _known(context, name) is None:
        return Response(204)
    await context.batch_endpoints.delete(name)
    return Response(200)


async def invoke(request: Request, context: Context) -> Response:
    """A call: 201 with its job, which is on disk by then."""
    body = await request.struct(_Invocation)
    call = body.properties
    wish = {
        "input": _source(call),
        "deployment": request.header(_DEPLOYMENT_HEADER),
        "output": _goal(call),
        "jobName": call.name,
        "miniBatchSize": call.mini_batch_size,
    }
    made = await context.batch_endpoints.invoke(
        request.fields["endpoint"], body=convert(wish, InvokeBatch, "$.properties")
    )
    return json_response(_job(request.scope, made), 201)


# -- translating ------------------------------------------------------------------------------


async def _known(context: Context, name: str) -> BatchEndpoint | None:
    try:
        return await context.batch_endpoints.get(name)
    except NotFound:
        return None


def _source(call: _Call) -> str:
    """The one input that a model takes, whatever it is called."""
    found = [one for one in call.input_data.values() if one.job_input_type.lower() in _FILES]
    if len(call.input_data) != 1 or not found or not found[0].uri:
        raise Invalid(
            "A call of a model takes one input, a file or a folder.",
            target="$.properties.inputData",
            hint="Pass input=Input(type='uri_folder', path=...).",
        )
    return found[0].uri


def _goal(call: _Call) -> str:
    """The folder that predictions go to. A deployment says itself how their file is called."""
    if not call.output_data:
        return ""
    [*_, found] = call.output_data.values()
    uri = found.uri or ""
    if found.job_output_type.lower() == "urifile" and "/" in uri:
        return uri.rpartition("/")[0] + "/"
    return uri


def _endpoint(request: Request, context: Context, found: BatchEndpoint) -> dict[str, Any]:
    address = context.base + request.scope.id("batchEndpoints", found.name)
    properties = {
        "authMode": "AADToken",
        "description": found.description,
        "properties": {},
        "scoringUri": f"{address}/jobs",
        "defaults": {"deploymentName": found.default_deployment or None},
        "provisioningState": found.state,
    }
    return resource(
        request.scope,
        ("batchEndpoints", found.name),
        properties,
        created_at=found.created_at,
        user=context.user,
        location=LOCATION,
        tags=found.tags,
    )


def _job(scope: Scope, found: Job | JobSummary) -> dict[str, Any]:
    return {
        "id": scope.id("jobs", found.name),
        "name": found.name,
        "type": "Microsoft.MachineLearningServices/workspaces/batchEndpoints/jobs",
        "properties": {
            "status": found.status,
            "displayName": found.spec.display_name
            if isinstance(found, Job)
            else found.display_name,
        },
    }


ROUTES = (
    Route("BatchEndpoints_List", "GET", PATH, list_),
    Route("BatchEndpoints_Get", "GET", ONE, get),
    Route(
        "BatchEndpoints_CreateOrUpdate",
        "PUT",
        ONE,
        put,
        note="Callers prove themselves by the workspace's own token; identity is not kept.",
    ),
    Route("BatchEndpoints_Update", "PATCH", ONE, patch, note="Tags alone."),
    Route("BatchEndpoints_Delete", "DELETE", ONE, delete),
    Route(
        "batch_endpoint_invoke",
        "POST",
        ONE + "/jobs",
        invoke,
        note="One input; the predictions' file has the name that the deployment gives it.",
    ),
    Route("batch_endpoint_jobs", "GET", DATA_PLANE + ONE + "/jobs", list_jobs),
    Route(
        "batch_deployment_jobs",
        "GET",
        DATA_PLANE + ONE + "/deployments/{deployment}/jobs",
        list_jobs,
    ),
)
