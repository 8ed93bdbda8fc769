"""The alarm that ends a run: one for runs that follow each other, and each has its whole time."""

from __future__ import annotations

import signal

import pytest

from jupyter_aml.serving.scoring.timer import RunTimer
from tests.serving.loading import Make, ask

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no SIGALRM here")


def test_one_alarm_serves_runs_that_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    monkeypatch.setattr(signal, "setitimer", lambda _which, seconds: told.append(seconds))
    before = signal.getsignal(signal.SIGALRM)
    timer = RunTimer(60_000)
    try:
        for _ in range(3):
            timer.arm()
            timer.disarm()
        assert len(told) == 1
        timer.arm()
        signal.raise_signal(signal.SIGALRM)  # the first run's, and nobody is late
        assert len(told) == 2
        timer.disarm()
        timer.arm(times=9)
        timer.disarm()
        assert len(told) == 2, "the alarm comes before the end of the long one"
        timer.rest()
        timer.rest()
        assert told[2:] == [0]
        timer.arm(times=9)
        timer.disarm()
        timer.arm()
        assert told[-2] > 500
        assert told[-1] <= 60, "an alarm that comes too late is brought forward"
        timer.disarm()
        timer.rest()
    finally:
        signal.signal(signal.SIGALRM, before)


def test_the_second_of_two_runs_is_ended_too(make: Make) -> None:
    source = "def init(): pass\ndef run(data):\n    while data == 'long': pass\n    return data"
    app = make(source, timeout_ms=30)
    given = [ask(app, b"short"), ask(app, b"long"), ask(app, b"short"), ask(app, b"long")]
    assert [each.status for each in given] == [200, 500, 200, 500]
