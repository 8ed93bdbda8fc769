"""Connections are kept, and their credentials apart from them."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.model.connection import CreateConnection
from jupyter_aml.model.errors import NotFound
from jupyter_aml.service.connections.facet import Connections
from jupyter_aml.service.store.db import Store
from jupyter_aml.testing.clock import FakeClock

WANTED = CreateConnection(
    name="Search",
    category="CognitiveSearch",
    auth_type="ApiKey",
    target="https://search.example",
    credentials={"key": "very-secret"},
)


@pytest.fixture
def connections(tmp_path: Path) -> Iterator[Connections]:
    store = Store.open(tmp_path / "state.db")
    yield Connections(store, FakeClock(), tmp_path / "connections")
    store.close()


def _same(**changes: object) -> CreateConnection:
    told = {name: getattr(WANTED, name) for name in WANTED.__struct_fields__}
    return CreateConnection(**told | changes)  # type: ignore[arg-type]


async def test_the_secret_is_in_a_file_of_its_own(connections: Connections, tmp_path: Path) -> None:
    made = await connections.create(body=WANTED)
    assert await connections.get("search") == made
    assert (await connections.list()).value == [made]
    assert await connections.secrets("SEARCH") == {"key": "very-secret"}

    holding = [p for p in tmp_path.rglob("*") if p.is_file() and b"very-secret" in p.read_bytes()]
    assert holding == [tmp_path / "connections" / "search.json"]
    assert stat.S_IMODE(holding[0].stat().st_mode) == 0o600
    assert "very-secret" not in repr(WANTED)


async def test_what_is_sent_without_credentials_keeps_them(connections: Connections) -> None:
    made = await connections.create(body=WANTED)
    changed = await connections.create(body=_same(target="https://other", credentials=None))
    assert changed.target == "https://other"
    assert changed.created_at == made.created_at
    assert await connections.secrets("Search") == {"key": "very-secret"}


async def test_credentials_of_another_kind_are_forgotten(connections: Connections) -> None:
    await connections.create(body=WANTED)
    await connections.create(body=_same(auth_type="AAD", credentials=None))
    assert await connections.secrets("Search") == {}


async def test_deleting_deletes_the_secret(connections: Connections, tmp_path: Path) -> None:
    await connections.create(body=WANTED)
    await connections.delete("SEARCH")
    assert list((tmp_path / "connections").iterdir()) == []
    with pytest.raises(NotFound):
        await connections.get("Search")
    with pytest.raises(NotFound):
        await connections.delete("Search")
