"""The real daemon for tests of the local workspace, a client of it, and endpoints without it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.client import Client, connect
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.service.store.db import Store
from jupyter_aml.testing.plugin import aml_home, aml_service, backend_parts
from jupyter_aml.testing.service import ServiceProcess
from tests.service.environments.conftest import index
from tests.service.local.endpoint_world import EndpointWorld
from tests.service.local.sessions_ahead import Line, every_cell_is_quick

__all__ = ["aml_home", "aml_service", "backend_parts", "index"]


@pytest.fixture
def client(aml_service: ServiceProcess) -> Iterator[Client]:
    """A client of a real service on this test's home."""
    with_service = connect(home=aml_service.home, start=False)
    yield with_service
    with_service.close()


@pytest.fixture
def indexed_service(aml_home: Path, index: Path) -> Iterator[ServiceProcess]:
    """A real daemon whose administrator named a folder of packages."""
    aml_home.mkdir(mode=0o700)
    lines = ["--no-index", f"--find-links {index}"]
    (aml_home / "service_config.py").write_text(f"c.LocalSettings.environment_index = {lines}\n")
    with ServiceProcess(aml_home) as started:
        yield started


@pytest.fixture
def indexed_client(indexed_service: ServiceProcess) -> Iterator[Client]:
    """A client of a service that installs from a folder of packages."""
    found = connect(home=indexed_service.home, start=False)
    yield found
    found.close()


@pytest.fixture
async def backend(backend_parts: Any) -> AsyncIterator[LocalBackend]:
    """A local workspace in this process, on this test's home."""
    local = LocalBackend(**backend_parts)
    await local.open()
    yield local
    await local.close(end_everything=True)


@pytest.fixture
def line(backend: LocalBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    """Cells of sessions on ``local``, where every one is taken for a quick one."""
    every_cell_is_quick(monkeypatch)
    return Line(backend, tmp_path)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[EndpointWorld]:
    """Endpoints over processes that are numbers, on a store of this test's own."""
    store = Store.open(tmp_path / "state.db")
    made = EndpointWorld(tmp_path, store)
    await made.open()
    yield made
    await made.let_go()
    store.close()
