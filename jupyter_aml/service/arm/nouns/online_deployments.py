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
from jupyter_aml.service.arm.nouns.assets import Json
from jupyter_aml.service.arm.nouns.deployments import Asked, Deployments, names, wish
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import Scope

_HOLD_SECONDS = 1.0
"""``begin_create_or_update`` returns after this: a script may start several deployments."""
_GOES_SECONDS = 30.0
"""The SDK polls a deletion in steps of 30 seconds, so its request waits for the end itself."""


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


class _Properties(Asked, frozen=True, kw_only=True):
    endpoint_compute_type: str = "Managed"
    model: str | None = None
    instance_type: str | None = None
    scale_settings: _Scale | None = None
    request_settings: _Requests | None = None
    liveness_probe: _Probe | None = None
    readiness_probe: _Probe | None = None
    app_insights_enabled: bool | None = None


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


class OnlineDeployments(Deployments[OnlineDeployment]):
    endpoints = online_endpoints.ENDPOINTS
    kept = "online_deployments"
    operations = "OnlineDeployments"
    put_note = (
        "Managed deployments. Data collection and network settings are not kept; an image "
        "runs as the nearest environment of this machine."
    )
    patch_note = "The number of instances, and tags."

    # -- changing -------------------------------------------------------------------------------

    async def put(self, request: Request, context: Context) -> Response:
        """Create it, or replace what runs there. The answer says Creating while it starts."""
        body = await request.struct(_Body)
        endpoint, name = names(request)
        known = await self.known(context, endpoint, name)
        spec = await _wish(request, context, body)
        if known is None:
            await context.online_deployments.create(endpoint, body=spec)
        else:
            await context.online_deployments.update(endpoint, name, body=spec)
        return await self._answer(request, context, 201 if known is None else 200)

    async def patch(self, request: Request, context: Context) -> Response:
        """Another number of instances, or other tags; nothing that runs is replaced for it."""
        body = await request.struct(_Patch)
        endpoint, name = names(request)
        spec = (await context.online_deployments.get(endpoint, name)).spec
        if body.tags is not None:
            spec = msgspec.structs.replace(spec, tags=body.tags)
        if body.sku is not None and body.sku.capacity is not None:
            spec = msgspec.structs.replace(spec, scale_settings=_fixed(body.sku.capacity))
        await context.online_deployments.update(endpoint, name, body=spec)
        return await self._answer(request, context, 200)

    async def _answer(self, request: Request, context: Context, status: int) -> Response:
        """The deployment as it is after a moment, with where to ask while it starts."""
        where = list(names(request))
        progress = await lro.settled(request, context, self.ready, where, _HOLD_SECONDS)
        ended = progress.state == "Succeeded"
        headers = [] if ended else lro.headers(request, context, "online-deployment", *where)
        found = await context.online_deployments.get(*where)
        return json_response(await self.told(request, context, found), status, headers)

    async def forget(self, context: Context, endpoint: str, name: str) -> None:
        """Refused while it has traffic."""
        try:
            await super().forget(context, endpoint, name)
        except Conflict as error:
            # Not a 409: that one means "it exists" to the SDK.
            raise Invalid(error.message, target=error.target, hint=error.hint) from None

    async def deleted(self, request: Request, context: Context, /) -> Response:
        where = list(names(request))
        progress = await lro.settled(request, context, self.gone, where, _GOES_SECONDS)
        if progress.state == "InProgress":
            return lro.accepted(request, context, "delete-online-deployment", *where)
        return Response(200)

    # -- what takes a while ---------------------------------------------------------------------

    async def ready(self, _request: Request, context: Context, where: list[str]) -> lro.Progress:
        endpoint, name = where
        found = await context.online_deployments.get(endpoint, name)
        if found.state == "Failed":
            return lro.Progress("Failed", _why(found))
        if found.state == "Deleting":
            return lro.Progress("Canceled", Conflict(f"{name} is being deleted."))
        return lro.Progress("Succeeded" if found.state == "Succeeded" else "InProgress")

    async def gone(self, _request: Request, context: Context, where: list[str]) -> lro.Progress:
        try:
            there = await self.known(context, *where)
        except NotFound:
            there = None  # with its endpoint
        return lro.Progress("Succeeded" if there is None else "InProgress")

    # -- telling --------------------------------------------------------------------------------

    def properties(self, scope: Scope, one: OnlineDeployment) -> Json:
        spec, requests = one.spec, one.spec.request_settings
        return {
            "endpointComputeType": "Managed",
            "model": deployed.model_id(scope, one.model or spec.model),
            "instanceType": spec.instance_type,
            "scaleSettings": {"scaleType": "Default"},
            "requestSettings": {
                "requestTimeout": timedelta(seconds=requests.request_timeout),
                "maxConcurrentRequestsPerInstance": requests.max_concurrent_requests_per_instance,
                "maxQueueWait": timedelta(seconds=0.5),
            },
            "livenessProbe": _probe(spec.liveness_probe),
            "readinessProbe": _probe(spec.readiness_probe),
            "appInsightsEnabled": spec.app_insights_enabled,
            "egressPublicNetworkAccess": "Enabled",
        }

    def beside(self, one: OnlineDeployment, /) -> Json:
        return {
            "modified_at": one.ready_at or "",
            "kind": "Managed",
            "sku": {"name": "Default", "capacity": one.spec.scale_settings.min_instances},
        }


