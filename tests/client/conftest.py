"""A fake service per test, in the test's own home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.client.client import Client, client_of
from tests.client.fake_service import FakeService


@pytest.fixture
def service(home: Path) -> Iterator[FakeService]:
    fake = FakeService(home).start()
    yield fake
    fake.close()


@pytest.fixture
def client(service: FakeService) -> Iterator[Client]:
    """It finds the service as any client does, and starts none."""
    found = client_of(service.home, start=False)
    yield found
    found.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as people have it: code and data beside the job file."""
    place = tmp_path / "project"
    (place / "src").mkdir(parents=True)
    (place / "data").mkdir()
    (place / "data" / "a.csv").write_text("1,2")
    return place
