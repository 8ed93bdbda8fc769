"""The alarm that ends a run: one for runs that follow each other, and each has its whole time."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from jupyter_aml.serving.scoring import timer
from jupyter_aml.serving.scoring.timer import RunTimeout, RunTimer

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no SIGALRM here")


@dataclass
class Alarm:
    """What the timer set, and the time it reads."""

    now: float = 1000.0
    told: list[float] = field(default_factory=list[float])

    def set(self, _which: int, seconds: float) -> None:
        self.told.append(seconds)

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def alarm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Alarm]:
    made, before = Alarm(), signal.getsignal(signal.SIGALRM)
    with monkeypatch.context() as patched:
        patched.setattr(signal, "setitimer", made.set)
        patched.setattr(timer, "time", made)
        yield made
    signal.signal(signal.SIGALRM, before)


def test_one_alarm_serves_runs_that_follow_each_other(alarm: Alarm) -> None:
    runs = RunTimer(60_000)
    for _ in range(3):
        runs.arm()
        runs.disarm()
        alarm.now += 1
    assert alarm.told == [60]
    runs.rest()
    runs.rest()
    assert alarm.told == [60, 0]


def test_an_alarm_of_an_earlier_run_leaves_a_later_one_its_time(alarm: Alarm) -> None:
    runs = RunTimer(60_000)
    runs.arm()
    runs.disarm()
    alarm.now += 50
    runs.arm()
    alarm.now += 10
    signal.raise_signal(signal.SIGALRM)
    assert alarm.told == [60, 50]
    alarm.now += 50
    with pytest.raises(RunTimeout):
        signal.raise_signal(signal.SIGALRM)


def test_an_alarm_between_two_runs_is_nobodys(alarm: Alarm) -> None:
    runs = RunTimer(60_000)
    runs.arm()
    runs.disarm()
    alarm.now += 60
    signal.raise_signal(signal.SIGALRM)
    runs.arm()
    assert alarm.told == [60, 60]
    runs.disarm()


def test_an_alarm_that_comes_too_late_is_brought_forward(alarm: Alarm) -> None:
    runs = RunTimer(60_000)
    runs.arm(times=9)
    runs.disarm()
    runs.arm()
    assert alarm.told == [540, 60]
    runs.disarm()


def test_what_cannot_wait_for_the_end_of_a_run_is_called_in_it_once(alarm: Alarm) -> None:
    runs, called = RunTimer(60_000), list[float]()
    runs.arm()
    runs.disarm()
    runs.meanwhile(2, lambda: called.append(alarm.now))
    runs.arm()
    alarm.now += 2
    signal.raise_signal(signal.SIGALRM)
    alarm.now += 8
    signal.raise_signal(signal.SIGALRM)
    assert called == [1002]
    assert alarm.told == [60, 2, 58, 50]
    runs.disarm()


def test_after_the_rest_nothing_is_called(alarm: Alarm) -> None:
    runs, called = RunTimer(60_000), list[float]()
    runs.meanwhile(2, lambda: called.append(alarm.now))
    runs.rest()
    runs.arm()
    alarm.now += 2
    signal.raise_signal(signal.SIGALRM)
    assert not called
    assert alarm.told == [60, 58]
    runs.disarm()


def test_an_alarm_between_two_runs_leaves_the_call_to_the_next(alarm: Alarm) -> None:
    runs, called = RunTimer(60_000), list[float]()
    runs.meanwhile(2, lambda: called.append(alarm.now))
    runs.arm()
    runs.disarm()
    alarm.now += 2
    signal.raise_signal(signal.SIGALRM)
    assert not called
    runs.arm()
    alarm.now += 1
    signal.raise_signal(signal.SIGALRM)
    assert called == [1003]
    runs.disarm()
