"""A backend implements one workspace, as facets.

The generic HTTP handler calls ``backend.<facet>.<verb>(**path_fields, body=..., query=...)`` for
each row of `model.api.ROUTES` (``body`` and ``query`` only where the row has them) and encodes
what comes back. A facet that a backend lacks is None; `GET /workspaces` tells clients, and the UI
hides the section. Implement `Backend` in one module, register it under the entry-point group
``jupyter_aml.backends``, subclass `testing.BackendSuite`.

Errors: raise `model.errors.AmlError`s; anything else is logged and shown as an internal error. No
method may block the event loop. A coroutine that returns an `AsyncIterator` does its refusing
before it returns, so that a refusal keeps its HTTP status.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import msgspec

from jupyter_aml.model import (
    api,
    batch,
    code,
    component,
    compute,
    connection,
    data,
    diagnosis,
    endpoint,
    environment,
    job,
    kernel,
    many,
    pipeline,
    preflight,
    registry,
    rehearsal,
    schedule,
    sweep,
    waiting,
)
from jupyter_aml.model.workspace import Workspace


class ComputeFacet(Protocol):
    """Machines: see `model.compute`."""

    async def list(self) -> compute.ComputeList: ...
    async def get(self, name: str) -> compute.Compute: ...
    async def create(self, *, body: compute.ComputeSpec) -> compute.Compute:
        """Return as soon as the wish is durable; the state then moves by itself.

        The same name with the same spec returns what is there; another spec is a Conflict.
        """
        ...

    async def update(self, name: str, *, body: compute.UpdateCompute) -> compute.Compute: ...
    async def delete(self, name: str) -> compute.Compute:
        """Cancel its jobs, end its nodes, forget it. Deleting what is being deleted is no error."""
        ...

    async def start(self, name: str) -> compute.Compute: ...
    async def stop(self, name: str) -> compute.Compute: ...
    async def restart(self, name: str) -> compute.Compute: ...
    async def evict(self, name: str, *, body: compute.Evict) -> compute.Compute: ...
    async def nodes(self, name: str) -> compute.NodeList: ...
    async def history(self, name: str, node: str, *, query: api.History) -> compute.SampleList: ...
    async def sizes(self, *, query: api.ListSizes) -> compute.SizeList: ...
    async def usage(self) -> compute.UsageList: ...
    async def waits(self, *, query: api.FindStarts) -> waiting.UsualStartList: ...


class JobsFacet(Protocol):
    """Jobs: see `model.job`."""

    async def list(self, *, query: api.ListJobs) -> job.JobPage | msgspec.Raw: ...
    async def get(self, name: str) -> job.Job: ...
    async def create(self, *, body: job.CreateJob) -> job.Job:
        """Return when the job is on disk. The same name and spec again is the same job."""
        ...

    async def create_many(self, *, body: many.CreateJobs) -> many.JobList:
        """Every job is on disk when it returns; one that is refused refuses them all."""
        ...

    async def run(self, *, body: job.CreateJob) -> AsyncIterator[bytes]:
        """`create` and `events` in one request: the first line is ``{"job": Job}``."""
        ...

    async def check(self, *, body: job.CreateJob) -> job.Job:
        """Raise what `create` would raise; return the job it would make. Nothing is kept."""
        ...

    async def preflight(self, *, body: preflight.CheckJob) -> preflight.Preflight:
        """What `check` refuses as one of the problems, and everything else worth knowing before.

        Refuses nothing itself, and answers within 100 ms: what takes longer is said not to be
        complete.
        """
        ...

    async def wait(self, name: str) -> waiting.Wait: ...
    async def diagnosis(self, name: str) -> diagnosis.DiagnosisAnswer: ...

    async def cancel(self, name: str) -> job.Job:
        """Ask it to stop. Cancelling a finished job returns it unchanged."""
        ...

    async def update(self, name: str, *, body: job.UpdateJob) -> job.Job: ...
    async def archive(self, name: str) -> job.Job: ...
    async def restore(self, name: str) -> job.Job: ...
    async def events(self, name: str, *, query: api.FollowJob) -> AsyncIterator[bytes]: ...
    async def history(self, name: str, *, query: api.History) -> compute.SampleList: ...
    async def metrics(self, name: str) -> registry.JobMetrics: ...
    async def trials(self, name: str) -> sweep.TrialList: ...
    async def steps(self, name: str) -> pipeline.StepList: ...
    async def result(self, name: str) -> AsyncIterator[bytes]: ...
    async def files(self, name: str) -> job.FileList: ...
    async def read(self, name: str, *, query: api.ReadFile) -> AsyncIterator[bytes]: ...


class CellsFacet(Protocol):
    async def get(self, *, query: api.FindCell) -> job.CellRun: ...


class SessionsFacet(Protocol):
    async def list(self) -> job.SessionList: ...
    async def delete(self, name: str) -> job.SessionList: ...


class KernelsFacet(Protocol):
    """Notebook kernels on compute instances: see `model.kernel`."""

    async def list(self) -> kernel.KernelList: ...
    async def start(self, *, body: kernel.StartKernel) -> kernel.Kernel:
        """Return once it is accepted. The same name while it lives is the same kernel."""
        ...

    async def get(self, name: str) -> kernel.Kernel: ...
    async def delete(self, name: str) -> kernel.Kernel:
        """Ask it to end. One that has ended is returned unchanged."""
        ...


class SnapshotsFacet(Protocol):
    async def create(self, *, body: api.TakeSnapshot) -> job.Snapshot: ...


class CodesFacet(Protocol):
    """Code assets: see `model.code`. Registered and read by the Azure-compatible API."""

    async def list(self, name: str = "") -> code.CodeList: ...
    async def get(self, name: str, version: str) -> code.Code: ...
    async def find(self, digest: str) -> code.Code | None:
        """Whichever version holds the folder of which a client made `digest`."""
        ...

    async def create(self, *, body: code.CreateCode) -> code.Code:
        """Copy the folder; durable before it returns. The same files again are the same version,
        others are a Conflict."""
        ...

    def folder(self, code: code.Code) -> Path:
        """Where its files lie."""
        ...


class ConnectionsFacet(Protocol):
    """How things outside are reached: see `model.connection`. Names in any case of letters.

    The Azure-compatible API makes them, and tells their secrets; nothing else does.
    """

    async def list(self) -> connection.ConnectionList: ...
    async def get(self, name: str) -> connection.Connection: ...
    async def create(self, *, body: connection.CreateConnection) -> connection.Connection:
        """Keep it durably. The same name again replaces what there was."""
        ...

    async def secrets(self, name: str) -> connection.Credentials:
        """Its credentials, {} of one that has none."""
        ...

    async def delete(self, name: str) -> connection.Connection:
        """Delete it and its credentials."""
        ...


class EnvironmentsFacet(Protocol):
    """What a job's Python is: see `model.environment`. An empty version is the newest one."""

    async def list(self, *, query: api.ListEnvironments) -> environment.EnvironmentList: ...
    async def get(self, name: str, *, query: api.FindEnvironment) -> environment.Environment: ...
    async def create(self, *, body: environment.CreateEnvironment) -> environment.Environment:
        """Keep it durably; nothing is built yet. The same content again is the same version."""
        ...

    async def define(self, *, body: environment.CreateEnvironment) -> environment.Environment:
        """Keep what a client describes for one use: hidden from lists, under the key that the
        client made of it (``version``)."""
        ...

    async def build(self, name: str, *, query: api.FindEnvironment) -> environment.Environment:
        """Return as soon as the build is under way. What is built already is returned as it is."""
        ...

    async def cancel(self, name: str, *, query: api.FindEnvironment) -> environment.Environment:
        """End its build; without one it is returned unchanged."""
        ...

    async def log(self, name: str, *, query: api.FollowBuild) -> AsyncIterator[bytes]: ...
    async def diff(
        self,
        name: str,
        *,
        body: environment.DiffEnvironment,
        query: api.FindEnvironment,
    ) -> environment.EnvironmentDiff: ...
    async def archive(
        self, name: str, *, query: api.FindEnvironment
    ) -> environment.Environment: ...
    async def restore(
        self, name: str, *, query: api.FindEnvironment
    ) -> environment.Environment: ...


