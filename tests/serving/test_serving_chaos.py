"""Load, a switch from blue to green, and kills: no answer lost that was safe, none doubled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving.processes import Processes
from tests.serving.storm import storm


@pytest.fixture
def processes(short_path: Path) -> Iterator[Processes]:
    started = Processes(short_path)
    yield started
    started.stop()


@pytest.mark.chaos
@pytest.mark.parametrize("seed", [1, 2])
def test_a_switch_under_load_with_kills_loses_and_doubles_nothing(
    processes: Processes, seed: int
) -> None:
    assert storm(processes, seed) == []
