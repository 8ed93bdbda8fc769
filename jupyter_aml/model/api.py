"""The HTTP API of the service, as a table.

Each row names an operation ``facet.verb``: the method of the backend's facet (or of the
service itself), the client's method, the operation id in ``schema/openapi.json`` and the key
of TypeScript's ``operations``. One generic handler serves them all.
"""

from __future__ import annotations

import msgspec

from jupyter_aml.model.compute import (
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
from jupyter_aml.model.job import (
    CellRun,
    CreateJob,
    FileList,
    Job,
    JobPage,
    SessionList,
    Snapshot,
)
from jupyter_aml.model.preferences import Preferences
from jupyter_aml.model.workspace import ServiceStatus, WorkspaceList

API_PREFIX = "/v1"
API_VERSION = 1
"""Raised when a client and a service of different versions no longer understand each other."""


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One operation. ``query`` is a struct of strings and numbers; path fields are strings."""

    operation: str
    method: str
    path: str
    summary: str
    body: object | None = None
    query: type[msgspec.Struct] | None = None
    returns: object | None = None
    stream: bool = False
    """The body of the answer is NDJSON lines (or raw bytes) without an end known before."""

    @property
    def facet(self) -> str:
        return self.operation.partition(".")[0]

    @property
    def verb(self) -> str:
        return self.operation.partition(".")[2]


def _route(
    operation: str,
    request: str,
    summary: str,
    *,
    body: object | None = None,
    query: type[msgspec.Struct] | None = None,
    returns: object | None = None,
    stream: bool = False,
) -> Route:
    method, path = request.split(" ")
    return Route(
        operation=operation,
        method=method,
        path=path,
        summary=summary,
        body=body,
        query=query,
        returns=returns,
        stream=stream,
    )


# -- queries ------------------------------------------------------------------------------


class ListJobs(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    max_results: int = 50
    after: str = ""
    """The ``next`` of the page before."""
    include_archived: bool = False
    status: str = ""
    """One status word, or "active"."""
    compute: str = ""
    experiment_name: str = ""


class FollowJob(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    after: int = 0
    """Send events with a larger ``seq`` only."""
    wait: bool = True
    """False: send what is there and end."""


class ReadFile(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    path: str
    offset: int = 0


class FindCell(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    notebook: str
    cell_id: str


class ListSizes(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    type: str = ""
    """"amlcompute" or "computeinstance"; empty lists all."""


class History(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    seconds: int = 600


class StopService(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """``force`` ends what runs; without it a service with work under way answers Conflict."""

    force: bool = False


class TakeSnapshot(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    path: str
    limit_mb: int | None = None


class UseWorkspace(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    name: str


class FeedCommand(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What a tab tells its feed: follow a job's events from ``after``, or stop."""

    class Follow(msgspec.Struct, rename="camel", frozen=True):
        job: str
        after: int = 0

    follow: Follow | None = None
    unfollow: Follow | None = None


# -- the table ----------------------------------------------------------------------------

ROUTES: tuple[Route, ...] = (
    # the service itself
    _route("service.status", "GET /service", "What runs here.", returns=ServiceStatus),
    _route(
        "service.stop",
        "POST /service/stop",
        "Stop the service.",
        body=StopService,
        returns=ServiceStatus,
    ),
    _route("preferences.get", "GET /preferences", "The user's preferences.", returns=Preferences),
    _route(
        "preferences.update",
        "PUT /preferences",
        "Replace them.",
        body=Preferences,
        returns=Preferences,
    ),
    _route(
        "workspaces.list",
        "GET /workspaces",
        "Workspaces and the current one.",
        returns=WorkspaceList,
    ),
    _route(
        "workspaces.use",
        "POST /workspaces/use",
        "Make one current.",
        body=UseWorkspace,
        returns=WorkspaceList,
    ),
    # compute
    _route("compute.list", "GET /compute", "Every compute.", returns=ComputeList),
    _route("compute.get", "GET /compute/{name}", "One compute.", returns=Compute),
    _route(
        "compute.create",
        "POST /compute",
        "Create a cluster or an instance.",
        body=ComputeSpec,
        returns=Compute,
    ),
    _route(
        "compute.update",
        "PATCH /compute/{name}",
        "Change its scale or idle time.",
        body=UpdateCompute,
        returns=Compute,
    ),
    _route(
        "compute.delete",
        "DELETE /compute/{name}",
        "Delete it; its jobs are canceled.",
        returns=Compute,
    ),
    _route("compute.start", "POST /compute/{name}/start", "Start an instance.", returns=Compute),
    _route("compute.stop", "POST /compute/{name}/stop", "Stop an instance.", returns=Compute),
    _route(
        "compute.restart", "POST /compute/{name}/restart", "Restart an instance.", returns=Compute
    ),
    _route(
        "compute.evict",
        "POST /compute/{name}/evict",
        "Take back low-priority nodes.",
        body=Evict,
        returns=Compute,
    ),
    _route(
        "compute.nodes", "GET /compute/{name}/nodes", "Its nodes, measured live.", returns=NodeList
    ),
    _route(
        "compute.history",
        "GET /compute/{name}/nodes/{node}/history",
        "CPU, memory, disk and GPU of one node.",
        query=History,
        returns=SampleList,
    ),
    _route("compute.sizes", "GET /sizes", "The size catalogue.", query=ListSizes, returns=SizeList),
    _route("compute.usage", "GET /usage", "Cores in use against the quota.", returns=UsageList),
    # jobs
    _route("jobs.list", "GET /jobs", "Jobs, newest first.", query=ListJobs, returns=JobPage),
    _route("jobs.get", "GET /jobs/{name}", "One job.", returns=Job),
    _route("jobs.create", "POST /jobs", "Accept a job durably.", body=CreateJob, returns=Job),
    _route(
        "jobs.run",
        "POST /jobs/run",
        "Accept a job durably; the job is the first line, its events follow.",
        body=CreateJob,
        stream=True,
    ),
    _route(
        "jobs.check",
        "POST /jobs/check",
        "Refuse now what would be refused by create.",
        body=CreateJob,
        returns=Job,
    ),
    _route("jobs.cancel", "POST /jobs/{name}/cancel", "Ask the job to stop.", returns=Job),
    _route("jobs.archive", "POST /jobs/{name}/archive", "Hide it from lists.", returns=Job),
    _route("jobs.restore", "POST /jobs/{name}/restore", "Show it in lists again.", returns=Job),
    _route(
        "jobs.events",
        "GET /jobs/{name}/events",
        "Its event log, live.",
        query=FollowJob,
        stream=True,
    ),
    _route(
        "jobs.history",
        "GET /jobs/{name}/history",
        "CPU, memory, disk and GPU it used.",
        query=History,
        returns=SampleList,
    ),
    _route(
        "jobs.result",
        "GET /jobs/{name}/result",
        "The signed pickle of the variables it left.",
        stream=True,
    ),
    _route(
        "jobs.files",
        "GET /jobs/{name}/files",
        "Files it left: outputs, new files, logs.",
        returns=FileList,
    ),
    _route(
        "jobs.read",
        "GET /jobs/{name}/file",
        "The bytes of one of them.",
        query=ReadFile,
        stream=True,
    ),
    _route("cells.get", "GET /cells", "The newest run of a cell.", query=FindCell, returns=CellRun),
    _route("sessions.list", "GET /sessions", "Kept processes.", returns=SessionList),
    _route("sessions.delete", "DELETE /sessions/{name}", "End one.", returns=SessionList),
    _route(
        "snapshots.create",
        "POST /snapshots",
        "Take a snapshot of a code folder.",
        body=TakeSnapshot,
        returns=Snapshot,
    ),
    # the change feed
    _route("feed.open", "GET /feed/{feed}", "Changes and followed jobs, as NDJSON.", stream=True),
    _route(
        "feed.command",
        "POST /feed/{feed}",
        "Follow or unfollow a job on an open feed.",
        body=FeedCommand,
    ),
)

BY_OPERATION = {route.operation: route for route in ROUTES}
