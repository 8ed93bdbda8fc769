"""Online deployments: what answers behind an endpoint, its size, its log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from jupyter_aml.model import errors
from jupyter_aml.model.api import ReadLog
from jupyter_aml.model.endpoint import (
    CreateOnlineDeployment,
    DeploymentLogLine,
    OnlineDeployment,
    Probe,
    RequestSettings,
    ScaleSettings,
)
from jupyter_aml.model.errors import AmlError, Conflict, Internal, Invalid, NotFound
from jupyter_aml.service.arm import lro
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, convert, json_response
from jupyter_aml.service.arm.nouns import deployed, online_endpoints
from jupyter_aml.service.arm.paging import page
from jupyter_aml.service.arm.resource import resource
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import LOCATION

PATH = online_endpoints.ONE + "/deployments"
ONE = PATH + "/{deployment}"

_HOLD_SECONDS = 1.0
"""``begin_create_or_update`` returns after this: a script may start several deployments."""
_GOES_SECONDS = 30.0
"""The SDK polls a deletion in steps of 30 seconds, so its request waits for the end itself."""


class _Code(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    code_id: str | None = None
    scoring_script: str


class _Scale(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    scale_type: str = "Default"
    min_instances: int | None = None
    max_instances: int | None = None
    polling_interval: timedelta | None = None
    target_utilization_percentage: int | None = None


class _Requests(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    request_timeout: timedelta | None = None
    max_concurrent_requests_per_instance: int | None = None


class _Probe(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    initial_delay: timedelta | None = None
    period: timedelta | None = None
    timeout: timedelta | None = None
    success_threshold: int | None = None
    failure_threshold: int | None = None


class _Properties(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    endpoint_compute_type: str = "Managed"
    model: str | None = None
    code_configuration: _Code | None = None
    environment_id: str | None = None
    environment_variables: dict[str, str] | None = None
    instance_type: str | None = None
    scale_settings: _Scale | None = None
    request_settings: _Requests | None = None
    liveness_probe: _Probe | None = None
    readiness_probe: _Probe | None = None
    app_insights_enabled: bool | None = None
    description: str | None = None


class _Sku(msgspec.Struct, frozen=True, kw_only=True):
    capacity: int | None = None


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    properties: _Properties
    sku: _Sku | None = None
    tags: dict[str, str] | None = None


class _Patch(msgspec.Struct, frozen=True, kw_only=True):
    sku: _Sku | None = None
    tags: dict[str, str] | None = None


class _AskLog(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    container_type: str | None = None
    tail: int | None = None


# -- looking ----------------------------------------------------------------------------------


async def get(request: Request, context: Context) -> Response:
    found = await context.online_deployments.get(*_names(request))
    return json_response(await _deployment(request, context, found))


async def list_(request: Request, context: Context) -> Response:
    found = await context.online_deployments.list(request.fields["endpoint"])
    return page(request, context, [await _deployment(request, context, one) for one in found.value])


async def list_skus(request: Request, context: Context) -> Response:
    """One: instances are counted, and have the size that the deployment names."""
    await context.online_deployments.get(*_names(request))
    sku = {
        "resourceType": "Microsoft.MachineLearning.Services/endpoints/deployments",
        "sku": {"name": "Default", "tier": "Standard"},
        "capacity": {"minimum": 1, "maximum": 50, "default": 1, "scaleType": "Manual"},
    }
    return json_response({"value": [sku], "nextLink": None})


async def get_logs(request: Request, context: Context) -> Response:
    """The newest lines that the script printed, each instance's after another."""
    asked = await request.struct(_AskLog)
    if (asked.container_type or "").lower() == "storageinitializer":
        await context.online_deployments.get(*_names(request))
        return json_response(
            {"content": "Nothing is downloaded: the model lies on this machine.\n"}
        )
    query = convert({"tail": 500 if asked.tail is None else asked.tail}, ReadLog)
    pieces = await context.online_deployments.logs(*_names(request), query=query)
    lines = [line async for piece in pieces for line in piece.splitlines() if line]
    told = [msgspec.json.decode(line, type=DeploymentLogLine).text for line in lines]
    return json_response({"content": "".join(f"{text}\n" for text in told)})


# -- changing ---------------------------------------------------------------------------------


