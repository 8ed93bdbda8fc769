"""The real daemon for tests of the local workspace, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jupyter_aml.client import Client, connect
from jupyter_aml.testing.plugin import aml_home, aml_service, backend_parts
from jupyter_aml.testing.service import ServiceProcess

__all__ = ["aml_home", "aml_service", "backend_parts"]


@pytest.fixture
def client(aml_service: ServiceProcess) -> Iterator[Client]:
    """A client of a real service on this test's home."""
    with_service = connect(home=aml_service.home, start=False)
    yield with_service
    with_service.close()
