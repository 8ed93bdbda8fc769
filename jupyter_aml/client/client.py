"""`Client`: one method for each row of the API table, under the same names.

``client.jobs.get(name)`` is the row ``jobs.get``. The methods are thin: a refusal is raised as the
class that the service raised, and what comes back is a struct of `jupyter_aml.model`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from jupyter_aml.client import discovery
from jupyter_aml.client.follow import Following, present
from jupyter_aml.client.home import service_home
from jupyter_aml.client.transport import HttpTransport, Stream, Transport
from jupyter_aml.client.workspaces import unknown
from jupyter_aml.model import api
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
    BuildLine,
    CreateEnvironment,
    DiffEnvironment,
    Environment,
    EnvironmentDiff,
    EnvironmentList,
)
from jupyter_aml.model.errors import Conflict, ServiceNotRunning
from jupyter_aml.model.event import Event
from jupyter_aml.model.job import (
    CellRun,
    CreateJob,
    FileList,
    Job,
    JobPage,
    JobSpec,
    SessionList,
    Snapshot,
)
from jupyter_aml.model.money import CostSummary, GroupBy, Ledger
from jupyter_aml.model.names import new_job_name
from jupyter_aml.model.preferences import Preferences
from jupyter_aml.model.preflight import CheckJob, Preflight
from jupyter_aml.model.storage import PruneReport, PruneStorage, StorageUsage
from jupyter_aml.model.waiting import UsualStartList, Wait
from jupyter_aml.model.workspace import ServiceStatus, WorkspaceList

T = TypeVar("T")

# Sending these twice could do them twice.
_NOT_REPEATABLE = frozenset({"compute.restart", "compute.evict"})


class _Facet:
    """The operations of one facet."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _call(
        self,
        operation: str,
        returns: type[T],
        *,
        body: object = None,
        query: msgspec.Struct | None = None,
        **names: str,
    ) -> T:
        method, path = _request(operation, query, names)
        sent = None if body is None else msgspec.json.encode(body)
        repeatable = operation not in _NOT_REPEATABLE
        content = self._transport.request(method, path, sent, repeatable=repeatable)
        return msgspec.json.decode(content, type=returns)

    def _stream(
        self,
        operation: str,
        *,
        body: object = None,
        query: msgspec.Struct | None = None,
        **names: str,
    ) -> Stream:
        method, path = _request(operation, query, names)
        return self._transport.stream(
            method, path, None if body is None else msgspec.json.encode(body)
        )


class Service(_Facet):
    """The service itself."""

    def status(self) -> ServiceStatus:
        return self._call("service.status", ServiceStatus)

    def stop(self, *, force: bool = False) -> ServiceStatus:
        """Ask it to stop; with work under way this is a `Conflict`, unless `force`."""
        return self._call("service.stop", ServiceStatus, body=api.StopService(force=force))

    def prune(self, body: PruneStorage) -> PruneReport:
        """Remove what is old, or more than fits; with ``dry_run`` only say what."""
        return self._call("service.prune", PruneReport, body=body)


class Storage(_Facet):
    def usage(self) -> StorageUsage:
        """How much disk each kind of thing takes."""
        return self._call("storage.usage", StorageUsage)


class Costs(_Facet):
    """What compute costs, and the guard of the budget."""

    def summary(self) -> CostSummary:
        return self._call("costs.summary", CostSummary)

    def ledger(self, since: str = "", group_by: GroupBy = "", *, max_results: int = 1000) -> Ledger:
        """What was spent since a day or a moment (today unless told), newest first."""
        query = api.ReadLedger(since=since, group_by=group_by, max_results=max_results)
        return self._call("costs.ledger", Ledger, query=query)


class PreferencesFacet(_Facet):
    """What this user prefers, on every surface."""

    def get(self) -> Preferences:
        return self._call("preferences.get", Preferences)

    def update(self, preferences: Preferences) -> Preferences:
        """Replace them whole."""
        return self._call("preferences.update", Preferences, body=preferences)