async def put(request: Request, context: Context) -> Response:
    """Create it, or replace what runs there. The answer says Creating while it starts."""
    body = await request.struct(_Body)
    endpoint, name = _names(request)
    known = await _known(context, endpoint, name)
    wish = await _wish(request, context, body)
    if known is None:
        await context.online_deployments.create(endpoint, body=wish)
    else:
        await context.online_deployments.update(endpoint, name, body=wish)
    return await _answer(request, context, 201 if known is None else 200)


async def patch(request: Request, context: Context) -> Response:
    """Another number of instances, or other tags; nothing that runs is replaced for it."""
    body = await request.struct(_Patch)
    endpoint, name = _names(request)
    spec = (await context.online_deployments.get(endpoint, name)).spec
    if body.tags is not None:
        spec = msgspec.structs.replace(spec, tags=body.tags)
    if body.sku is not None and body.sku.capacity is not None:
        spec = msgspec.structs.replace(spec, scale_settings=_fixed(body.sku.capacity))
    await context.online_deployments.update(endpoint, name, body=spec)
    return await _answer(request, context, 200)


async def delete(request: Request, context: Context) -> Response:
    """Refused while it has traffic. Deleting what is not there is done already: 204."""
    endpoint, name = _names(request)
    if await _known(context, endpoint, name) is None:
        return Response(204)
    await _delete(context, endpoint, name)
    progress = await lro.settled(request, context, _gone, [endpoint, name], _GOES_SECONDS)
    if progress.state == "InProgress":
        return lro.accepted(request, context, "delete-online-deployment", endpoint, name)
    return Response(200)


async def _delete(context: Context, endpoint: str, name: str) -> None:
    try:
        await context.online_deployments.delete(endpoint, name)
    except Conflict as error:
        # Not a 409: that one means "it exists" to the SDK.
        raise Invalid(error.message, target=error.target, hint=error.hint) from None


# -- translating ------------------------------------------------------------------------------


def _names(request: Request) -> tuple[str, str]:
    return request.fields["endpoint"], request.fields["deployment"]


async def _wish(request: Request, context: Context, body: _Body) -> CreateOnlineDeployment:
    asked = body.properties
    if asked.endpoint_compute_type.lower() != "managed":
        raise Invalid(
            f"{asked.endpoint_compute_type} deployments are not served by the local workspace.",
            target="$.properties.endpointComputeType",
            hint="Take a managed deployment.",
        )
    endpoint, name = _names(request)
    code = asked.code_configuration
    found = {
        "name": name,
        "endpointName": endpoint,
        "model": deployed.model(asked.model),
        "code": await deployed.code(context, code.code_id if code else None),
        "scoringScript": code.scoring_script if code else "",
        "environment": deployed.environment(asked.environment_id),
        "environmentVariables": asked.environment_variables or {},
        "instanceType": asked.instance_type or "",
        "scaleSettings": _scale(asked.scale_settings, body.sku),
        "requestSettings": _given(asked.request_settings, RequestSettings()),
        "livenessProbe": _given(asked.liveness_probe, Probe()),
        "readinessProbe": _given(asked.readiness_probe, Probe()),
        "appInsightsEnabled": bool(asked.app_insights_enabled),
        "description": asked.description or "",
        "tags": body.tags or {},
    }
    return convert(found, CreateOnlineDeployment, "$.properties")


def _scale(asked: _Scale | None, sku: _Sku | None) -> ScaleSettings:
    if asked is None or asked.scale_type.lower() == "default":
        return _fixed(sku.capacity if sku and sku.capacity is not None else 1)
    return convert(_fields(asked), ScaleSettings, "$.properties.scaleSettings")


def _fixed(instances: int) -> ScaleSettings:
    value = {"minInstances": instances, "maxInstances": instances}
    return convert(value, ScaleSettings, "$.sku.capacity")


def _given(asked: msgspec.Struct | None, standard: msgspec.Struct) -> dict[str, Any]:
    """What was said, over what is usual here."""
    said = _fields(asked) if asked is not None else {}
    return {**msgspec.to_builtins(standard), **said}


def _fields(asked: msgspec.Struct) -> dict[str, Any]:
    """By their names on the wire; times in seconds, as ours are."""
    names = zip(asked.__struct_fields__, asked.__struct_encode_fields__, strict=True)
    values = ((wire, getattr(asked, field)) for field, wire in names)
    return {
        wire: value.total_seconds() if isinstance(value, timedelta) else value
        for wire, value in values
        if value is not None and wire != "scaleType"
    }


