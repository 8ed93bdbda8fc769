"""What a compute looks like in ARM's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_aml.model import compute
from jupyter_aml.service.arm.durations import of_minutes, of_seconds
from jupyter_aml.service.arm.nouns import attached
from jupyter_aml.service.arm.resource import resource
from jupyter_aml.service.arm.scope import LOCATION, TENANT, USER, Scope

_NODE_STATES = ("idle", "running", "preparing", "unusable", "leaving", "preempted")

_PROVISIONING = {
    "Creating": "Creating",
    "Deleting": "Deleting",
    "CreateFailed": "Failed",
    "Failed": "Failed",
}
"""Of the states; in all others the compute was provisioned."""

_OPERATION = {
    "Creating": ("Create", "InProgress"),
    "CreateFailed": ("Create", "CreateFailed"),
    "Starting": ("Start", "InProgress"),
    "Restarting": ("Restart", "InProgress"),
    "Stopping": ("Stop", "InProgress"),
    "Stopped": ("Stop", "Succeeded"),
    "Deleting": ("Delete", "InProgress"),
    "Unusable": ("Start", "StartFailed"),
}
"""What was done last to an instance in a state, and how that went."""


def compute_resource(
    scope: Scope, found: compute.Compute, nodes: Sequence[compute.Node], user: str
) -> dict[str, Any]:
    """A ComputeResource."""
    spec = found.spec
    cluster = isinstance(spec, compute.AmlCompute)
    is_attached = isinstance(spec, compute.AttachedCompute)
    if is_attached:
        kind, inside = attached.TYPE, attached.properties(spec)
    elif cluster:
        kind, inside = "AmlCompute", _cluster(found, spec, nodes)
    else:
        kind, inside = "ComputeInstance", _instance(found, user)
    properties: dict[str, Any] = {
        "computeType": kind,
        "computeLocation": LOCATION,
        "provisioningState": _PROVISIONING.get(found.state, "Succeeded"),
        "description": getattr(spec, "description", ""),
        "createdOn": found.created_at,
        "modifiedOn": found.state_since or found.created_at,
        "isAttachedCompute": is_attached,
        "disableLocalAuth": True,
        "properties": inside,
    }
    if is_attached and spec.resource_id:
        properties["resourceId"] = spec.resource_id
    if found.error:
        error = {"code": "ComputeFailed", "message": found.error}
        properties["provisioningErrors"] = [{"error": error}]
    return resource(
        scope,
        ("computes", found.name),
        properties,
        created_at=found.created_at,
        modified_at=found.state_since,
        user=user,
        location=LOCATION,
        tags=dict(spec.tags),
    )


def node_resource(node: compute.Node) -> dict[str, Any]:
    """An AmlComputeNodeInformation."""
    found: dict[str, Any] = {
        "nodeId": node.name,
        "privateIpAddress": "127.0.0.1",
        "nodeState": node.state,
    }
    return {**found, "runId": node.jobs[0]} if node.jobs else found


def _cluster(
    found: compute.Compute, spec: compute.AmlCompute, nodes: Sequence[compute.Node]
) -> dict[str, Any]:
    counts = {state: sum(node.state == state for node in nodes) for state in _NODE_STATES}
    return {
        "osType": "Linux",
        "vmSize": spec.size,
        "vmPriority": "LowPriority" if spec.tier == "low_priority" else "Dedicated",
        "scaleSettings": {
            "minNodeCount": spec.min_instances,
            "maxNodeCount": spec.max_instances,
            "nodeIdleTimeBeforeScaleDown": of_seconds(spec.idle_time_before_scale_down),
        },
        "remoteLoginPortPublicAccess": "Disabled",
        "allocationState": "Resizing" if found.state in ("Creating", "Resizing") else "Steady",
        "allocationStateTransitionTime": found.state_since or found.created_at,
        "currentNodeCount": found.current_nodes,
        "targetNodeCount": found.target_nodes,
        "nodeStateCounts": {f"{state}NodeCount": count for state, count in counts.items()},
        "enableNodePublicIp": False,
    }


def _instance(found: compute.Compute, user: str) -> dict[str, Any]:
    name, status = _OPERATION.get(found.state, ("Start", "Succeeded"))
    properties: dict[str, Any] = {
        "vmSize": found.spec.size,
        "state": found.state,
        "applicationSharingPolicy": "Personal",
        "sshSettings": {"sshPublicAccess": "Disabled"},
        "computeInstanceAuthorizationType": "personal",
        "createdBy": {"userName": user, "userId": USER, "userOrgId": TENANT},
        "lastOperation": {
            "operationName": name,
            "operationTime": found.state_since or found.created_at,
            "operationStatus": status,
            "operationTrigger": "IdleShutdown" if "idle" in found.reason else "User",
        },
    }
    minutes = getattr(found.spec, "idle_time_before_shutdown_minutes", None)
    if minutes is not None:
        properties["idleTimeBeforeShutdown"] = of_minutes(minutes)
    return properties
