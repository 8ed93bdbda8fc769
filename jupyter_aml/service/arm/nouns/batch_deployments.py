"""Batch deployments: the model, the script and the compute behind a batch endpoint."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from jupyter_aml.model.batch import BatchDeployment, CreateBatchDeployment
from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, convert, json_response
from jupyter_aml.service.arm.nouns import batch_endpoints, deployed
from jupyter_aml.service.arm.nouns.assets import Json
from jupyter_aml.service.arm.nouns.deployments import Asked, Deployments, names, wish
from jupyter_aml.service.arm.scope import Scope, reference

_ACTIONS = {"appendrow": "append_row", "summaryonly": "summary_only"}
_AZURE_ACTIONS = {"append_row": "AppendRow", "summary_only": "SummaryOnly"}


class _Model(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    asset_id: str | None = None
    reference_type: str = "Id"


class _Resources(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    instance_count: int | None = None


class _Retry(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    max_retries: int | None = None
    timeout: timedelta | None = None


class _Properties(Asked, frozen=True, kw_only=True):
    model: _Model | None = None
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


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    properties: _Properties
    tags: dict[str, str] | None = None


class _PatchProperties(msgspec.Struct, frozen=True, kw_only=True):
    description: str | None = None


class _Patch(msgspec.Struct, frozen=True, kw_only=True):
    properties: _PatchProperties = _PatchProperties()
    tags: dict[str, str] | None = None


class BatchDeployments(Deployments[BatchDeployment]):
    endpoints = batch_endpoints.ENDPOINTS
    kept = "batch_deployments"
    operations = "BatchDeployments"
    put_note = "Models with a script, and MLflow models; no pipeline components."
    patch_note = "Tags and description."

    async def put(self, request: Request, context: Context) -> Response:
        """Create it, or replace it whole: nothing of it runs between calls."""
        body = await request.struct(_Body)
        endpoint, name = names(request)
        created = await self.known(context, endpoint, name) is None
        spec = await _wish(request, context, body)
        made = await context.batch_deployments.create(endpoint, body=spec)
        return json_response(await self.told(request, context, made), 201 if created else 200)

    async def patch(self, request: Request, context: Context) -> Response:
        """Tags and description."""
        body = await request.struct(_Patch)
        endpoint, name = names(request)
        spec = (await context.batch_deployments.get(endpoint, name)).spec
        spec = msgspec.structs.replace(
            spec,
            tags=spec.tags if body.tags is None else body.tags,
            description=body.properties.description or spec.description,
        )
        made = await context.batch_deployments.create(endpoint, body=spec)
        return json_response(await self.told(request, context, made))

    def properties(self, scope: Scope, one: BatchDeployment) -> Json:
        spec, settings = one.spec, one.spec.settings
        return {
            "model": {"referenceType": "Id", "assetId": deployed.model_id(scope, one.model)},
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
        }


async def _wish(request: Request, context: Context, body: _Body) -> CreateBatchDeployment:
    asked, resources = body.properties, body.properties.resources
    if asked.deployment_configuration is not None:
        raise Invalid(
            "A pipeline behind a batch endpoint is not served by the local workspace.",
            target="$.properties.deploymentConfiguration",
            hint="Submit the pipeline as a job, or deploy a model.",
        )
    found = {
        "model": deployed.model(asked.model.asset_id if asked.model else None),
        **await wish(request, context, asked, body.tags),
        "compute": _compute(asked.compute),
        "instanceCount": (resources.instance_count if resources else None) or 1,
        "settings": _settings(asked),
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


ROUTES = BatchDeployments().routes()
