"""The node's decisions about zygotes, on a clock that the test owns."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_aml.runner import preload
from jupyter_aml.runner.choice import Need
from jupyter_aml.runner.crew import Crew, Settings
from jupyter_aml.runner.nest import Nest
from jupyter_aml.runner.wire import Channel, Message
from jupyter_aml.runner.worker import Ended, Worker

NUMPY = Need("python", program=False, preloaded=True, modules=frozenset({"numpy"}))
BOTH = Need("python", program=False, preloaded=True, modules=frozenset({"numpy", "pandas.io"}))
STDLIB = Need("python", program=False, preloaded=True, modules=frozenset({"json", "os.path"}))


class Clock:
    """Stands in for `loop.Loop`."""

    def __init__(self) -> None:
        self.time = 0.0
        self.calls: list[tuple[float, Any]] = []

    def now(self) -> float:
        return self.time

    def call_later(self, seconds: float, callback: Any) -> Any:
        call = [self.time + seconds, callback]
        self.calls.append(call)  # type: ignore[arg-type]
        return SimpleNamespace(cancel=lambda: call.__setitem__(1, None))

    def pass_time(self, seconds: float) -> None:
        end = self.time + seconds
        while due := sorted((c for c in self.calls if c[0] <= end), key=lambda c: c[0]):
            self.calls.remove(due[0])
            self.time = due[0][0]
            if due[0][1] is not None:
                due[0][1]()
        self.time = end


class FakeNest:
    made: list[FakeNest] = []

    def __init__(self, crew: Any, worker: Any, how: str, ready: Any, over: Any) -> None:
        self.ready, self.over = ready, over
        self.asked: list[str] = []
        self.retired = False
        FakeNest.made.append(self)

    def load(self, modules: list[str]) -> None:
        self.asked = modules

    def answer(self, *refused: str) -> None:
        loaded = [name for name in self.asked if name not in refused]
        self.ready({"op": "ready", "loaded": loaded, "refused": refused, "sites": []})

    def take(self) -> str:
        return "a spare"

    def retire(self) -> None:
        self.retired = True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(preload, "Nest", FakeNest)
    monkeypatch.setattr(preload, "is_ours", lambda python: True)
    monkeypatch.setattr(preload, "_kill", lambda worker: None)
    FakeNest.made = []
    return Clock()


@pytest.fixture
def zygotes(clock: Clock) -> preload.Zygotes:
    return preload.Zygotes(SimpleNamespace(loop=clock), lambda python: "worker")  # type: ignore


def test_one_is_made_after_a_job_not_before(zygotes: preload.Zygotes, clock: Clock) -> None:
    assert zygotes.take(NUMPY) is None
    clock.pass_time(60)
    assert FakeNest.made == []
    zygotes.think()  # the job ended
    clock.pass_time(1)
    [nest] = FakeNest.made
    assert nest.asked == ["numpy"]
    assert zygotes.take(NUMPY) is None  # it still loads
    nest.answer()
    assert zygotes.take(NUMPY) == "a spare"


def test_the_library_alone_is_not_worth_one(zygotes: preload.Zygotes, clock: Clock) -> None:
    zygotes.take(STDLIB)
    zygotes.think()
    clock.pass_time(1)
    assert FakeNest.made == []


def _made(zygotes: preload.Zygotes, clock: Clock, need: Need) -> FakeNest:
    zygotes.take(need)
    zygotes.think()
    clock.pass_time(1)
    FakeNest.made[-1].answer()
    return FakeNest.made[-1]


def test_a_larger_one_replaces_it_when_it_is_ready(zygotes: preload.Zygotes, clock: Clock) -> None:
    first = _made(zygotes, clock, NUMPY)
    zygotes.take(BOTH)
    zygotes.think()
    clock.pass_time(1)
    second = FakeNest.made[-1]
    assert second.asked == ["numpy", "pandas.io"]
    assert not first.retired
    assert zygotes.take(NUMPY) == "a spare"
    second.answer()
    assert first.retired


def test_what_was_refused_is_not_asked_for_again(zygotes: preload.Zygotes, clock: Clock) -> None:
    zygotes.take(BOTH)
    zygotes.think()
    clock.pass_time(1)
    FakeNest.made[0].answer("pandas.io")
    zygotes.think()
    clock.pass_time(1)
    assert len(FakeNest.made) == 1


def test_ten_idle_minutes_end_it(zygotes: preload.Zygotes, clock: Clock) -> None:
    nest = _made(zygotes, clock, NUMPY)
    clock.pass_time(500)
    assert zygotes.take(NUMPY) == "a spare"
    clock.pass_time(500)
    assert not nest.retired
    clock.pass_time(101)
    assert nest.retired
    assert zygotes.take(NUMPY) is None


def test_one_that_crashes_is_not_tried_again(zygotes: preload.Zygotes, clock: Clock) -> None:
    zygotes.take(NUMPY)
    zygotes.think()
    clock.pass_time(1)
    FakeNest.made[0].over(Ended(None, 11, 0.0, 0))
    clock.pass_time(10)
    zygotes.think()
    clock.pass_time(10)
    assert len(FakeNest.made) == 1


def test_at_most_two_other_interpreters_keep_one(
    zygotes: preload.Zygotes, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preload, "is_ours", lambda python: False)
    nests = []
    for python in "abc":
        need = Need(python, program=True, preloaded=True, modules=frozenset())
        nests.append(_made(zygotes, clock, need))
        clock.pass_time(1)
    assert [nest.retired for nest in nests] == [True, False, False]


def test_a_spare_that_was_on_its_way_is_ended_with_its_zygote() -> None:
    """Else the zygote would wait for it until the node ends."""
    adopted: list[Worker] = []
    crew: Any = SimpleNamespace(forest=SimpleNamespace(helpers=set()), adopt=adopted.append)
    ours, theirs = Channel.pair()
    zygote = Worker(1, ours, "preloaded")
    nest = Nest(crew, zygote, "preloaded", lambda message: None, lambda ended: None)
    nest.heard(zygote, {"op": "ready"})
    words, fd = theirs.receive_raw()
    assert b"more" in words
    nest.retire()
    nest.heard(zygote, {"op": "spare", "pid": 2})
    spare = Channel.of(fd)
    assert spare.has_news(0)
    assert spare.receive() == {"op": "end"}
    assert nest.take() is None
    for channel in (spare, theirs, *(worker.channel for worker in adopted)):
        channel.close()


class Owner:
    """What a job's run hears of its process."""

    def __init__(self) -> None:
        self.ends: list[Ended] = []

    def heard(self, worker: Worker, message: Message) -> None: ...

    def gone(self, worker: Worker, ended: Ended) -> None:
        self.ends.append(ended)