class Workspaces(_Facet):
    def list(self) -> WorkspaceList:
        return self._call("workspaces.list", WorkspaceList)

    def use(self, name: str) -> WorkspaceList:
        """Make one current, for every surface of this user."""
        return self._call("workspaces.use", WorkspaceList, body=api.UseWorkspace(name=name))


class ComputeFacet(_Facet):
    """Machines. Changing one returns as soon as the wish is durable; the state then moves."""

    def list(self) -> ComputeList:
        return self._call("compute.list", ComputeList)

    def get(self, name: str) -> Compute:
        return self._call("compute.get", Compute, name=name)

    def create(self, spec: ComputeSpec) -> Compute:
        """Create it; the same name with the same spec returns what is there."""
        return self._call("compute.create", Compute, body=spec)

    def update(self, name: str, body: UpdateCompute) -> Compute:
        return self._call("compute.update", Compute, body=body, name=name)

    def delete(self, name: str) -> Compute:
        """Cancel its jobs, end its nodes, forget it."""
        return self._call("compute.delete", Compute, name=name)

    def start(self, name: str) -> Compute:
        return self._call("compute.start", Compute, name=name)

    def stop(self, name: str) -> Compute:
        return self._call("compute.stop", Compute, name=name)

    def restart(self, name: str) -> Compute:
        return self._call("compute.restart", Compute, name=name)

    def evict(self, name: str, node: str = "") -> Compute:
        """Take back one low-priority node by name, or all of them."""
        return self._call("compute.evict", Compute, body=Evict(node=node), name=name)

    def nodes(self, name: str) -> NodeList:
        return self._call("compute.nodes", NodeList, name=name)

    def history(self, name: str, node: str, *, seconds: int = 600) -> SampleList:
        query = api.History(seconds=seconds)
        return self._call("compute.history", SampleList, query=query, name=name, node=node)

    def sizes(self, type: Literal["", "amlcompute", "computeinstance"] | str = "") -> SizeList:
        return self._call("compute.sizes", SizeList, query=api.ListSizes(type=type))

    def usage(self) -> UsageList:
        return self._call("compute.usage", UsageList)

    def waits(self, size: str = "", environment: str = "") -> UsualStartList:
        """How long starts usually take; empty names list everything that is known."""
        query = api.FindStarts(size=size, environment=environment)
        return self._call("compute.waits", UsualStartList, query=query)


class Jobs(_Facet):
    def list(
        self,
        *,
        max_results: int = 50,
        after: str = "",
        include_archived: bool = False,
        status: str = "",
        compute: str = "",
        experiment_name: str = "",
    ) -> JobPage:
        """A page, newest first. `status` is one status word, or "active"."""
        query = api.ListJobs(
            max_results=max_results,
            after=after,
            include_archived=include_archived,
            status=status,
            compute=compute,
            experiment_name=experiment_name,
        )
        return self._call("jobs.list", JobPage, query=query)

    def get(self, name: str) -> Job:
        return self._call("jobs.get", Job, name=name)

    def create(self, spec: JobSpec, name: str = "") -> Job:
        """Return when the job is durably accepted.

        It always has a name before it is sent, so that sending it again cannot make a second one.
        """
        body = CreateJob(spec=spec, name=name or new_job_name())
        return self._call("jobs.create", Job, body=body)

    def run(self, spec: JobSpec, name: str = "") -> Following:
        """`create` and `follow` in one request."""
        body = CreateJob(spec=spec, name=name or new_job_name())
        return Following(self, body.name, stream=lambda: self._stream("jobs.run", body=body))

    def check(self, spec: JobSpec, name: str = "") -> Job:
        """Raise what `create` would raise; nothing is kept."""
        return self._call("jobs.check", Job, body=CreateJob(spec=spec, name=name))

    def preflight(self, body: CheckJob) -> Preflight:
        """What the job would cost, take along and meet; nothing is kept."""
        return self._call("jobs.preflight", Preflight, body=body)

    def wait(self, name: str) -> Wait:
        """Why it has not started yet, stage by stage. Returns at once: it waits for nothing."""
        return self._call("jobs.wait", Wait, name=name)

    def diagnosis(self, name: str) -> DiagnosisAnswer:
        """Why it failed, where a rule is sure."""
        return self._call("jobs.diagnosis", DiagnosisAnswer, name=name)

    def follow(self, name: str, after: int = 0, wait: bool = True) -> Iterator[Event]:
        """Its events from `after` on, whatever happens to the service; see `client.follow`."""
        return iter(Following(self, name, after=after)) if wait else present(self, name, after)

    def events(self, name: str, *, after: int = 0, wait: bool = True) -> Stream:
        """One request for its events: ends when the service goes away. See `follow`."""
        return self._stream("jobs.events", query=api.FollowJob(after=after, wait=wait), name=name)

    def cancel(self, name: str) -> Job:
        """Ask it to stop. Cancelling a finished job returns it unchanged."""
        return self._call("jobs.cancel", Job, name=name)

    def archive(self, name: str) -> Job:
        return self._call("jobs.archive", Job, name=name)

    def restore(self, name: str) -> Job:
        return self._call("jobs.restore", Job, name=name)

    def history(self, name: str, *, seconds: int = 600) -> SampleList:
        return self._call("jobs.history", SampleList, query=api.History(seconds=seconds), name=name)

    def result(self, name: str) -> Iterator[bytes]:
        """The signed pickle of the variables it left, then their buffers."""
        return self._stream("jobs.result", name=name).pieces()

    def files(self, name: str) -> FileList:
        return self._call("jobs.files", FileList, name=name)

    def read(self, name: str, path: str, offset: int = 0) -> Iterator[bytes]:
        """The bytes of one of its files, from `offset` on."""
        query = api.ReadFile(path=path, offset=offset)
        return self._stream("jobs.read", query=query, name=name).pieces()


