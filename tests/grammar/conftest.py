"""A client and a surface for the verbs, and a way to type lines at them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_aml.grammar import Result, parse_line, run
from tests.grammar.fake_client import FakeClient
from tests.grammar.fake_surface import FakeSurface


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


@pytest.fixture
def surface() -> FakeSurface:
    return FakeSurface()


@pytest.fixture
def typed(client: FakeClient, surface: FakeSurface) -> Callable[[str], Result]:
    """Does what a line says."""
    return lambda line: run(client, parse_line(line), surface)
