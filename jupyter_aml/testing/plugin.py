"""Pytest fixtures. Import those you need into a conftest.py.

``aml_home`` a private, empty home; ``backend_parts`` what every backend is constructed with;
``aml_service`` a real daemon on that home, ended and searched for leftovers afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.testing.service import ServiceProcess


@pytest.fixture
def aml_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This test's ``JUPYTER_AML_HOME``."""
    home = tmp_path / "home"
    monkeypatch.setenv("JUPYTER_AML_HOME", str(home))
    return home


@pytest.fixture
async def backend_parts(aml_home: Path) -> Any:
    """The keywords every backend's constructor takes, on a private home."""
    from jupyter_aml.service.folders import run_folder
    from jupyter_aml.service.joblog import JobLogs
    from jupyter_aml.service.settings import LocalSettings
    from jupyter_aml.service.store.db import Store
    from jupyter_aml.testing.clock import MovableClock
    from jupyter_aml.testing.fakes import RecordingChanges

    aml_home.mkdir(mode=0o700, parents=True, exist_ok=True)
    clock = MovableClock()
    store = Store.open(aml_home / "state.db")
    logs = JobLogs(clock=clock)
    yield {
        "home": aml_home,
        "store": store,
        "logs": logs,
        "changes": RecordingChanges(),
        "clock": clock,
        "settings": LocalSettings(),
        "run_folder": run_folder(aml_home),
    }
    await asyncio.sleep(0.01)  # what the backend closed says so in the next turns of the loop
    logs.close()
    store.close()


@pytest.fixture
def aml_service(aml_home: Path) -> Iterator[ServiceProcess]:
    """A real daemon that answers. What it leaves running afterwards fails the test."""
    with ServiceProcess(aml_home) as service:
        yield service


@pytest.fixture
def fake_service(aml_home: Path) -> Iterator[ServiceProcess]:
    """`aml_service` on the in-memory backend: no nodes, no processes of jobs."""
    fake = "--ServiceSettings.backend=jupyter_aml.testing.fakes:FakeBackend"
    with ServiceProcess(aml_home, fake) as service:
        yield service