class DatastoresFacet(Protocol):
    """Places that hold files: see `model.data`. The default one is always there."""

    async def list(self) -> data.DatastoreList: ...
    async def get(self, name: str) -> data.Datastore: ...
    async def create(self, *, body: data.CreateDatastore) -> data.Datastore: ...
    async def delete(self, name: str) -> data.Datastore:
        """Forget it; never a file of it."""
        ...

    async def browse(self, name: str, *, query: api.BrowseFiles) -> data.EntryList: ...
    async def preview(self, name: str, *, query: api.BrowseFiles) -> data.Preview: ...
    async def read(self, name: str, *, query: api.BrowseFiles) -> AsyncIterator[bytes]: ...
    async def upload(self, name: str, *, body: data.UploadFiles) -> AsyncIterator[bytes]:
        """Copy files of this machine into it, as lines of `data.UploadLine`.

        Refuses as `keep` does. A copy that is left early keeps what is whole, and goes on there
        when it is asked for again.
        """
        ...

    async def keep(self, name: str, path: str, *, staged: Path, digest: str) -> None:
        """Move an uploaded file of this machine, of which `digest` is the SHA-256, to `path`.

        What was there is replaced. Raises `Forbidden` for a read-only datastore and for what
        assets hold. Afterwards `staged` is gone.
        """
        ...

    async def remove(self, name: str, path: str) -> None:
        """Delete a file, and the folders that are empty without it; refuses as `keep` does."""
        ...


