"""Compute: clusters and instances, their nodes and sizes."""

from __future__ import annotations

from jupyter_aml.model.compute import (
    AttachedCompute,
    Compute,
    ComputeList,
    ComputeSpec,
    Evict,
    NodeList,
    SampleList,
    SizeList,
    UpdateCompute,
    UsageList,
)
from jupyter_aml.model.queries import (
    FindStarts,
    History,
    ListSizes,
)
from jupyter_aml.model.route import Route, route
from jupyter_aml.model.waiting import UsualStartList

ROUTES: tuple[Route, ...] = (
    route("compute.list", "GET /compute", "Every compute.", returns=ComputeList),
    route("compute.get", "GET /compute/{name}", "One compute.", returns=Compute),
    route(
        "compute.create",
        "POST /compute",
        "Create a cluster or an instance.",
        body=ComputeSpec,
        returns=Compute,
    ),
    route(
        "compute.update",
        "PATCH /compute/{name}",
        "Change its scale or idle time.",
        body=UpdateCompute,
        returns=Compute,
    ),
    route(
        "compute.delete",
        "DELETE /compute/{name}",
        "Delete it; its jobs are canceled.",
        returns=Compute,
    ),
    route(
        "compute.attach",
        "POST /compute/attach",
        "Join a machine of your own, once it has answered.",
        body=AttachedCompute,
        returns=Compute,
    ),
    route(
        "compute.detach",
        "POST /compute/{name}/detach",
        "Let go of an attached machine; its jobs are canceled, itself it stays as it is.",
        returns=Compute,
    ),
    route("compute.start", "POST /compute/{name}/start", "Start an instance.", returns=Compute),
    route("compute.stop", "POST /compute/{name}/stop", "Stop an instance.", returns=Compute),
    route(
        "compute.restart", "POST /compute/{name}/restart", "Restart an instance.", returns=Compute
    ),
    route(
        "compute.evict",
        "POST /compute/{name}/evict",
        "Take back low-priority nodes.",
        body=Evict,
        returns=Compute,
    ),
    route(
        "compute.nodes", "GET /compute/{name}/nodes", "Its nodes, measured live.", returns=NodeList
    ),
    route(
        "compute.history",
        "GET /compute/{name}/nodes/{node}/history",
        "CPU, memory, disk and GPU of one node.",
        query=History,
        returns=SampleList,
    ),
    route("compute.sizes", "GET /sizes", "The size catalogue.", query=ListSizes, returns=SizeList),
    route("compute.usage", "GET /usage", "Cores in use against the quota.", returns=UsageList),
    route(
        "compute.waits",
        "GET /waits",
        "How long starts usually take, learnt from this person's own.",
        query=FindStarts,
        returns=UsualStartList,
    ),
)
