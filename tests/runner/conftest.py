"""A nursery and a node for the tests that need one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runner.driver import Node, Service


@pytest.fixture
def service(home: Path) -> Iterator[Service]:
    service = Service(home)
    yield service
    service.close()


@pytest.fixture
def node(service: Service) -> Node:
    return service.node()