class DataFacet(Protocol):
    """Data assets: see `model.data`. An empty version is the newest one."""

    async def list(self, *, query: api.ListAssets) -> data.DataList: ...
    async def get(self, name: str, *, query: api.FindAsset) -> data.Data: ...
    async def create(self, *, body: data.CreateData) -> data.Data:
        """Durable before it returns. The same content under a name is the same version."""
        ...

    async def upload(self, *, body: data.CreateData) -> AsyncIterator[bytes]:
        """`create` as lines of `data.UploadLine`; one that is left early registers nothing."""
        ...

    async def update(
        self, name: str, *, body: data.UpdateData, query: api.FindAsset
    ) -> data.Data: ...
    async def archive(self, name: str, *, query: api.FindAsset) -> data.Data: ...
    async def restore(self, name: str, *, query: api.FindAsset) -> data.Data: ...
    async def browse(self, name: str, *, query: api.BrowseFiles) -> data.EntryList: ...
    async def preview(self, name: str, *, query: api.BrowseFiles) -> data.Preview: ...
    async def read(self, name: str, *, query: api.BrowseFiles) -> AsyncIterator[bytes]: ...


class ModelsFacet(Protocol):
    """The registry: see `model.registry`. An empty version is the newest one."""

    async def list(self, *, query: api.ListAssets) -> registry.ModelList: ...
    async def get(self, name: str, *, query: api.FindAsset) -> registry.Model: ...
    async def create(self, *, body: registry.CreateModel) -> registry.Model:
        """Keep what lies there, whole and for good. The same content again is the same version."""
        ...

    async def update(
        self, name: str, *, body: registry.UpdateModel, query: api.FindAsset
    ) -> registry.Model: ...
    async def archive(self, name: str, *, query: api.FindAsset) -> registry.Model: ...
    async def restore(self, name: str, *, query: api.FindAsset) -> registry.Model: ...
    async def files(self, name: str, *, query: api.BrowseFiles) -> data.EntryList: ...
    async def read(self, name: str, *, query: api.BrowseFiles) -> AsyncIterator[bytes]: ...


