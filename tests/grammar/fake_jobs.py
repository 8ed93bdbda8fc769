"""`client.jobs` over a dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from jupyter_aml.model import job
from jupyter_aml.model.errors import Conflict, NotFound
from jupyter_aml.model.event import Event
from jupyter_aml.model.preflight import CheckJob, Preflight
from jupyter_aml.model.registry import JobMetrics, Metric
from jupyter_aml.model.sweep import TrialList
from jupyter_aml.model.waiting import Wait
from tests.grammar.fake_compute import MOMENT
from tests.grammar.fake_schedules import TRIALS


class FakeJobs:
    def __init__(self) -> None:
        self.all: dict[str, job.Job] = {}
        self.events: dict[str, list[Event]] = {}
        self.contents: dict[str, dict[str, bytes]] = {}
        self.queries: list[dict[str, Any]] = []
        self.followed: list[tuple[str, int, bool]] = []
        self.waits: dict[str, Wait] = {}
        self.told: Preflight | None = None
        self.updates: list[job.UpdateJob] = []

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

    def update(self, name: str, body: job.UpdateJob) -> job.Job:
        self.updates.append(body)
        told = {
            key: value for key, value in msgspec.structs.asdict(body).items() if value is not None
        }
        found = self.get(name)
        spec = msgspec.structs.replace(found.spec, **told)
        self.all[name] = msgspec.structs.replace(found, spec=spec)
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

    def trials(self, name: str) -> TrialList:
        self.get(name)
        return TRIALS

    def metrics(self, name: str) -> JobMetrics:
        logged = [event for event in self.events.get(name, []) if event.kind == "metric"]
        return JobMetrics(
            metrics=[
                Metric(
                    name=metric,
                    steps=[one.step or 0 for one in logged if one.name == metric],
                    times=[0.0 for one in logged if one.name == metric],
                    values=[one.value for one in logged if one.name == metric],
                )
                for metric in dict.fromkeys(one.name for one in logged)
            ]
        )

    def files(self, name: str) -> job.FileList:
        return job.FileList(
            [
                job.FileEntry(path=path, bytes=len(content))
                for path, content in self.contents.get(name, {}).items()
            ]
        )

    def read(self, name: str, path: str) -> Iterator[bytes]:
        yield self.contents[name][path]


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