async def _deployment(
    request: Request, context: Context, found: OnlineDeployment
) -> dict[str, Any]:
    spec, scope = found.spec, request.scope
    code = await deployed.code_configuration(context, scope, spec.code, spec.scoring_script)
    properties = {
        "endpointComputeType": "Managed",
        "description": spec.description,
        "properties": {},
        "model": deployed.model_id(scope, found.model or spec.model),
        "codeConfiguration": code,
        "environmentId": deployed.environment_id(scope, spec.environment),
        "environmentVariables": spec.environment_variables,
        "instanceType": spec.instance_type,
        "scaleSettings": {"scaleType": "Default"},
        "requestSettings": {
            "requestTimeout": timedelta(seconds=spec.request_settings.request_timeout),
            "maxConcurrentRequestsPerInstance": (
                spec.request_settings.max_concurrent_requests_per_instance
            ),
            "maxQueueWait": timedelta(seconds=0.5),
        },
        "livenessProbe": _probe(spec.liveness_probe),
        "readinessProbe": _probe(spec.readiness_probe),
        "appInsightsEnabled": spec.app_insights_enabled,
        "egressPublicNetworkAccess": "Enabled",
        "provisioningState": found.state,
    }
    return resource(
        scope,
        ("onlineEndpoints", found.endpoint_name, "deployments", found.name),
        {name: value for name, value in properties.items() if value is not None},
        created_at=found.created_at,
        modified_at=found.ready_at or "",
        user=context.user,
        location=LOCATION,
        kind="Managed",
        tags=spec.tags,
        sku={"name": "Default", "capacity": spec.scale_settings.min_instances},
    )


def _probe(probe: Probe) -> dict[str, Any]:
    return {
        "initialDelay": timedelta(seconds=probe.initial_delay),
        "period": timedelta(seconds=probe.period),
        "timeout": timedelta(seconds=probe.timeout),
        "successThreshold": probe.success_threshold,
        "failureThreshold": probe.failure_threshold,
    }


# -- what takes a while -----------------------------------------------------------------------


async def _known(context: Context, endpoint: str, name: str) -> OnlineDeployment | None:
    await context.online_endpoints.get(endpoint)
    try:
        return await context.online_deployments.get(endpoint, name)
    except NotFound:
        return None


async def _answer(request: Request, context: Context, status: int) -> Response:
    """The deployment as it is after a moment, with where to ask while it starts."""
    names = list(_names(request))
    progress = await lro.settled(request, context, _ready, names, _HOLD_SECONDS)
    ended = progress.state == "Succeeded"
    headers = [] if ended else lro.headers(request, context, "online-deployment", *names)
    found = await context.online_deployments.get(*names)
    return json_response(await _deployment(request, context, found), status, headers)


async def _ready(_request: Request, context: Context, names: list[str]) -> lro.Progress:
    endpoint, name = names
    found = await context.online_deployments.get(endpoint, name)
    if found.state == "Failed":
        return lro.Progress("Failed", _why(found))
    if found.state == "Deleting":
        return lro.Progress("Canceled", Conflict(f"{name} is being deleted."))
    return lro.Progress("Succeeded" if found.state == "Succeeded" else "InProgress")


def _why(found: OnlineDeployment) -> AmlError:
    if found.error is None:
        return Internal(found.reason or f"{found.name} does not start.")
    return errors.from_body(found.error)


async def _gone(_request: Request, context: Context, names: list[str]) -> lro.Progress:
    try:
        there = await _known(context, *names)
    except NotFound:
        there = None  # with its endpoint
    return lro.Progress("Succeeded" if there is None else "InProgress")


ROUTES = (
    Route("OnlineDeployments_List", "GET", PATH, list_),
    Route("OnlineDeployments_Get", "GET", ONE, get),
    Route(
        "OnlineDeployments_CreateOrUpdate",
        "PUT",
        ONE,
        put,
        note="Managed deployments. Data collection and network settings are not kept; an image "
        "runs as the nearest environment of this machine.",
    ),
    Route(
        "OnlineDeployments_Update", "PATCH", ONE, patch, note="The number of instances, and tags."
    ),
    Route("OnlineDeployments_Delete", "DELETE", ONE, delete),
    Route("OnlineDeployments_GetLogs", "POST", ONE + "/getLogs", get_logs),
    Route("OnlineDeployments_ListSkus", "GET", ONE + "/skus", list_skus),
)

OPERATIONS = {"online-deployment": _ready, "delete-online-deployment": _gone}
