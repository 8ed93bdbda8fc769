"""The HTTP API of the service, as a table.

Each row names an operation ``facet.verb``: the method of the backend's facet (or of the
service itself), the client's method, the operation id in ``schema/openapi.json`` and the key
of TypeScript's ``operations``. One generic handler serves them all.
"""

from __future__ import annotations

import msgspec

from jupyter_aml.model.batch import (
    BatchDeployment,
    BatchDeploymentList,
    BatchEndpoint,
    BatchEndpointList,
    CreateBatchDeployment,
    CreateBatchEndpoint,
    InvokeBatch,
    UpdateBatchEndpoint,
)
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
from jupyter_aml.model.data import (
    CreateData,
    CreateDatastore,
    Data,
    DataList,
    Datastore,
    DatastoreList,
    EntryList,
    Preview,
    UpdateData,
)
from jupyter_aml.model.diagnosis import DiagnosisAnswer
from jupyter_aml.model.endpoint import (
    Answer,
    CreateOnlineDeployment,
    CreateOnlineEndpoint,
    EndpointKeys,
    EndpointToken,
    EndpointTraffic,
    Invoke,
    OnlineDeployment,
    OnlineDeploymentList,
    OnlineEndpoint,
    OnlineEndpointList,
    RegenerateKey,
    StartRollout,
    UpdateOnlineEndpoint,
)
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
from jupyter_aml.model.kernel import Kernel, KernelList, StartKernel
from jupyter_aml.model.many import CreateJobs, JobList
from jupyter_aml.model.money import CostSummary, Ledger
from jupyter_aml.model.preferences import Preferences
from jupyter_aml.model.preflight import CheckJob, Preflight
from jupyter_aml.model.queries import (
    BrowseFiles,
    FeedCommand,
    FindAsset,
    FindCell,
    FindEnvironment,
    FindStarts,
    FollowBuild,
    FollowJob,
    History,
    ListAssets,
    ListEnvironments,
    ListJobs,
    ListSizes,
    ReadFile,
    ReadLedger,
    ReadLog,
    StopService,
    TakeSnapshot,
    UseWorkspace,
)
from jupyter_aml.model.registry import CreateModel, JobMetrics, Model, ModelList, UpdateModel
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
        "jobs.create_many",
        "POST /jobs/many",
        "Accept many jobs durably, all of them or none.",
        body=CreateJobs,
        returns=JobList,
    ),
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
        "jobs.metrics",
        "GET /jobs/{name}/metrics",
        "What it logged, by aml.log and through MLflow.",
        returns=JobMetrics,
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
    _route("kernels.list", "GET /kernels", "Kernels on instances.", returns=KernelList),
    _route(
        "kernels.start",
        "POST /kernels",
        "Start a notebook's kernel on an instance, or take up the one of that name.",
        body=StartKernel,
        returns=Kernel,
    ),
    _route(
        "kernels.get",
        "GET /kernels/{name}",
        "One kernel, also the last end of one that is gone.",
        returns=Kernel,
    ),
    _route("kernels.delete", "DELETE /kernels/{name}", "End it.", returns=Kernel),
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
    # data
    _route(
        "datastores.list",
        "GET /datastores",
        "Places that hold files; the default one first.",
        returns=DatastoreList,
    ),
    _route("datastores.get", "GET /datastores/{name}", "One datastore.", returns=Datastore),
    _route(
        "datastores.create",
        "POST /datastores",
        "Name a folder of this machine.",
        body=CreateDatastore,
        returns=Datastore,
    ),
    _route(
        "datastores.delete",
        "DELETE /datastores/{name}",
        "Forget it. Its files stay.",
        returns=Datastore,
    ),
    _route(
        "datastores.browse",
        "GET /datastores/{name}/files",
        "What lies in one folder of it.",
        query=BrowseFiles,
        returns=EntryList,
    ),
    _route(
        "datastores.preview",
        "GET /datastores/{name}/preview",
        "The beginning of one of its files.",
        query=BrowseFiles,
        returns=Preview,
    ),
    _route(
        "datastores.read",
        "GET /datastores/{name}/file",
        "The bytes of one of its files.",
        query=BrowseFiles,
        stream=True,
    ),
    _route(
        "data.list",
        "GET /data",
        "Data assets, newest first; every version of one.",
        query=ListAssets,
        returns=DataList,
    ),
    _route(
        "data.get",
        "GET /data/{name}",
        "One version, with the jobs that used it.",
        query=FindAsset,
        returns=Data,
    ),
    _route(
        "data.create",
        "POST /data",
        "Name a content; another content under the same name is the next version.",
        body=CreateData,
        returns=Data,
    ),
    _route(
        "data.upload",
        "POST /data/upload",
        "data.create, telling how far the copy is.",
        body=CreateData,
        stream=True,
    ),
    _route(
        "data.update",
        "PATCH /data/{name}",
        "Change its description or tags.",
        body=UpdateData,
        query=FindAsset,
        returns=Data,
    ),
    _route(
        "data.archive",
        "POST /data/{name}/archive",
        "Hide it from lists; jobs that name its version go on using it.",
        query=FindAsset,
        returns=Data,
    ),
    _route(
        "data.restore",
        "POST /data/{name}/restore",
        "Show it in lists again.",
        query=FindAsset,
        returns=Data,
    ),
    _route(
        "data.browse",
        "GET /data/{name}/files",
        "What lies in one folder of it.",
        query=BrowseFiles,
        returns=EntryList,
    ),
    _route(
        "data.preview",
        "GET /data/{name}/preview",
        "The beginning of it, or of one of its files.",
        query=BrowseFiles,
        returns=Preview,
    ),
    _route(
        "data.read",
        "GET /data/{name}/file",
        "The bytes of one of its files.",
        query=BrowseFiles,
        stream=True,
    ),
    # models
    _route(
        "models.list",
        "GET /models",
        "Models: the newest version of each, or every version of one.",
        query=ListAssets,
        returns=ModelList,
    ),
    _route(
        "models.get",
        "GET /models/{name}",
        "One version, with what serves it.",
        query=FindAsset,
        returns=Model,
    ),
    _route(
        "models.create",
        "POST /models",
        "Register a file, a folder, a job's output or what MLflow logged.",
        body=CreateModel,
        returns=Model,
    ),
    _route(
        "models.update",
        "PATCH /models/{name}",
        "Change its description, tags or stage.",
        body=UpdateModel,
        query=FindAsset,
        returns=Model,
    ),
    _route(
        "models.archive",
        "POST /models/{name}/archive",
        "Hide it from lists; deployments that name its version go on using it.",
        query=FindAsset,
        returns=Model,
    ),
    _route(
        "models.restore",
        "POST /models/{name}/restore",
        "Show it in lists again.",
        query=FindAsset,
        returns=Model,
    ),
    _route(
        "models.files",
        "GET /models/{name}/files",
        "What lies in a folder of it.",
        query=BrowseFiles,
        returns=EntryList,
    ),
    _route(
        "models.read",
        "GET /models/{name}/file",
        "The bytes of one of its files.",
        query=BrowseFiles,
        stream=True,
    ),
    # online endpoints and their deployments
    _route(
        "online_endpoints.list",
        "GET /online-endpoints",
        "Every online endpoint.",
        returns=OnlineEndpointList,
    ),
    _route(
        "online_endpoints.get",
        "GET /online-endpoints/{name}",
        "One online endpoint.",
        returns=OnlineEndpoint,
    ),
    _route(
        "online_endpoints.create",
        "POST /online-endpoints",
        "Make a URL that stays; its deployments come next.",
        body=CreateOnlineEndpoint,
        returns=OnlineEndpoint,
    ),
    _route(
        "online_endpoints.update",
        "PATCH /online-endpoints/{name}",
        "Change its traffic, mirror, description or tags.",
        body=UpdateOnlineEndpoint,
        returns=OnlineEndpoint,
    ),
    _route(
        "online_endpoints.delete",
        "DELETE /online-endpoints/{name}",
        "Delete it with all of its deployments.",
        returns=OnlineEndpoint,
    ),
    _route(
        "online_endpoints.keys",
        "POST /online-endpoints/{name}/keys",
        "Its two keys.",
        returns=EndpointKeys,
    ),
    _route(
        "online_endpoints.regenerate_key",
        "POST /online-endpoints/{name}/regenerate-key",
        "Replace one of its keys; the old one stops working at once.",
        body=RegenerateKey,
        returns=EndpointKeys,
    ),
    _route(
        "online_endpoints.token",
        "POST /online-endpoints/{name}/token",
        "A short-lived token for it.",
        returns=EndpointToken,
    ),
    _route(
        "online_endpoints.invoke",
        "POST /online-endpoints/{name}/invoke",
        "Send it a request, with its key.",
        body=Invoke,
        returns=Answer,
    ),
    _route(
        "online_endpoints.traffic",
        "GET /online-endpoints/{name}/traffic",
        "Requests, errors, latencies and instances over time.",
        query=History,
        returns=EndpointTraffic,
    ),
    _route(
        "online_endpoints.rollout",
        "POST /online-endpoints/{name}/rollout",
        "Move traffic to a deployment in steps; back again when it errs.",
        body=StartRollout,
        returns=OnlineEndpoint,
    ),
    _route(
        "online_endpoints.cancel_rollout",
        "POST /online-endpoints/{name}/cancel-rollout",
        "End the rollout and restore the traffic of before.",
        returns=OnlineEndpoint,
    ),
    _route(
        "online_deployments.list",
        "GET /online-endpoints/{endpoint}/deployments",
        "Deployments of an endpoint.",
        returns=OnlineDeploymentList,
    ),
    _route(
        "online_deployments.get",
        "GET /online-endpoints/{endpoint}/deployments/{name}",
        "One deployment, with the script that runs.",
        returns=OnlineDeployment,
    ),
    _route(
        "online_deployments.create",
        "POST /online-endpoints/{endpoint}/deployments",
        "Put a model behind an endpoint.",
        body=CreateOnlineDeployment,
        returns=OnlineDeployment,
    ),
    _route(
        "online_deployments.update",
        "PUT /online-endpoints/{endpoint}/deployments/{name}",
        "Replace what runs; new instances answer before old ones leave.",
        body=CreateOnlineDeployment,
        returns=OnlineDeployment,
    ),
    _route(
        "online_deployments.delete",
        "DELETE /online-endpoints/{endpoint}/deployments/{name}",
        "Delete it; refused while it has traffic.",
        returns=OnlineDeployment,
    ),
    _route(
        "online_deployments.logs",
        "GET /online-endpoints/{endpoint}/deployments/{name}/logs",
        "What its script printed, or the requests it got.",
        query=ReadLog,
        stream=True,
    ),
    _route(
        "online_deployments.restart_instance",
        "POST /online-endpoints/{endpoint}/deployments/{name}/instances/{instance}/restart",
        "Replace one instance: a new one answers first.",
        returns=OnlineDeployment,
    ),
    # batch endpoints and their deployments
    _route(
        "batch_endpoints.list",
        "GET /batch-endpoints",
        "Every batch endpoint.",
        returns=BatchEndpointList,
    ),
    _route(
        "batch_endpoints.get",
        "GET /batch-endpoints/{name}",
        "One batch endpoint.",
        returns=BatchEndpoint,
    ),
    _route(
        "batch_endpoints.create",
        "POST /batch-endpoints",
        "Make one; its deployments come next.",
        body=CreateBatchEndpoint,
        returns=BatchEndpoint,
    ),
    _route(
        "batch_endpoints.update",
        "PATCH /batch-endpoints/{name}",
        "Change its default deployment, description or tags.",
        body=UpdateBatchEndpoint,
        returns=BatchEndpoint,
    ),
    _route(
        "batch_endpoints.delete",
        "DELETE /batch-endpoints/{name}",
        "Delete it with its deployments; its jobs stay.",
        returns=BatchEndpoint,
    ),
    _route(
        "batch_endpoints.invoke",
        "POST /batch-endpoints/{name}/invoke",
        "Score files: a job.",
        body=InvokeBatch,
        returns=Job,
    ),
    _route(
        "batch_endpoints.jobs",
        "GET /batch-endpoints/{name}/jobs",
        "Its jobs, newest first.",
        returns=JobPage,
    ),
    _route(
        "batch_deployments.list",
        "GET /batch-endpoints/{endpoint}/deployments",
        "Deployments of an endpoint.",
        returns=BatchDeploymentList,
    ),
    _route(
        "batch_deployments.get",
        "GET /batch-endpoints/{endpoint}/deployments/{name}",
        "One deployment.",
        returns=BatchDeployment,
    ),
    _route(
        "batch_deployments.create",
        "POST /batch-endpoints/{endpoint}/deployments",
        "Put a model and its script behind an endpoint; the same name again replaces it.",
        body=CreateBatchDeployment,
        returns=BatchDeployment,
    ),
    _route(
        "batch_deployments.delete",
        "DELETE /batch-endpoints/{endpoint}/deployments/{name}",
        "Delete it; its jobs stay.",
        returns=BatchDeployment,
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