# -- looking ----------------------------------------------------------------------------------


async def list_skus(request: Request, context: Context) -> Response:
    """One: instances are counted, and have the size that the deployment names."""
    await context.online_deployments.get(*names(request))
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
        await context.online_deployments.get(*names(request))
        return json_response(
            {"content": "Nothing is downloaded: the model lies on this machine.\n"}
        )
    query = convert({"tail": 500 if asked.tail is None else asked.tail}, ReadLog)
    pieces = await context.online_deployments.logs(*names(request), query=query)
    lines = [line async for piece in pieces for line in piece.splitlines() if line]
    told = [msgspec.json.decode(line, type=DeploymentLogLine).text for line in lines]
    return json_response({"content": "".join(f"{text}\n" for text in told)})


# -- translating ------------------------------------------------------------------------------


async def _wish(request: Request, context: Context, body: _Body) -> CreateOnlineDeployment:
    asked = body.properties
    if asked.endpoint_compute_type.lower() != "managed":
        raise Invalid(
            f"{asked.endpoint_compute_type} deployments are not served by the local workspace.",
            target="$.properties.endpointComputeType",
            hint="Take a managed deployment.",
        )
    found = {
        "model": deployed.model(asked.model),
        **await wish(request, context, asked, body.tags),
        "instanceType": asked.instance_type or "",
        "scaleSettings": _scale(asked.scale_settings, body.sku),
        "requestSettings": _given(asked.request_settings, RequestSettings()),
        "livenessProbe": _given(asked.liveness_probe, Probe()),
        "readinessProbe": _given(asked.readiness_probe, Probe()),
        "appInsightsEnabled": bool(asked.app_insights_enabled),
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


def _probe(probe: Probe) -> dict[str, Any]:
    return {
        "initialDelay": timedelta(seconds=probe.initial_delay),
        "period": timedelta(seconds=probe.period),
        "timeout": timedelta(seconds=probe.timeout),
        "successThreshold": probe.success_threshold,
        "failureThreshold": probe.failure_threshold,
    }


def _why(found: OnlineDeployment) -> AmlError:
    if found.error is None:
        return Internal(found.reason or f"{found.name} does not start.")
    return errors.from_body(found.error)


DEPLOYMENTS = OnlineDeployments()

ROUTES = (
    *DEPLOYMENTS.routes(),
    Route("OnlineDeployments_GetLogs", "POST", DEPLOYMENTS.one + "/getLogs", get_logs),
    Route("OnlineDeployments_ListSkus", "GET", DEPLOYMENTS.one + "/skus", list_skus),
)

OPERATIONS = {
    "online-deployment": DEPLOYMENTS.ready,
    "delete-online-deployment": DEPLOYMENTS.gone,
}