def test_an_end_that_a_zygote_did_not_live_to_tell_is_known_by_its_own() -> None:
    """It reaps a job's process, is killed, and nobody else can reap that process again."""
    orphan, reaped, told = 2, 3, 4
    loop: Any = SimpleNamespace(watch=lambda *_: None, unwatch=lambda *_: None)
    table: Any = SimpleNamespace(created=lambda pid: 0.0, children=lambda pid: [orphan])
    unused: Any = None
    crew = Crew(Settings("n", "socket"), loop, table, unused, None, unused)
    ours, theirs = Channel.pair()
    zygote = Worker(1, ours, "preloaded")
    over: list[Ended] = []
    nest = Nest(crew, zygote, "preloaded", lambda message: None, over.append)
    nest.heard(zygote, {"op": "ready"})
    owners = {pid: Owner() for pid in (orphan, reaped, told)}
    for pid, owner in owners.items():
        nest.heard(zygote, {"op": "spare", "pid": pid})
        taken = nest.take()
        assert taken is not None
        taken.owner = owner
    figures = {"status": 0, "cpu_seconds": 0.5, "peak_rss": 1}
    nest.heard(zygote, {"op": "gone", "pid": told, **figures})
    crew.worker_ended(zygote.pid, Ended(None, 9, 0.0, 0))
    assert owners[told].ends == [Ended(0, None, 0.5, 1)]
    assert owners[reaped].ends == [Ended(None, 9, 0.0, 0)]
    assert owners[orphan].ends == []  # it is still to be reaped
    assert over == [Ended(None, 9, 0.0, 0)]
    crew.worker_ended(orphan, Ended(None, 9, 0.0, 0))
    theirs.close()
