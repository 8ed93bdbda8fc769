"""A nursery and nodes for the tests that need them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runner.driver import Node, Service


@pytest.fixture(scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    # What whoever starts it has in the environment is no job's business.
    service = Service(tmp_path_factory.mktemp("shared"), SECRET_OF_THE_STARTER="1")
    yield service.node(max_jobs=100)
    service.close()


@pytest.fixture
def node(_shared: Node) -> Iterator[Node]:
    """A node that tests share: starting one takes longer than most of them."""
    yield _shared
    for session in _shared.reconnect()["sessions"]:
        _shared.peer.send(op="end_session", name=session["name"])
        _shared.peer.until("session", name=session["name"], state="ended")
    _shared.peer.past.clear()


@pytest.fixture
def service(home: Path) -> Iterator[Service]:
    """A nursery of the test's own, for those that kill something."""
    service = Service(home)
    yield service
    service.close()


@pytest.fixture
def own(service: Service) -> Node:
    """A node of the test's own."""
    return service.node()
