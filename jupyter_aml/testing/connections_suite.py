"""What every backend that keeps connections must do; part of `BackendSuite`."""

from __future__ import annotations

import pytest

from jupyter_aml.model.connection import CreateConnection
from jupyter_aml.model.errors import NotFound
from jupyter_aml.service.backends.protocol import Backend, ConnectionsFacet
from jupyter_aml.testing.suite import Suite


def feed(target: str = "https://feed.invalid", key: str = "k-1") -> CreateConnection:
    return CreateConnection(
        name="my-feed",
        category="PythonFeed",
        auth_type="ApiKey",
        target=target,
        credentials={"key": key},
    )


class ConnectionsSuite(Suite):
    @pytest.fixture
    def connections(self, backend: Backend) -> ConnectionsFacet:
        if backend.connections is None:
            pytest.skip("this backend has no connections")
        return backend.connections

    async def test_a_connection_is_shown_without_its_secret(
        self, connections: ConnectionsFacet
    ) -> None:
        made = await connections.create(body=feed())
        assert await connections.get("my-feed") == made
        assert (await connections.list()).value == [made]
        assert "k-1" not in repr(made)
        assert await connections.secrets("my-feed") == {"key": "k-1"}

    async def test_the_same_name_replaces_it(self, connections: ConnectionsFacet) -> None:
        await connections.create(body=feed())
        changed = await connections.create(body=feed("https://other.invalid", "k-2"))
        assert (await connections.list()).value == [changed]
        assert await connections.secrets("my-feed") == {"key": "k-2"}

    async def test_what_is_deleted_has_no_secret_any_more(
        self, connections: ConnectionsFacet
    ) -> None:
        await connections.create(body=feed())
        await connections.delete("my-feed")
        for verb in (connections.get, connections.secrets, connections.delete):
            with pytest.raises(NotFound):
                await verb("my-feed")