class Cells(_Facet):
    def get(self, notebook: str, cell_id: str) -> CellRun:
        """The newest run of one cell of one notebook."""
        query = api.FindCell(notebook=notebook, cell_id=cell_id)
        return self._call("cells.get", CellRun, query=query)


class Sessions(_Facet):
    def list(self) -> SessionList:
        return self._call("sessions.list", SessionList)

    def delete(self, name: str) -> SessionList:
        """End one; what its process holds is lost."""
        return self._call("sessions.delete", SessionList, name=name)


class Snapshots(_Facet):
    def create(self, path: str, *, limit_mb: int | None = None) -> Snapshot:
        """Take a snapshot of a code folder of this machine."""
        body = api.TakeSnapshot(path=path, limit_mb=limit_mb)
        return self._call("snapshots.create", Snapshot, body=body)


class Environments(_Facet):
    """What a job's Python is. An empty version is the newest one."""

    def list(self, name: str = "", *, include_archived: bool = False) -> EnvironmentList:
        """Every version of `name`, or the newest version of each environment."""
        query = api.ListEnvironments(name=name, include_archived=include_archived)
        return self._call("environments.list", EnvironmentList, query=query)

    def get(self, name: str, version: str = "") -> Environment:
        query = api.FindEnvironment(version=version)
        return self._call("environments.get", Environment, query=query, name=name)

    def create(self, body: CreateEnvironment) -> Environment:
        """Keep it; the same content under the same name returns the version that is there."""
        return self._call("environments.create", Environment, body=body)

    def build(self, name: str, version: str = "") -> Environment:
        """Start its build and return; what is built already is returned as it is."""
        query = api.FindEnvironment(version=version)
        return self._call("environments.build", Environment, query=query, name=name)

    def cancel(self, name: str, version: str = "") -> Environment:
        query = api.FindEnvironment(version=version)
        return self._call("environments.cancel", Environment, query=query, name=name)

    def log(
        self, name: str, version: str = "", *, after: int = 0, wait: bool = True
    ) -> Iterator[BuildLine]:
        """The lines of its newest build, until it has ended."""
        query = api.FollowBuild(version=version, after=after, wait=wait)
        stream = self._stream("environments.log", query=query, name=name)
        try:
            while (line := stream.read_line()) is not None:
                if line != b"{}":  # a heartbeat
                    yield msgspec.json.decode(line, type=BuildLine)
        finally:
            stream.close()

    def diff(self, name: str, body: DiffEnvironment, version: str = "") -> EnvironmentDiff:
        query = api.FindEnvironment(version=version)
        return self._call("environments.diff", EnvironmentDiff, body=body, query=query, name=name)

    def archive(self, name: str, version: str = "") -> Environment:
        query = api.FindEnvironment(version=version)
        return self._call("environments.archive", Environment, query=query, name=name)

    def restore(self, name: str, version: str = "") -> Environment:
        query = api.FindEnvironment(version=version)
        return self._call("environments.restore", Environment, query=query, name=name)


