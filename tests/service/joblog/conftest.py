"""A log on a clock and a watcher that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.service.joblog import JobLogs
from jupyter_aml.testing.clock import FakeClock
from tests.service.joblog.hands import HandWatcher, Writer


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def watcher() -> HandWatcher:
    return HandWatcher()


@pytest.fixture
def logs(clock: FakeClock, watcher: HandWatcher) -> Iterator[JobLogs]:
    made = JobLogs(clock=clock, watcher=watcher)
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "jobs" / "maple_river"


@pytest.fixture
def job(folder: Path) -> Writer:
    return Writer(folder)
