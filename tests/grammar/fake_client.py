"""A client whose service is a few dictionaries."""

from __future__ import annotations

from jupyter_aml.model import job, money, storage
from jupyter_aml.model.preferences import Preferences
from jupyter_aml.model.workspace import Workspace, WorkspaceList
from tests.grammar.fake_components import FakeComponents
from tests.grammar.fake_compute import MOMENT, FakeComputes
from tests.grammar.fake_connections import FakeConnections
from tests.grammar.fake_data import (
    FakeBatchDeployments,
    FakeBatchEndpoints,
    FakeData,
    FakeDatastores,
)
from tests.grammar.fake_endpoints import FakeDeployments, FakeEndpoints
from tests.grammar.fake_environments import FakeEnvironments
from tests.grammar.fake_jobs import FakeJobs
from tests.grammar.fake_models import FakeModels
from tests.grammar.fake_schedules import FakeSchedules


class FakeSessions:
    def __init__(self) -> None:
        self.all = [
            job.Session(
                name="work",
                compute="local",
                node="local-1",
                state="idle",
                created_at=MOMENT,
                last_used_at=MOMENT,
                pid=7,
                memory_bytes=100 << 20,
                idle_limit_seconds=1800,
            )
        ]

    def list(self) -> job.SessionList:
        return job.SessionList(self.all)

    def delete(self, name: str) -> job.SessionList:
        self.all = [session for session in self.all if session.name != name]
        return self.list()


class FakePreferences:
    def __init__(self) -> None:
        self.kept = Preferences()

    def get(self) -> Preferences:
        return self.kept

    def update(self, preferences: Preferences) -> Preferences:
        self.kept = preferences
        return self.kept


class FakeCosts:
    def __init__(self) -> None:
        self.found = money.CostSummary()
        self.kept = money.Ledger()
        self.asked: list[tuple[str, str, int]] = []

    def summary(self) -> money.CostSummary:
        return self.found

    def ledger(
        self, since: str = "", group_by: money.GroupBy = "", *, max_results: int = 1000
    ) -> money.Ledger:
        self.asked.append((since, group_by, max_results))
        return self.kept


class FakeStorage:
    """Also answers ``service.prune``."""

    def __init__(self) -> None:
        self.pruned: list[storage.PruneStorage] = []
        self.removed: list[storage.Pruned] = []
        self.held: list[storage.Kept] = []

    def usage(self) -> storage.StorageUsage:
        kinds = [storage.Stored(kind="jobs", bytes=3 << 30, items=7)]
        return storage.StorageUsage(
            home="/home/x", kinds=kinds, total_bytes=3 << 30, free_bytes=5 << 30
        )

    def prune(self, body: storage.PruneStorage) -> storage.PruneReport:
        self.pruned.append(body)
        return storage.PruneReport(
            dry_run=body.dry_run,
            removed=self.removed,
            kept=self.held,
            removed_bytes=sum(one.bytes for one in self.removed),
        )


class FakeWorkspaces:
    def __init__(self) -> None:
        self.current = "local"
        self.all = [Workspace(name="local", kind="local", facets=["compute", "jobs"])]

    def list(self) -> WorkspaceList:
        return WorkspaceList(self.all, self.current)

    def use(self, name: str) -> WorkspaceList:
        self.current = name
        return self.list()


class FakeClient:
    def __init__(self) -> None:
        self.compute = FakeComputes()
        self.jobs = FakeJobs()
        self.sessions = FakeSessions()
        self.environments = FakeEnvironments()
        self.models = FakeModels()
        self.datastores = FakeDatastores()
        self.data = FakeData()
        self.batch_endpoints = FakeBatchEndpoints(lambda name: self.jobs.add(name, "Queued"))
        self.batch_deployments = FakeBatchDeployments()
        self.online_endpoints = FakeEndpoints()
        self.online_deployments = FakeDeployments(self.online_endpoints)
        self.components = FakeComponents()
        self.schedules = FakeSchedules()
        self.connections = FakeConnections()
        self.preferences = FakePreferences()
        self.workspaces = FakeWorkspaces()
        self.costs = FakeCosts()
        self.storage = self.service = FakeStorage()