class Feed(_Facet):
    """The change feed: what an open tab of JupyterLab listens to."""

    def open(self, feed: str) -> Stream:
        """Changes as JSON lines. The caller chooses the id: 8 to 64 letters, digits and -."""
        return self._stream("feed.open", feed=feed)

    def command(self, feed: str, command: api.FeedCommand) -> None:
        """Follow or unfollow a job on a feed that is open."""
        self._call("feed.command", object, body=command, feed=feed)


class Client:
    """One workspace, through the service. `connect` makes one; tests pass a `transport`."""

    def __init__(self, transport: Transport, *, home: Path | None = None) -> None:
        self._transport = transport
        self.home = home or service_home()
        self.service = Service(transport)
        self.storage = Storage(transport)
        self.costs = Costs(transport)
        self.preferences = PreferencesFacet(transport)
        self.workspaces = Workspaces(transport)
        self.compute = ComputeFacet(transport)
        self.jobs = Jobs(transport)
        self.cells = Cells(transport)
        self.sessions = Sessions(transport)
        self.snapshots = Snapshots(transport)
        self.environments = Environments(transport)
        self.feed = Feed(transport)

    def close(self) -> None:
        """Close kept connections. The client can still be used."""
        self._transport.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client stays in its process; call aml.connect() where it is needed")

    def __repr__(self) -> str:
        return f"Client(home={str(self.home)!r})"


def connect(
    workspace: str | None = None, *, start: bool = True, home: Path | None = None
) -> Client:
    """The client of this user's service, which is started unless it runs.

    With ``start=False``, `ServiceNotRunning` is raised instead of starting it, now and whenever it
    is found gone. `workspace` must be the current one (`client.workspaces.use` changes that).
    """
    client = client_of(home or service_home(), start=start)
    try:
        if workspace is None:
            client.service.status()
        else:
            check_workspace(client, workspace)
    except BaseException:
        client.close()
        raise
    return client


def client_of(home: Path, *, start: bool = True) -> Client:
    """`connect`, but nobody is looked for (or started) before the first request."""

    def locate() -> discovery.Runtime:
        runtime = discovery.start(home) if start else discovery.find(home)
        if runtime is None:
            raise ServiceNotRunning(
                "The compute service is not running.",
                target=str(home),
                hint="Start it: jupyter aml service start",
            )
        return runtime

    return Client(HttpTransport(locate), home=home)


def check_workspace(client: Client, name: str) -> None:
    """Raise `NotFound` or `Conflict` unless `name` is the current workspace."""
    known = client.workspaces.list()
    names = [workspace.name for workspace in known.value]
    if name not in names:
        raise unknown(name, names)
    if name != known.current:
        raise Conflict(
            f"The current workspace is {known.current!r}, not {name!r}.",
            target="workspace",
            hint=f"Make it current: %aml workspace use {name}",
        )


def _request(
    operation: str, query: msgspec.Struct | None, names: dict[str, str]
) -> tuple[str, str]:
    """Method and path of an operation: the table's row, filled in."""
    route = api.BY_OPERATION[operation]
    path = route.path.format_map({key: quote(name, safe="") for key, name in names.items()})
    if query is not None and (given := _given(query)):
        path += "?" + urlencode(given)
    return route.method, path


def _given(query: msgspec.Struct) -> dict[str, Any]:
    """The fields of a query that differ from their defaults, as they go into an address."""
    fields: list[tuple[str, Any]] = []
    for info in msgspec.structs.fields(query):
        value = getattr(query, info.name)
        if value != info.default:
            shown = str(value).lower() if isinstance(value, bool) else value
            fields.append((info.encode_name, shown))
    return dict(fields)
