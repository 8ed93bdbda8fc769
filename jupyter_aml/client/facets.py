"""The client's facets but jobs: each method is an operation of `model.api.ROUTES`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from jupyter_aml.client.facet import Facet
from jupyter_aml.client.transport import Stream
from jupyter_aml.model import api
from jupyter_aml.model.compute import (
    AttachedCompute,
    Compute,
    ComputeList,
    ComputeSpec,
    Evict,
    NodeList,
    SampleList,
    SizeList,
    Tier,
    UpdateCompute,
    UsageList,
)
from jupyter_aml.model.environment import (
    BuildLine,
    CreateEnvironment,
    DiffEnvironment,
    Environment,
    EnvironmentDiff,
    EnvironmentList,
)
from jupyter_aml.model.job import (
    CellRun,
    SessionList,
    Snapshot,
)
from jupyter_aml.model.money import CostSummary, GroupBy, Ledger
from jupyter_aml.model.preferences import Preferences
from jupyter_aml.model.storage import PruneReport, PruneStorage, StorageUsage
from jupyter_aml.model.waiting import UsualStartList
from jupyter_aml.model.workspace import ServiceStatus, WorkspaceList


class Service(Facet):
    """The service itself."""

    def status(self) -> ServiceStatus:
        return self._call("service.status", ServiceStatus)

    def stop(self, *, force: bool = False) -> ServiceStatus:
        """Ask it to stop; with work under way this is a `Conflict`, unless `force`."""
        return self._call("service.stop", ServiceStatus, body=api.StopService(force=force))

    def prune(self, body: PruneStorage) -> PruneReport:
        """Remove what is old, or more than fits; with ``dry_run`` only say what."""
        return self._call("service.prune", PruneReport, body=body)


class Storage(Facet):
    def usage(self) -> StorageUsage:
        """How much disk each kind of thing takes."""
        return self._call("storage.usage", StorageUsage)


class Costs(Facet):
    """What compute costs, and the guard of the budget."""

    def summary(self) -> CostSummary:
        return self._call("costs.summary", CostSummary)

    def ledger(self, since: str = "", group_by: GroupBy = "", *, max_results: int = 1000) -> Ledger:
        """What was spent since a day or a moment (today unless told), newest first."""
        query = api.ReadLedger(since=since, group_by=group_by, max_results=max_results)
        return self._call("costs.ledger", Ledger, query=query)


class PreferencesFacet(Facet):
    """What this user prefers, on every surface."""

    def get(self) -> Preferences:
        return self._call("preferences.get", Preferences)

    def update(self, preferences: Preferences) -> Preferences:
        """Replace them whole."""
        return self._call("preferences.update", Preferences, body=preferences)


class Workspaces(Facet):
    def list(self) -> WorkspaceList:
        return self._call("workspaces.list", WorkspaceList)

    def use(self, name: str) -> WorkspaceList:
        """Make one current, for every surface of this user."""
        return self._call("workspaces.use", WorkspaceList, body=api.UseWorkspace(name=name))


class ComputeFacet(Facet):
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

    def attach(self, spec: AttachedCompute) -> Compute:
        """Join a machine of one's own. Returns once it has answered, which may take seconds."""
        return self._call("compute.attach", Compute, body=spec)

    def detach(self, name: str) -> Compute:
        """Cancel the jobs of an attached machine and let go of it; it stays as it is."""
        return self._call("compute.detach", Compute, name=name)

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

    def sizes(
        self,
        type: Literal["", "amlcompute", "computeinstance"] | str = "",
        *,
        tier: Tier | Literal[""] = "",
    ) -> SizeList:
        """With `tier`, sizes that its quota leaves no room for are marked as not available."""
        return self._call("compute.sizes", SizeList, query=api.ListSizes(type=type, tier=tier))

    def usage(self) -> UsageList:
        return self._call("compute.usage", UsageList)

    def waits(self, size: str = "", environment: str = "") -> UsualStartList:
        """How long starts usually take; empty names list everything that is known."""
        query = api.FindStarts(size=size, environment=environment)
        return self._call("compute.waits", UsualStartList, query=query)


class Cells(Facet):
    def get(self, notebook: str, cell_id: str) -> CellRun:
        """The newest run of one cell of one notebook."""
        query = api.FindCell(notebook=notebook, cell_id=cell_id)
        return self._call("cells.get", CellRun, query=query)


class Sessions(Facet):
    def list(self) -> SessionList:
        return self._call("sessions.list", SessionList)

    def delete(self, name: str) -> SessionList:
        """End one; what its process holds is lost."""
        return self._call("sessions.delete", SessionList, name=name)


class Snapshots(Facet):
    def create(self, path: str, *, limit_mb: int | None = None) -> Snapshot:
        """Take a snapshot of a code folder of this machine."""
        body = api.TakeSnapshot(path=path, limit_mb=limit_mb)
        return self._call("snapshots.create", Snapshot, body=body)


class Environments(Facet):
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


class Feed(Facet):
    """The change feed: what an open tab of JupyterLab listens to."""

    def open(self, feed: str) -> Stream:
        """Changes as JSON lines. The caller chooses the id: 8 to 64 letters, digits and -."""
        return self._stream("feed.open", feed=feed)

    def command(self, feed: str, command: api.FeedCommand) -> None:
        """Follow or unfollow a job on a feed that is open."""
        self._call("feed.command", object, body=command, feed=feed)
