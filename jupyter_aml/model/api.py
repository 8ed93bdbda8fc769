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
from jupyter_aml.model.diagnosis import DiagnosisAnswer
from jupyter_aml.model.environment import (
    CreateEnvironment,
    DiffEnvironment,
    Environment,
    EnvironmentDiff,
    EnvironmentList,
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
from jupyter_aml.model.money import CostSummary, Ledger
from jupyter_aml.model.preferences import Preferences
from jupyter_aml.model.preflight import CheckJob, Preflight
from jupyter_aml.model.queries import (
    FeedCommand,
    FindCell,
    FindEnvironment,
    FindStarts,
    FollowBuild,
    FollowJob,
    History,
    ListEnvironments,
    ListJobs,
    ListSizes,
    ReadFile,
    ReadLedger,
    StopService,
    TakeSnapshot,
    UseWorkspace,
)
from jupyter_aml.model.storage import PruneReport, PruneStorage, StorageUsage
from jupyter_aml.model.waiting import UsualStartList, Wait
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
    _route(
        "service.prune",
        "POST /service/prune",
        "Remove what is old, or more than fits; never what runs.",
        body=PruneStorage,
        returns=PruneReport,
    ),
    _route(
        "storage.usage",
        "GET /storage",
        "How much disk each kind of thing takes.",
        returns=StorageUsage,
    ),
    _route(
        "costs.summary",
        "GET /costs",
        "Rate, spent, budget and its guard.",
        returns=CostSummary,
    ),
    _route(
        "costs.ledger",
        "GET /costs/ledger",
        "What was spent on what; sums to the receipts and idle time.",
        query=ReadLedger,
        returns=Ledger,
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
    _route(
        "compute.waits",
        "GET /waits",
        "How long starts usually take, learnt from this person's own.",
        query=FindStarts,
        returns=UsualStartList,
    ),
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
    _route(
        "jobs.preflight",
        "POST /jobs/preflight",
        "What a job would cost, take along and meet; nothing is kept.",
        body=CheckJob,
        returns=Preflight,
    ),
    _route(
        "jobs.wait",
        "GET /jobs/{name}/wait",
        "Why it has not started yet, stage by stage, and how long that usually takes.",
        returns=Wait,
    ),
    _route(
        "jobs.diagnosis",
        "GET /jobs/{name}/diagnosis",
        "Why it failed, where a rule is sure.",
        returns=DiagnosisAnswer,
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
    # environments
    _route(
        "environments.list",
        "GET /environments",
        "Environments: the kernel, the person's own, the curated ones.",
        query=ListEnvironments,
        returns=EnvironmentList,
    ),
    _route(
        "environments.get",
        "GET /environments/{name}",
        "One environment, with the modules that can be imported in it.",
        query=FindEnvironment,
        returns=Environment,
    ),
    _route(
        "environments.create",
        "POST /environments",
        "Name a content; another content under the same name is the next version.",
        body=CreateEnvironment,
        returns=Environment,
    ),
    _route(
        "environments.build",
        "POST /environments/{name}/build",
        "Build it now instead of with its first job.",
        query=FindEnvironment,
        returns=Environment,
    ),
    _route(
        "environments.cancel",
        "POST /environments/{name}/cancel",
        "End its build.",
        query=FindEnvironment,
        returns=Environment,
    ),
    _route(
        "environments.log",
        "GET /environments/{name}/log",
        "The log of its newest build, live.",
        query=FollowBuild,
        stream=True,
    ),
    _route(
        "environments.diff",
        "POST /environments/{name}/diff",
        "What the notebook has against what the environment has.",
        body=DiffEnvironment,
        query=FindEnvironment,
        returns=EnvironmentDiff,
    ),
    _route(
        "environments.archive",
        "POST /environments/{name}/archive",
        "Hide it from lists; jobs that name its version go on using it.",
        query=FindEnvironment,
        returns=Environment,
    ),
    _route(
        "environments.restore",
        "POST /environments/{name}/restore",
        "Show it in lists again.",
        query=FindEnvironment,
        returns=Environment,
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