class ComponentsFacet(Protocol):
    """What pipelines are made of: see `model.component`. An empty version is the newest one."""

    async def list(self, *, query: api.ListAssets) -> component.ComponentList:
        """Anonymous ones only where their name is asked for."""
        ...

    async def get(self, name: str, *, query: api.FindAsset) -> component.Component: ...
    async def create(self, *, body: component.CreateComponent) -> component.Component:
        """Keep its code as it is now. The same content again is the same version."""
        ...

    async def update(
        self, name: str, *, body: component.UpdateComponent, query: api.FindAsset
    ) -> component.Component: ...
    async def archive(self, name: str, *, query: api.FindAsset) -> component.Component: ...
    async def restore(self, name: str, *, query: api.FindAsset) -> component.Component: ...


class OnlineEndpointsFacet(Protocol):
    """URLs that stay: see `model.endpoint`. Methods return when the wish is durable."""

    async def list(self) -> endpoint.OnlineEndpointList: ...
    async def get(self, name: str) -> endpoint.OnlineEndpoint: ...
    async def create(self, *, body: endpoint.CreateOnlineEndpoint) -> endpoint.OnlineEndpoint:
        """The same name and spec again is the same endpoint; another spec is a Conflict."""
        ...

    async def update(
        self, name: str, *, body: endpoint.UpdateOnlineEndpoint
    ) -> endpoint.OnlineEndpoint:
        """New traffic holds for every request that comes after the answer; ends a rollout."""
        ...

    async def delete(self, name: str) -> endpoint.OnlineEndpoint:
        """With all its deployments. Deleting what is being deleted is no error."""
        ...

    async def keys(self, name: str) -> endpoint.EndpointKeys: ...
    async def regenerate_key(
        self, name: str, *, body: endpoint.RegenerateKey
    ) -> endpoint.EndpointKeys: ...
    async def token(self, name: str) -> endpoint.EndpointToken: ...
    async def invoke(self, name: str, *, body: endpoint.Invoke) -> endpoint.Answer:
        """Whatever the endpoint answers is an `Answer`, its refusals included."""
        ...

    async def traffic(self, name: str, *, query: api.History) -> endpoint.EndpointTraffic: ...
    async def rollout(
        self, name: str, *, body: endpoint.StartRollout
    ) -> endpoint.OnlineEndpoint: ...
    async def cancel_rollout(self, name: str) -> endpoint.OnlineEndpoint:
        """Without one the endpoint is returned unchanged."""
        ...


class OnlineDeploymentsFacet(Protocol):
    """What answers behind an endpoint: see `model.endpoint`."""

    async def list(self, endpoint: str) -> endpoint.OnlineDeploymentList: ...
    async def get(self, endpoint: str, name: str) -> endpoint.OnlineDeployment: ...
    async def create(
        self, endpoint: str, *, body: endpoint.CreateOnlineDeployment
    ) -> endpoint.OnlineDeployment:
        """Everything that can be known to fail is refused here. The same spec again is the same."""
        ...

    async def update(
        self, endpoint: str, name: str, *, body: endpoint.CreateOnlineDeployment
    ) -> endpoint.OnlineDeployment:
        """Instances of the new spec answer before those of the old one leave."""
        ...

    async def delete(self, endpoint: str, name: str) -> endpoint.OnlineDeployment:
        """A Conflict while it has traffic."""
        ...

    async def logs(
        self, endpoint: str, name: str, *, query: api.ReadLog
    ) -> AsyncIterator[bytes]: ...
    async def restart_instance(
        self, endpoint: str, name: str, instance: str
    ) -> endpoint.OnlineDeployment: ...
    async def rehearse(self, *, body: rehearsal.RehearseDeployment) -> rehearsal.Rehearsal:
        """Boot what a deployment would start, ask it once, end it. Nothing is kept."""
        ...


