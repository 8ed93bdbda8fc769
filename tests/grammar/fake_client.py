"""A client whose service is a few dictionaries, and a surface that remembers what it was told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from jupyter_aml.model import compute, environment, job, money, storage
from jupyter_aml.model.errors import Conflict, ErrorBody, NotFound
from jupyter_aml.model.event import Event
from jupyter_aml.model.notebook_fill import FilledCell, FilledNotebook
from jupyter_aml.model.preferences import Preferences
from jupyter_aml.model.preflight import CheckJob, Preflight
from jupyter_aml.model.waiting import Wait
from jupyter_aml.model.workspace import ServiceStatus, Workspace, WorkspaceList

NOW = 1_700_000_000.0
MOMENT = "2023-11-14T22:13:10Z"  # ten seconds before NOW
TARGETS = {"Creating": "Steady", "Starting": "Running", "Stopping": "Stopped"}


class FakeComputes:
    """Each state that passes by itself passes with the next look."""

    def __init__(self) -> None:
        self.all: dict[str, compute.Compute] = {
            "local": compute.Compute(spec=compute.LocalCompute(), state="Running")
        }
        self.asked: list[tuple[Any, ...]] = []
        self.broken_state = ""

    def add(self, spec: compute.ComputeSpec, **observed: Any) -> None:
        self.all[spec.name] = compute.Compute(spec=spec, **observed)

    def list(self) -> compute.ComputeList:
        return compute.ComputeList([*self.all.values()])

    def get(self, name: str) -> compute.Compute:
        if name not in self.all:
            raise NotFound(f"There is no compute {name!r}.", target=name)
        found = self.all[name]
        if found.state == "Deleting":
            del self.all[name]
        elif found.state in TARGETS:
            self._move(name, self.broken_state or TARGETS[found.state])
        return found

    def _move(self, name: str, state: str) -> compute.Compute:
        self.all[name] = msgspec.structs.replace(self.all[name], state=state)
        return self.all[name]

    def create(self, spec: compute.ComputeSpec) -> compute.Compute:
        self.asked.append(("create", spec))
        self.add(spec, state="Creating")
        return self.all[spec.name]

    def update(self, name: str, body: compute.UpdateCompute) -> compute.Compute:
        self.asked.append(("update", name, body))
        return self.get(name)

    def delete(self, name: str) -> compute.Compute:
        self.asked.append(("delete", name))
        return self._move(name, "Deleting")

    def start(self, name: str) -> compute.Compute:
        return self._move(name, "Starting")

    def stop(self, name: str) -> compute.Compute:
        self.asked.append(("stop", name))
        return self._move(name, "Stopping")

    def restart(self, name: str) -> compute.Compute:
        return self._move(name, "Starting")

    def evict(self, name: str, node: str = "") -> compute.Compute:
        self.asked.append(("evict", name, node))
        return self.get(name)

    def nodes(self, name: str) -> compute.NodeList:
        self.get(name)
        sample = compute.Sample(time=MOMENT, cpu=1.5, memory_bytes=3 << 30, gpu=0.25)
        node = compute.Node(
            name=f"{name}-1", compute=name, state="running", cpus=[0, 1], sample=sample
        )
        return compute.NodeList([node])

    def sizes(self, type: str = "") -> compute.SizeList:
        self.asked.append(("sizes", type))
        here = compute.VmSize(name="local.1cpu-2gb", family="local", vcpus=1, memory_gb=2)
        azure = compute.VmSize(
            name="Standard_D4s_v3",
            family="standardDSv3Family",
            vcpus=4,
            memory_gb=16,
            price_per_hour=0.192,
            low_priority_price_per_hour=0.0384,
            rehearsal=True,
            reason="rehearsal: 1 of 4 cores",
        )
        gone = msgspec.structs.replace(
            azure, name="Big", available=False, reason="no quota", nearest="Standard_D4s_v3"
        )
        return compute.SizeList(value=[here, azure, gone], note="Prices are approximate.")

    def usage(self) -> compute.UsageList:
        used = compute.Usage(name="total", current_value=4, limit=20, holders=["c1: 1 node"])
        return compute.UsageList([used])


class FakeJobs:
    def __init__(self) -> None:
        self.all: dict[str, job.Job] = {}
        self.events: dict[str, list[Event]] = {}
        self.contents: dict[str, dict[str, bytes]] = {}
        self.queries: list[dict[str, Any]] = []
        self.followed: list[tuple[str, int, bool]] = []
        self.waits: dict[str, Wait] = {}
        self.told: Preflight | None = None

    def add(self, name: str, status: str = "Completed", **observed: Any) -> job.Job:
        spec = observed.pop("spec", None) or job.CommandJob(command="echo hi")
        self.all[name] = job.Job(name=name, spec=spec, status=status, created_at=MOMENT, **observed)
        return self.all[name]

    def list(self, **query: Any) -> job.JobPage:
        self.queries.append(query)
        names = sorted(self.all, reverse=True)
        start = int(query.get("after") or 0)
        end = start + query["max_results"]
        rows = [summary(self.all[name]) for name in names[start:end]]
        return job.JobPage(value=rows, next=str(end) if end < len(names) else "")

    def get(self, name: str) -> job.Job:
        if name not in self.all:
            raise NotFound(f"There is no job {name!r}.", target=name)
        return self.all[name]

    def wait(self, name: str) -> Wait:
        found = self.all.get(name)
        waiting = found is not None and found.started_at is None and found.status == "Queued"
        return self.waits.get(name) or Wait(job=name, waiting=waiting, stages=[])

    def preflight(self, body: CheckJob) -> Preflight:
        assert body.spec is not None
        return self.told or Preflight(compute=body.spec.compute, state="Running")

    def create(self, spec: job.JobSpec, name: str = "") -> job.Job:
        name = name or "made_up_name"
        if name in self.all:
            if self.all[name].spec != spec:
                raise Conflict(f"There is another job {name!r}.", target=name)
            return self.all[name]
        return self.add(name, "Queued", spec=spec)

    def cancel(self, name: str) -> job.Job:
        found = self.get(name)
        if found.status in ("Completed", "Failed", "Canceled"):
            return found
        self.all[name] = msgspec.structs.replace(found, status="CancelRequested", last_seq=7)
        return self.all[name]

    def archive(self, name: str) -> job.Job:
        return self.get(name)

    restore = archive

    def follow(self, name: str, after: int = 0, wait: bool = True) -> Iterator[Event]:
        self.get(name)
        self.followed.append((name, after, wait))
        for event in self.events.get(name, []):
            if event.kind == "status":
                self.all[name] = msgspec.structs.replace(self.all[name], status=event.status)
            yield event

    def files(self, name: str) -> job.FileList:
        return job.FileList(
            [
                job.FileEntry(path=path, bytes=len(content))
                for path, content in self.contents.get(name, {}).items()
            ]
        )

    def read(self, name: str, path: str) -> Iterator[bytes]:
        yield self.contents[name][path]


class FakeEnvironments:
    """A build takes one look: what was Building is how `builds_end` says by then."""

    def __init__(self) -> None:
        self.all: dict[str, environment.Environment] = {
            "kernel": environment.Environment(name="kernel", state="Succeeded", source="kernel")
        }
        self.asked: list[tuple[Any, ...]] = []
        self.builds_end = "Succeeded"

    def add(self, name: str, state: str = "NotBuilt", **fields: Any) -> environment.Environment:
        self.all[name] = environment.Environment(name=name, version="1", state=state, **fields)
        return self.all[name]

    def list(
        self, name: str = "", *, include_archived: bool = False
    ) -> environment.EnvironmentList:
        self.asked.append(("list", name, include_archived))
        return environment.EnvironmentList([*self.all.values()])

    def get(self, name: str, version: str = "") -> environment.Environment:
        self.asked.append(("get", name, version))
        if name not in self.all:
            raise NotFound(f"There is no environment {name!r}.", target=name)
        return self.all[name]

    def create(self, body: environment.CreateEnvironment) -> environment.Environment:
        self.asked.append(("create", body))
        return self.add(body.name, requirements=body.requirements, warnings=["x is not given."])

    def build(self, name: str, version: str = "") -> environment.Environment:
        self.asked.append(("build", name, version))
        found = self.get(name, version)
        return found if found.state == "Succeeded" else self._move(name, "Building")

    def _move(self, name: str, state: str, **fields: Any) -> environment.Environment:
        self.all[name] = msgspec.structs.replace(self.all[name], state=state, **fields)
        return self.all[name]

    def log(self, name: str, version: str = "") -> Iterator[environment.BuildLine]:
        yield environment.BuildLine(seq=1, time=MOMENT, text="-- installing")
        why = ErrorBody(code="EnvironmentFailed", message="There is no package x.", target="x")
        self._move(name, self.builds_end, error=why if self.builds_end == "Failed" else None)

    def cancel(self, name: str, version: str = "") -> environment.Environment:
        return self._move(name, "Canceled")

    def diff(
        self, name: str, body: environment.DiffEnvironment, version: str = ""
    ) -> environment.EnvironmentDiff:
        self.asked.append(("diff", name, body, version))
        rows = [
            environment.DiffRow(package=p, notebook=n, environment=e, status=s)
            for p, n, e, s in (
                ("numpy", "1.0", "2.0", "different"),
                ("pandas", "2.0", "2.0", "same"),
                ("tqdm", "4.0", "", "missing"),
                ("sphinx", "9.0", "", "missing"),
                ("wheel", "", "1.0", "extra"),
            )
        ]
        return environment.EnvironmentDiff(environment=f"{name}:1", rows=rows, complete=False)

    def archive(self, name: str, version: str = "") -> environment.Environment:
        return self._move(name, self.get(name).state, archived=True)

    def restore(self, name: str, version: str = "") -> environment.Environment:
        return self._move(name, self.get(name).state, archived=False)


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
        self.preferences = FakePreferences()
        self.workspaces = FakeWorkspaces()
        self.costs = FakeCosts()
        self.storage = self.service = FakeStorage()


class FakeMachine:
    """This machine, with a service that runs `running` things."""

    def __init__(self) -> None:
        self.state = "running"
        self.running = {"jobs": 0, "nodes": 0, "endpoints": 0}
        self.stopped_with: list[bool] = []
        self.read: list[tuple[str, dict[str, Any]]] = []
        self.job = job.CommandJob(command="echo hi")
        self.checks: list[Any] = []

    def status(self) -> ServiceStatus:
        return ServiceStatus(state=self.state, home="/home/x", running=self.running)

    def start(self) -> ServiceStatus:
        self.state = "running"
        return self.status()

    def stop(self, *, force: bool) -> ServiceStatus:
        self.stopped_with.append(force)
        if self.running["jobs"] and not force:
            raise Conflict("Work is under way.", target="service")
        self.state, self.running = "stopped", dict.fromkeys(self.running, 0)
        return self.status()

    def log(self, lines: int) -> str:
        return "\n".join(f"line {n}" for n in range(lines))

    def diagnose(self) -> Sequence[Any]:
        return self.checks

    def read_job(self, path: str, settings: Mapping[str, Any]) -> tuple[job.CommandJob, str]:
        self.read.append((path, dict(settings)))
        return self.job, ""

    def read_notebook(
        self, path: str, parameters: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> job.NotebookJob:
        self.read.append((path, {**settings, "parameters": dict(parameters)}))
        return job.NotebookJob(content="{}", notebook=path, parameters=dict(parameters))

    def fill_notebook(self, client: Any, path: str) -> FilledNotebook:
        self.read.append((path, {}))
        cell = FilledCell(number=2, job="bold_sun", what="filled")
        return FilledNotebook(path=path, cells=[cell])

    def read_compute(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[compute.ComputeSpec, Sequence[str]]:
        self.read.append((path, dict(settings)))
        return compute.AmlCompute(name="from-file"), ["location is not used here."]

    def read_environment(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[environment.CreateEnvironment, Sequence[str]]:
        self.read.append((path, dict(settings)))
        name = settings.get("name", "")
        return environment.CreateEnvironment(name=name, requirements=["a"]), ["build is not run."]

    def read_conda(self, path: str) -> str:
        return f"conda of {path}"

    def read_requirements(self, path: str) -> list[str]:
        return [f"line of {path}"]

    def packages(self) -> dict[str, str]:
        return {"numpy": "1.0"}

    def used_packages(self) -> set[str]:
        return {"tqdm"}

    def save(self, folder: str, files: Iterable[tuple[str, Iterator[bytes]]]) -> list[str]:
        return [str(Path(folder, name)) for name, pieces in files if b"".join(pieces) is not None]


class FakeSurface:
    """Remembers what it was to show. ``answer`` is what the person says when asked."""

    prefix = "%aml"

    def __init__(self, *, answer: bool = True, watched: bool = False) -> None:
        self.machine = FakeMachine()
        self.answer = answer
        self.watched = watched
        self.out: list[str] = []
        self.err: list[str] = []
        self.notes: list[str] = []
        self.questions: list[tuple[str, str]] = []
        self.slept = 0.0
        self.fetched: list[tuple[str, list[str]]] = []

    def stdout(self, text: str) -> None:
        self.out.append(text)

    def stderr(self, text: str) -> None:
        self.err.append(text)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def fetch(self, job: str, names: Sequence[str]) -> None:
        self.fetched.append((job, list(names)))

    def confirm(self, question: str, *, loses: str) -> bool:
        self.questions.append((question, loses))
        return self.answer

    def now(self) -> float:
        return NOW

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


def summary(found: job.Job) -> job.JobSummary:
    spec = found.spec
    return job.JobSummary(
        name=found.name,
        type=str(spec.__struct_config__.tag),
        display_name=spec.display_name,
        status=found.status,
        status_reason=found.status_reason,
        error=found.error,
        compute=spec.compute,
        created_at=found.created_at,
        started_at=found.started_at,
        ended_at=found.ended_at,
        exit_code=found.exit_code,
        experiment_name=spec.experiment_name,
        tags=spec.tags,
        outputs=found.outputs,
    )
