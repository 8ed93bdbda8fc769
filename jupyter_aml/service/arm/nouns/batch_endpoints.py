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
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import Job, JobSummary
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, convert, json_response
from jupyter_aml.service.arm.nouns.assets import Json
from jupyter_aml.service.arm.nouns.endpoints import Endpoints
from jupyter_aml.service.arm.paging import page
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import Scope

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


class BatchEndpoints(Endpoints[BatchEndpoint]):
    noun = "batchEndpoints"
    kept = "batch_endpoints"
    operations = "BatchEndpoints"
    note = "Callers prove themselves by the workspace's own token; identity is not kept."
    change = UpdateBatchEndpoint

    async def put(self, request: Request, context: Context) -> Response:
        body = await request.struct(_Body)
        name = request.fields["endpoint"]
        asked = body.properties
        default = asked.defaults.deployment_name if asked.defaults else None
        created = await self.known(context, name) is None
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
        return json_response(self.told(request, context, found), 201 if created else 200)

    def properties(self, request: Request, context: Context, one: BatchEndpoint, /) -> Json:
        address = context.base + request.scope.id(self.noun, one.name)
        return {
            "authMode": "AADToken",
            "scoringUri": f"{address}/jobs",
            "defaults": {"deploymentName": one.default_deployment or None},
        }


async def list_keys(request: Request, context: Context) -> Response:
    """As of an endpoint in Azure whose callers sign in: it has none."""
    found = await context.batch_endpoints.get(request.fields["endpoint"])
    raise Invalid(
        f"The batch endpoint {found.name} has no keys: it is called with a token.",
        target="authMode",
        hint="Call it by ml_client.batch_endpoints.invoke, or with a token for "
        "https://ml.azure.com.",
    )


# -- calls ------------------------------------------------------------------------------------


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


async def list_jobs(request: Request, context: Context) -> Response:
    """Those of the endpoint, or of the deployment that the path names; the newest first."""
    found = (await context.batch_endpoints.jobs(request.fields["endpoint"])).value
    deployment = request.fields.get("deployment")
    mine = [one for one in found if deployment in (None, one.tags.get(DEPLOYMENT_TAG))]
    return page(request, context, [_job(request.scope, one) for one in mine])


# -- translating ------------------------------------------------------------------------------


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


ENDPOINTS = BatchEndpoints()

ROUTES = (
    *ENDPOINTS.routes(),
    Route(
        "BatchEndpoints_ListKeys",
        "POST",
        ENDPOINTS.one + "/listkeys",
        list_keys,
        note="Says that there are none: batch endpoints are called with a token.",
    ),
    Route(
        "batch_endpoint_invoke",
        "POST",
        ENDPOINTS.one + "/jobs",
        invoke,
        note="One input; the predictions' file has the name that the deployment gives it.",
    ),
    Route("batch_endpoint_jobs", "GET", DATA_PLANE + ENDPOINTS.one + "/jobs", list_jobs),
    Route(
        "batch_deployment_jobs",
        "GET",
        DATA_PLANE + ENDPOINTS.one + "/deployments/{deployment}/jobs",
        list_jobs,
    ),
)