class BatchEndpointsFacet(Protocol):
    """Names that files are sent to: see `model.batch`."""

    async def list(self) -> batch.BatchEndpointList: ...
    async def get(self, name: str) -> batch.BatchEndpoint: ...
    async def create(self, *, body: batch.CreateBatchEndpoint) -> batch.BatchEndpoint: ...
    async def update(
        self, name: str, *, body: batch.UpdateBatchEndpoint
    ) -> batch.BatchEndpoint: ...
    async def delete(self, name: str) -> batch.BatchEndpoint: ...
    async def invoke(self, name: str, *, body: batch.InvokeBatch) -> job.Job:
        """Return when the job is on disk, as `jobs.create` does."""
        ...

    async def jobs(self, name: str) -> job.JobPage: ...


class BatchDeploymentsFacet(Protocol):
    async def list(self, endpoint: str) -> batch.BatchDeploymentList: ...
    async def get(self, endpoint: str, name: str) -> batch.BatchDeployment: ...
    async def create(
        self, endpoint: str, *, body: batch.CreateBatchDeployment
    ) -> batch.BatchDeployment:
        """Keep the code as it is now. The same name again replaces what was there."""
        ...

    async def delete(self, endpoint: str, name: str) -> batch.BatchDeployment: ...


class SchedulesFacet(Protocol):
    """Jobs that are made by the clock: see `model.schedule`."""

    async def list(self) -> schedule.ScheduleList: ...
    async def get(self, name: str) -> schedule.Schedule: ...
    async def create(self, *, body: schedule.CreateSchedule) -> schedule.Schedule:
        """Durable before it returns. Refused if its job would be, or if it is never due."""
        ...

    async def preview(self, *, body: schedule.PreviewSchedule) -> schedule.DueTimes:
        """Refused as `create` refuses the trigger. For who fills in a form."""
        ...

    async def enable(self, name: str) -> schedule.Schedule: ...
    async def disable(self, name: str) -> schedule.Schedule: ...
    async def delete(self, name: str) -> schedule.Schedule: ...
    async def trigger(self, name: str, *, body: schedule.TriggerSchedule) -> job.Job:
        """Return when its job is on disk."""
        ...


class Changes(Protocol):
    """Where a backend says what changed; the feed of every open tab reads it."""

    def publish(self, noun: str, name: str, value: msgspec.Struct | None) -> None:
        """`value` is the new state (a job's is its `JobSummary`), None when it is gone."""
        ...


class Backend(Protocol):
    """One workspace. ``open`` is awaited before the first request, ``close`` after the last.

    One that costs something also has ``spending`` (`service.money.spending`) once it is open.
    """

    workspace: Workspace
    compute: ComputeFacet | None
    jobs: JobsFacet | None
    cells: CellsFacet | None
    sessions: SessionsFacet | None
    kernels: KernelsFacet | None
    snapshots: SnapshotsFacet | None
    codes: CodesFacet | None
    environments: EnvironmentsFacet | None
    batch_endpoints: BatchEndpointsFacet | None
    batch_deployments: BatchDeploymentsFacet | None
    datastores: DatastoresFacet | None
    data: DataFacet | None
    models: ModelsFacet | None
    components: ComponentsFacet | None
    online_endpoints: OnlineEndpointsFacet | None
    online_deployments: OnlineDeploymentsFacet | None
    schedules: SchedulesFacet | None
    connections: ConnectionsFacet | None

    async def open(self) -> None:
        """Take up what an earlier service left: adopt what lives, clean up what does not."""
        ...

    async def close(self, *, end_everything: bool) -> None:
        """Let go. With `end_everything` also end nodes and jobs (they are durable as Canceled)."""
        ...

    async def settled(self) -> None:
        """Return once every job that was told to have ended has ended in the store too.

        Called before storage is measured and made room in.
        """
        ...

    def running(self) -> dict[str, int]:
        """Counts of what would be ended: ``{"jobs", "nodes", "endpoints"}``."""
        ...

    def state(self) -> list[tuple[str, str, msgspec.Struct]]:
        """(noun, name, value) of everything alive: what a new feed is told first."""
        ...
