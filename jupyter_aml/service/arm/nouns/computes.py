"""Computes: clusters and instances of the local workspace, in ARM's words.

The compute ``local`` (this machine itself) is not told of: Azure has no such thing, and the SDK
takes that name for a run of its own.
"""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_aml.model import compute
from jupyter_aml.model.errors import AmlError, Conflict, Invalid, NotFound
from jupyter_aml.model.names import LOCAL
from jupyter_aml.service.arm import lro
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.durations import seconds
from jupyter_aml.service.arm.message import Request, Response, convert, json_response
from jupyter_aml.service.arm.nouns import attached
from jupyter_aml.service.arm.nouns.compute_resource import compute_resource, node_resource
from jupyter_aml.service.arm.paging import page
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import WS

HOLD_SECONDS = 20.0
"""How long a PUT or DELETE waits for its end before it answers that it is under way."""
_IDLE_SHUTDOWN = (15 * 60, 3 * 24 * 3600)
"""Azure's bounds, in seconds."""


class _Body(msgspec.Struct, rename="camel"):
    """What a PUT may carry; what is not here has no meaning on this machine."""

    properties: _Compute
    tags: dict[str, str] | None = None


class _Compute(msgspec.Struct, rename="camel"):
    compute_type: str
    description: str | None = None
    resource_id: str | None = None
    properties: dict[str, Any] | None = None


class _ScaleSettings(msgspec.Struct, rename="camel"):
    max_node_count: int
    min_node_count: int | None = None
    node_idle_time_before_scale_down: str | None = None


class _Cluster(msgspec.Struct, rename="camel"):
    vm_size: str | None = None
    vm_priority: str | None = None
    scale_settings: _ScaleSettings | None = None


class _Instance(msgspec.Struct, rename="camel"):
    vm_size: str | None = None
    idle_time_before_shutdown: str | None = None


class _PatchedScale(msgspec.Struct, rename="camel"):
    scale_settings: _ScaleSettings


class _PatchedCompute(msgspec.Struct, rename="camel"):
    properties: _PatchedScale


class _Patch(msgspec.Struct, rename="camel"):
    properties: _PatchedCompute


class _IdleShutdown(msgspec.Struct, rename="camel"):
    idle_time_before_shutdown: str | None = None


# -- looking ----------------------------------------------------------------------------------


async def list_(request: Request, context: Context) -> Response:
    found = [one for one in (await context.compute.list()).value if one.name != LOCAL]
    return page(request, context, [await _resource(request, context, one) for one in found])


async def get(request: Request, context: Context) -> Response:
    return json_response(await _resource(request, context, await _find(request, context)))


async def list_nodes(request: Request, context: Context) -> Response:
    found = await _find(request, context)
    if not isinstance(found.spec, compute.AmlCompute):
        raise Invalid(f"{found.name} is no cluster: it has no list of nodes.", target=found.name)
    nodes = (await context.compute.nodes(found.name)).nodes
    return page(request, context, [node_resource(node) for node in nodes], key="nodes")


# -- making and changing ----------------------------------------------------------------------


async def put(request: Request, context: Context) -> Response:
    """Create it, or change what may change; the SDK updates by PUT of the whole."""
    body = await request.struct(_Body)
    try:
        known = await _find(request, context)
    except NotFound:
        known = None
    if body.properties.compute_type.lower() == attached.TYPE.lower():
        return await _attach(request, context, body, known)
    spec = _spec(request.fields["name"], body)
    if known is None:
        await _create(context, spec)
    else:
        await context.compute.update(known.name, body=_changes(known.spec, spec))
    progress = await lro.settled(request, context, _check, ["create", spec.name], HOLD_SECONDS)
    if progress.error is not None:
        raise progress.error
    found = await _resource(request, context, await context.compute.get(spec.name))
    if progress.state == "InProgress":
        asked = lro.headers(request, context, "compute", "create", spec.name)
        return json_response(found, 201, asked)
    return json_response(found, 200 if known else 201)


async def _attach(
    request: Request, context: Context, body: _Body, known: compute.Compute | None
) -> Response:
    if known is not None:
        attached.same(known.spec)
    name, told = request.fields["name"], body.properties
    words = told.description or "", body.tags or {}
    await attached.put(context, name, told.resource_id, told.properties or {}, *words)
    found = await _resource(request, context, await context.compute.get(name))
    return json_response(found, 200 if known else 201)


