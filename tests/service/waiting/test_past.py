"""Past starts are kept by what they depend on, a bounded number of them, over restarts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jupyter_aml.service.store.db import Store
from jupyter_aml.service.store.starts import StartKey, read_starts
from jupyter_aml.service.waiting.past import KEEP, STORE_SECONDS, PastStarts
from jupyter_aml.testing.clock import FakeClock


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store.open(tmp_path / "state.db")
    yield opened
    opened.close()


def note(past: PastStarts, kind: str, *durations: float, size: str = "a", env: str = "e") -> None:
    for seconds in durations:
        past.note(kind, seconds, size=size, environment=env)


async def test_a_node_is_the_same_for_every_environment_and_a_build_for_every_size(
    store: Store,
) -> None:
    past = PastStarts(store, FakeClock())
    note(past, "node", *range(9), env="one")
    note(past, "environment", *range(9), size="small")
    assert past.usual("node", size="a", environment="two") is not None
    assert past.usual("node", size="b", environment="one") is None
    assert past.usual("environment", size="large", environment="e") is not None
    assert past.usual("environment", size="small", environment="other") is None


async def test_a_process_depends_on_both(store: Store) -> None:
    past = PastStarts(store, FakeClock())
    note(past, "process", *range(9))
    assert past.usual("process", size="a", environment="e") is not None
    assert past.usual("process", size="b", environment="e") is None
    assert past.usual("process", size="a", environment="f") is None


async def test_they_are_written_together_after_a_moment_and_known_to_the_next_service(
    store: Store,
) -> None:
    clock = FakeClock()
    past = PastStarts(store, clock)
    note(past, "start:cold", *range(9))
    await store.flush()
    assert read_starts(store.reader, KEEP) == {}
    clock.advance(STORE_SECONDS)
    await store.flush()
    known = list(PastStarts(store, clock).starts())
    assert [(one.size, one.environment, one.situation, one.count) for one in known] == [
        ("a", "e", "cold", 9)
    ]


async def test_only_the_newest_count_and_only_they_are_kept(store: Store) -> None:
    past = PastStarts(store, FakeClock())
    note(past, "node", *[1.0] * 50)
    past.save()
    note(past, "node", *[2.0] * KEEP)
    past.save()
    await store.flush()
    assert read_starts(store.reader, 1000) == {StartKey("node", "a", ""): [2.0] * KEEP}
    found = past.usual("node", size="a")
    assert found is not None
    assert (found.low, found.high, found.count) == (2.0, 2.0, KEEP)


async def test_of_many_at_once_as_many_as_count_are_enough(store: Store) -> None:
    past = PastStarts(store, FakeClock())
    note(past, "process", *[1.0] * (KEEP - 1))
    assert not past.has_enough("process", size="a", environment="e")
    note(past, "process", 1.0)
    assert past.has_enough("process", size="a", environment="e")
    assert not past.has_enough("process", size="a", environment="f")
    past.save()
    assert not past.has_enough("process", size="a", environment="e")


async def test_a_list_can_be_narrowed(store: Store) -> None:
    past = PastStarts(store, FakeClock())
    note(past, "start:ready", *range(9), size="a", env="e")
    note(past, "start:ready", *range(9), size="b", env="f")
    note(past, "node", *range(9), size="a")
    note(past, "process", *range(9), size="a")
    assert {(one.size, one.situation) for one in past.starts(size="a")} == {
        ("a", "ready"),
        ("a", "node"),
    }
    assert {one.environment for one in past.starts(environment="f")} == {"f", ""}
    assert list(past.starts(size="nobody")) == []
