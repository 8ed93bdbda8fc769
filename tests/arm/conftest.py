"""What tests of the compatible API stand on; docs/developer/arm.md says which to take."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.testing.fake_ssh import install
from jupyter_aml.testing.fakes import FakeBackend
from tests.arm.caller import Caller
from tests.arm.guard import Guard
from tests.arm.live import Live


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The SDK's warnings are its makers' business."""
    for item in items:
        if "azure_environment" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.filterwarnings("ignore"))


@pytest.fixture
async def arm(tmp_path: Path) -> AsyncIterator[Caller]:
    """The API in process, over the fake workspace: ``arm.facets["jobs"] = …`` changes one."""
    backend = FakeBackend()
    names = [name for name in vars(backend) if not name.startswith("_")]
    yield Caller(tmp_path, {name: getattr(backend, name) for name in names})
    await backend.close(end_everything=True)


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One real service for all tests of a worker: names of things are each test's own.

    Its `ssh` is the fake one.
    """
    machine = install(tmp_path_factory.mktemp("attached"))
    found = Live(tmp_path_factory.mktemp("live") / "home", PATH=machine.path)
    try:
        found.open()
        yield found
    finally:
        found.service.stop()
        left = found.service.left_over()
        assert not left, left


@pytest.fixture
def azure_environment(live: Live, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """The variables of ``jupyter aml service env``, and nothing that leaves this machine."""
    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    for name, value in live.environment().items():
        monkeypatch.setenv(name, value)
    with Guard() as guard:
        yield live
    assert not guard.refused, f"tried to reach {guard.refused}"


@pytest.fixture
def ml_client(azure_environment: Live) -> Iterator[Any]:
    """The stock client, unmodified; what it asks is checked against Azure's specification."""
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    from tests.arm.exchanges import Exchanges

    access = azure_environment.access
    with Exchanges() as exchanges, DefaultAzureCredential() as credential:
        client = MLClient(
            credential, access.subscription_id, access.resource_group, access.workspace_name
        )
        client.exchanges = exchanges  # type: ignore[attr-defined]  # for the tests alone
        yield client
    assert not (wrong := exchanges.deviations()), "\n".join(wrong)
