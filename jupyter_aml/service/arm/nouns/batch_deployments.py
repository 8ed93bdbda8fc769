"""Batch deployments: the model, the script and the compute behind a batch endpoint."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from jupyter_aml.model.batch import BatchDeployment, CreateBatchDeployment
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, convert, json_response
from jupyter_aml.service.arm.nouns import batch_endpoints, deployed
from jupyter_aml.service.arm.paging import page
from jupyter_aml.service.arm.resource import resource
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import LOCATION, reference

PATH = batch_endpoints.ONE + "/deployments"
ONE = PATH + "/{deployment}"

_ACTIONS = {"appendrow": "append_row", "summaryonly": "summary_only"}
_AZURE_ACTIONS = {"append_row": "AppendRow", "summary_only": "SummaryOnly"}


class _Code(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    code_id: str | None = None
    scoring_script: str


class _Model(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    asset_id: str | None = None
    reference_type: str = "Id"


class _Resources(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    instance_count: int | None = None


class _Retry(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    max_retries: int | None = None
    timeout: timedelta | None = None


class _Properties(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    model: _Model | None = None
    code_configuration: _Code | None = None
    environment_id: str | None = None
    environment_variables: dict[str, str] | None = None
    compute: str | None = None
    resources: _Resources | None = None
    mini_batch_size: int | None = None
    max_concurrency_per_instance: int | None = None
    error_threshold: int | None = None
    retry_settings: _Retry | None = None
    output_action: str | None = None
    output_file_name: str | None = None
    logging_level: str | None = None
    deployment_configuration: dict[str, Any] | None = None
    description: str | None = None


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    properties: _Properties
    tags: dict[str, str] | None = None


class _PatchProperties(msgspec.Struct, frozen=True, kw_only=True):
    description: str | None = None


class _Patch(msgspec.Struct, frozen=True, kw_only=True):
    properties: _PatchProperties = _PatchProperties()
    tags: dict[str, str] | None = None


async def get(request: Request, context: Context) -> Response:
    found = await context.batch_deployments.get(*_names(request))
    return json_response(await _deployment(request, context, found))


async def list_(request: Request, context: Context) -> Response:
    found = await context.batch_deployments.list(request.fields["endpoint"])
    return page(request, context, [await _deployment(request, context, one) for one in found.value])


async def put(request: Request, context: Context) -> Response:
    """Create it, or replace it whole: nothing of it runs between calls."""
    body = await request.struct(_Body)
    endpoint, name = _names(request)
    created = await _known(context, endpoint, name) is None
    wish = await _wish(request, context, body)
    made = await context.batch_deployments.create(endpoint, body=wish)
    return json_response(await _deployment(request, context, made), 201 if created else 200)


async def patch(request: Request, context: Context) -> Response:
    """Tags and description."""
    body = await request.struct(_Patch)
    endpoint, name = _names(request)
    spec = (await context.batch_deployments.get(endpoint, name)).spec
    wish = msgspec.structs.replace(
        spec,
        tags=spec.tags if body.tags is None else body.tags,
        description=body.properties.description or spec.description,
    )
    made = await context.batch_deployments.create(endpoint, body=wish)
    return json_response(await _deployment(request, context, made))


async def delete(request: Request, context: Context) -> Response:
    """What is not there is deleted already: 204."""
    endpoint, name = _names(request)
    if await _known(context, endpoint, name) is None:
        return Response(204)
    await context.batch_deployments.delete(endpoint, name)
    return Response(200)


# -- translating ------------------------------------------------------------------------------


def _names(request: Request) -> tuple[str, str]:
    return request.fields["endpoint"], request.fields["deployment"]


async def _known(context: Context, endpoint: str, name: str) -> BatchDeployment | None:
    await context.batch_endpoints.get(endpoint)
    try:
        return await context.batch_deployments.get(endpoint, name)
    except NotFound:
        return None


async def _wish(request: Request, context: Context, body: _Body) -> CreateBatchDeployment:
    asked = body.properties
    if asked.deployment_configuration is not None:
        raise Invalid(
            "A pipeline behind a batch endpoint is not served by the local workspace.",
            target="$.properties.deploymentConfiguration",
            hint="Submit the pipeline as a job, or deploy a model.",
        )
    endpoint, name = _names(request)
    code, resources = asked.code_configuration, asked.resources
    found = {
        "name": name,
        "endpointName": endpoint,
        "model": deployed.model(asked.model.asset_id if asked.model else None),
        "code": await deployed.code(context, code.code_id if code else None),
        "scoringScript": code.scoring_script if code else "",
        "environment": deployed.environment(asked.environment_id),
        "environmentVariables": asked.environment_variables or {},
        "compute": _compute(asked.compute),
        "instanceCount": (resources.instance_count if resources else None) or 1,
        "settings": _settings(asked),
        "description": asked.description or "",
        "tags": body.tags or {},
    }
    return convert(found, CreateBatchDeployment, "$.properties")


def _compute(asked: str | None) -> str:
    found = reference(asked) if asked else None
    return found.name if found else "local"


def _settings(asked: _Properties) -> dict[str, Any]:
    retry = asked.retry_settings or _Retry()
    action = (asked.output_action or "AppendRow").lower()
    found = {
        "miniBatchSize": asked.mini_batch_size,
        "maxConcurrencyPerInstance": asked.max_concurrency_per_instance,
        "errorThreshold": asked.error_threshold,
        "maxRetries": retry.max_retries,
        "timeout": retry.timeout.total_seconds() if retry.timeout else None,
        "outputAction": _ACTIONS.get(action, asked.output_action),
        "outputFileName": asked.output_file_name,
        "loggingLevel": asked.logging_level.lower() if asked.logging_level else None,
    }
    return {name: value for name, value in found.items() if value is not None}


async def _deployment(request: Request, context: Context, found: BatchDeployment) -> dict[str, Any]:
    spec, scope, settings = found.spec, request.scope, found.spec.settings
    code = await deployed.code_configuration(context, scope, spec.code, spec.scoring_script)
    properties = {
        "description": spec.description,
        "properties": {},
        "model": {"referenceType": "Id", "assetId": deployed.model_id(scope, found.model)},
        "codeConfiguration": code,
        "environmentId": deployed.environment_id(scope, spec.environment),
        "environmentVariables": spec.environment_variables,
        "compute": scope.id("computes", spec.compute),
        "resources": {"instanceCount": spec.instance_count},
        "miniBatchSize": settings.mini_batch_size,
        "maxConcurrencyPerInstance": settings.max_concurrency_per_instance,
        "errorThreshold": settings.error_threshold,
        "retrySettings": {
            "maxRetries": settings.max_retries,
            "timeout": timedelta(seconds=settings.timeout),
        },
        "outputAction": _AZURE_ACTIONS[settings.output_action],
        "outputFileName": settings.output_file_name,
        "loggingLevel": settings.logging_level.capitalize(),
        "provisioningState": found.state,
    }
    return resource(
        scope,
        ("batchEndpoints", found.endpoint_name, "deployments", found.name),
        {name: value for name, value in properties.items() if value is not None},
        created_at=found.created_at,
        user=context.user,
        location=LOCATION,
        tags=spec.tags,
    )


ROUTES = (
    Route("BatchDeployments_List", "GET", PATH, list_),
    Route("BatchDeployments_Get", "GET", ONE, get),
    Route(
        "BatchDeployments_CreateOrUpdate",
        "PUT",
        ONE,
        put,
        note="Models with a script, and MLflow models; no pipeline components.",
    ),
    Route("BatchDeployments_Update", "PATCH", ONE, patch, note="Tags and description."),
    Route("BatchDeployments_Delete", "DELETE", ONE, delete),
)