async def _create(context: Context, spec: compute.AmlCompute | compute.ComputeInstance) -> None:
    try:
        await context.compute.create(body=spec)
    except NotFound as error:  # its size: a 404 would say that the compute is not there
        path = "$.properties.properties.vmSize"
        raise Invalid(error.message, target=path, hint=error.hint) from None


async def patch(request: Request, context: Context) -> Response:
    """The scale settings of a cluster, as ClusterUpdateParameters holds them."""
    found = await _find(request, context)
    given = (await request.struct(_Patch)).properties.properties.scale_settings
    path = "$.properties.properties"
    changes = compute.UpdateCompute(**_scale(given, f"{path}.scaleSettings"))
    await context.compute.update(found.name, body=changes)
    return await get(request, context)


async def delete(request: Request, context: Context) -> Response:
    found = await _find(request, context)
    is_attached = isinstance(found.spec, compute.AttachedCompute)
    wanted = request.option("underlyingResourceAction", "Delete").lower()
    if (wanted == "detach") != is_attached:
        raise Invalid(
            f"{found.name} is attached: it is not ours to delete."
            if is_attached
            else f"{found.name} is not attached, it was created here.",
            target="underlyingResourceAction",
            hint="Detach it: begin_delete(name, action='Detach')."
            if is_attached
            else "Delete it: begin_delete(name) without action='Detach'.",
        )
    await (context.compute.detach if is_attached else context.compute.delete)(found.name)
    names = ["delete", found.name]
    progress = await lro.settled(request, context, _check, names, HOLD_SECONDS)
    if progress.state == "InProgress":
        return lro.accepted(request, context, "compute", *names)
    return Response(200)


async def start(request: Request, context: Context) -> Response:
    await context.compute.start((await _find(request, context)).name)
    return lro.accepted(request, context, "compute", "start", request.fields["name"])


async def stop(request: Request, context: Context) -> Response:
    await context.compute.stop((await _find(request, context)).name)
    return lro.accepted(request, context, "compute", "stop", request.fields["name"])


async def restart(request: Request, context: Context) -> Response:
    await context.compute.restart((await _find(request, context)).name)
    return lro.accepted(request, context, "compute", "restart", request.fields["name"])


async def idle_shutdown(request: Request, context: Context) -> Response:
    found = await _find(request, context)
    body = await request.struct(_IdleShutdown)
    path = "$.idleTimeBeforeShutdown"
    minutes = _minutes(body.idle_time_before_shutdown, path) or 0
    changes = compute.UpdateCompute(idle_time_before_shutdown_minutes=minutes)
    await context.compute.update(found.name, body=changes)
    return Response(200)


async def enable_sso(request: Request, context: Context) -> Response:
    await _find(request, context)
    return Response(200)


# -- from ARM's words to ours -------------------------------------------------------------------


def _spec(name: str, body: _Body) -> compute.AmlCompute | compute.ComputeInstance:
    kind = body.properties.compute_type
    inside = body.properties.properties or {}
    path = "$.properties.properties"
    more: dict[str, Any] = {
        "name": name,
        "description": body.properties.description or "",
        "tags": body.tags or {},
    }
    if kind.lower() == "amlcompute":
        cluster = convert(inside, _Cluster, path)
        low = (cluster.vm_priority or "").lower() == "lowpriority"
        if cluster.scale_settings is not None:
            more |= _scale(cluster.scale_settings, f"{path}.scaleSettings")
        tier = "low_priority" if low else "dedicated"
        return _checked({**more, "tier": tier, "size": cluster.vm_size or ""}, compute.AmlCompute)
    if kind.lower() == "computeinstance":
        instance = convert(inside, _Instance, path)
        idle = f"{path}.idleTimeBeforeShutdown"
        minutes = _minutes(instance.idle_time_before_shutdown, idle)
        more |= {"size": instance.vm_size or "", "idle_time_before_shutdown_minutes": minutes}
        return _checked(more, compute.ComputeInstance)
    raise Invalid(
        f"The local workspace has no computes of the kind {kind}.",
        target="$.properties.computeType",
        hint="It has AmlCompute and ComputeInstance, and takes machines as VirtualMachine.",
    )


def _checked(fields: dict[str, Any], kind: Any) -> Any:
    """`fields` as our struct, whose bounds then hold; refused in the names of our API."""
    named = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
    return convert({named[n]: value for n, value in fields.items()}, kind, "$.properties")


