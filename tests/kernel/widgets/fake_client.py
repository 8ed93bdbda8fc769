"""A client whose service is a few structs, with a feed that a test speaks through."""

from __future__ import annotations

import queue
from types import SimpleNamespace
from typing import Any

import msgspec

from jupyter_aml.model.compute import (
    AmlCompute,
    Compute,
    ComputeInstance,
    ComputeList,
    LocalCompute,
    SizeList,
    Usage,
    UsageList,
    VmSize,
)
from jupyter_aml.model.errors import NotFound, Unavailable
from jupyter_aml.model.job import CommandJob, Job, JobPage, JobSummary
from jupyter_aml.model.money import CostSummary
from jupyter_aml.model.preferences import Preferences
from jupyter_aml.model.waiting import UsualStart, UsualStartList, Wait
from jupyter_aml.service.store.job_rows import summary_of

MOMENT = "2026-01-01T00:00:00Z"


def azure(name: str, vcpus: int, memory: float, price: float, **more: Any) -> VmSize:
    return VmSize(
        name=f"Standard_{name}",
        family="f",
        vcpus=vcpus,
        memory_gb=memory,
        price_per_hour=price,
        low_priority_price_per_hour=price / 5,
        rehearsal=True,
        **more,
    )


SIZES = [
    azure("NC8as_T4_v3", 8, 56, 0.752, gpus=1, gpu_model="T4"),
    azure("NC4as_T4_v3", 4, 28, 0.526, gpus=1, gpu_model="T4"),
    azure(
        "NC64as_T4_v3",
        64,
        440,
        4.352,
        gpus=4,
        gpu_model="T4",
        available=False,
        reason="Needs 64 cores, 24 left",
        nearest="Standard_NC8as_T4_v3",
    ),
    azure("DS3_v2", 4, 14, 0.293, reason="rehearsal: 1 of 4 cores"),
    VmSize(name="local.1cpu-2gb", family="local", vcpus=1, memory_gb=2),
    VmSize(name="local.2cpu-4gb", family="local", vcpus=2, memory_gb=4),
]


class FakeStream:
    """Lines that a test puts in; ends when closed."""

    def __init__(self) -> None:
        self.lines: queue.Queue[bytes | None] = queue.Queue()

    def read_line(self, timeout: float | None = None) -> bytes | None:
        try:
            line = self.lines.get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError from None
        if line is None:
            raise Unavailable("closed")
        return line

    def close(self) -> None:
        self.lines.put(None)


class FakeClient:
    def __init__(self) -> None:
        self.streams: queue.Queue[FakeStream] = queue.Queue()
        self.is_away = False
        self.known: dict[str, Job] = {}
        self.asked: list[tuple[str, str]] = []
        self.costs_now = CostSummary(rate_per_hour=2.22, spent_today=9.31, budget_per_day=20)
        self.all = [
            Compute(spec=LocalCompute(), state="Running"),
            Compute(
                spec=AmlCompute(name="c<1>", size="Standard_DS3_v2", max_instances=4),
                state="Steady",
                current_nodes=2,
                running_jobs=1,
                price_per_hour=0.586,
                rehearsal=True,
            ),
            Compute(spec=ComputeInstance(name="dev-box"), state="Running", running_jobs=2),
        ]
        self.feed = SimpleNamespace(open=self._open)
        self.usage_now: list[Usage] = []
        self.starts_now: list[UsualStart] = []
        self.jobs = SimpleNamespace(
            get=self._job, cancel=self._cancel, wait=self._wait, list=self._list
        )
        self.costs = SimpleNamespace(summary=lambda: self.costs_now)
        self.preferences = SimpleNamespace(get=Preferences)
        self.compute = SimpleNamespace(
            sizes=lambda tier="": SizeList(value=SIZES),
            usage=lambda: UsageList(self.usage_now),
            waits=lambda: UsualStartList(self.starts_now),
            list=lambda: ComputeList([*self.all]),
            get=lambda name: next(one for one in self.all if one.name == name),
            stop=lambda name: self._asked("stop", name, "Stopping"),
            start=lambda name: self._asked("start", name, "Starting"),
        )

    def close(self) -> None:
        """Nothing is kept."""

    # -- what a test does

    def stream(self) -> FakeStream:
        """The feed that a widget opened next."""
        return self.streams.get(timeout=30)

    def add(self, name: str = "sun", **fields: Any) -> Job:
        spec = CommandJob(command="true", compute="c<1>", display_name="train <b>")
        told = {"status": "Running", "created_at": MOMENT, "started_at": MOMENT}
        self.known[name] = Job(name=name, spec=spec, **{**told, **fields})
        return self.known[name]

    # -- what widgets ask

    def _open(self, _feed: str) -> FakeStream:
        if self.is_away:
            raise Unavailable("away")
        stream = FakeStream()
        self.streams.put(stream)
        return stream

    def _list(self, **_query: Any) -> JobPage:
        return JobPage(value=[summary_of(job) for job in self.known.values()])

    def _job(self, name: str) -> Job:
        if name not in self.known:
            raise NotFound(f"There is no job {name!r}.")
        return self.known[name]

    def _cancel(self, name: str) -> Job:
        self.asked.append(("cancel", name))
        self.known[name] = msgspec.structs.replace(self.known[name], status="CancelRequested")
        return self.known[name]

    def _wait(self, name: str) -> Wait:
        return Wait(job=name, waiting=False, stages=[])

    def _asked(self, verb: str, name: str, state: str) -> Compute:
        self.asked.append((verb, name))
        found = next(one for one in self.all if one.name == name)
        return msgspec.structs.replace(found, state=state)


def change(noun: str, name: str, value: Any) -> bytes:
    told = {"type": "change", "noun": noun, "name": name, "object": value}
    return msgspec.json.encode(told)


def row(job: Job, **fields: Any) -> bytes:
    summary = JobSummary(
        name=job.name,
        type="command",
        display_name=job.spec.display_name,
        status=job.status,
        progress=job.progress,
        doing=job.doing,
    )
    return change("job", job.name, msgspec.structs.replace(summary, **fields))
