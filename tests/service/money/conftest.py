"""Nodes that cost (`office_floor`), and a guard over a workspace (`guarded_office`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.service.store.db import Store
from jupyter_aml.testing.clock import FakeClock
from tests.service.money.fake_spending import FakeSpending
from tests.service.money.guarded_office import Office
from tests.service.money.office_floor import START, Floor


@pytest.fixture
async def floor(tmp_path: Path) -> Iterator[Floor]:
    made = Floor(tmp_path)
    yield made
    made.close()


@pytest.fixture
async def office(tmp_path: Path) -> Iterator[Office]:
    store = Store.open(tmp_path / "state.db")
    yield Office(store, FakeSpending(FakeClock(START)))
    store.close()