def _scale(given: _ScaleSettings, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "min_instances": given.min_node_count or 0,
        "max_instances": given.max_node_count,
    }
    if given.node_idle_time_before_scale_down is not None:
        where = f"{path}.nodeIdleTimeBeforeScaleDown"
        idle = seconds(given.node_idle_time_before_scale_down, where)
        found["idle_time_before_scale_down"] = idle
    return found


def _minutes(duration: str | None, path: str) -> int | None:
    if duration is None:
        return None
    found = seconds(duration, path)
    low, high = _IDLE_SHUTDOWN
    if not low <= found <= high:
        raise Invalid(
            f"An instance shuts down after 15 minutes to 3 days of idle time, not {duration}.",
            target=path,
        )
    return found // 60


def _changes(
    known: compute.ComputeSpec, wanted: compute.AmlCompute | compute.ComputeInstance
) -> compute.UpdateCompute:
    """What of `known` becomes what `wanted` says. Raises `Invalid` for what is for good."""
    if type(known) is not type(wanted):
        raise Conflict(f"There is a compute {known.name!r} of another kind.", target=known.name)
    if wanted.size and wanted.size.lower() not in (known.size.lower(), f"standard_{known.size}"):
        _refuse_change("vmSize", known.size)
    if isinstance(wanted, compute.ComputeInstance):
        minutes = wanted.idle_time_before_shutdown_minutes
        return compute.UpdateCompute(
            idle_time_before_shutdown_minutes=minutes or 0,
            description=wanted.description,
            tags=wanted.tags,
        )
    assert isinstance(known, compute.AmlCompute)
    if wanted.tier != known.tier:
        _refuse_change("vmPriority", known.tier)
    return compute.UpdateCompute(
        min_instances=wanted.min_instances,
        max_instances=wanted.max_instances,
        idle_time_before_scale_down=wanted.idle_time_before_scale_down,
        description=wanted.description,
        tags=wanted.tags,
    )


def _refuse_change(field: str, known: str) -> None:
    raise Invalid(
        f"{field} cannot change once a compute is there: it is {known}.",
        target=f"$.properties.properties.{field}",
        hint="Delete the compute, or take another name.",
    )


# -- how far an operation is ------------------------------------------------------------------

_MOVING = frozenset({"Creating", "Starting", "Restarting", "Stopping", "Deleting"})
_FAILED = frozenset({"CreateFailed", "Failed", "Unusable"})


async def _check(_request: Request, context: Context, names: list[str]) -> lro.Progress:
    """`names` are the verb and the compute."""
    verb, name = names
    try:
        found = await context.compute.get(name)
    except NotFound as error:
        return lro.Progress("Succeeded") if verb == "delete" else lro.Progress("Failed", error)
    if found.state in _MOVING:
        return lro.Progress("InProgress")
    if found.state in _FAILED:
        said = found.error or found.reason or f"It is {found.state}."
        return lro.Progress("Failed", AmlError(f"{name}: {said}", target=name))
    return lro.Progress("Succeeded")


async def _find(request: Request, context: Context) -> compute.Compute:
    name = request.fields["name"]
    if name == LOCAL:
        raise NotFound(f"There is no compute {name!r} in the Azure-compatible API.", target=name)
    return await context.compute.get(name)


async def _resource(request: Request, context: Context, found: compute.Compute) -> dict[str, Any]:
    nodes = (await context.compute.nodes(found.name)).nodes
    return compute_resource(request.scope, found, nodes, context.user)


ONE = WS + "/computes/{name}"
_KINDS = (
    "AmlCompute, ComputeInstance; VirtualMachine, which is attached over SSH. Network, identity "
    "and schedules, and SSH of the first two, are accepted and not used."
)

ROUTES = (
    Route("Compute_List", "GET", WS + "/computes", list_),
    Route("Compute_Get", "GET", ONE, get),
    Route("Compute_CreateOrUpdate", "PUT", ONE, put, note=_KINDS),
    Route("Compute_Update", "PATCH", ONE, patch),
    Route("Compute_Delete", "DELETE", ONE, delete),
    Route("Compute_ListNodes", "POST", ONE + "/listNodes", list_nodes),
    Route("Compute_Start", "POST", ONE + "/start", start),
    Route("Compute_Stop", "POST", ONE + "/stop", stop),
    Route("Compute_Restart", "POST", ONE + "/restart", restart),
    Route("computes.idle_shutdown", "POST", ONE + "/updateIdleShutdownSetting", idle_shutdown),
    Route("computes.enable_sso", "POST", ONE + "/enableSso", enable_sso, "accepted"),
)

OPERATIONS: dict[str, lro.Check] = {"compute": _check}
