"""How things outside are reached."""

from __future__ import annotations

from typing import Protocol

from jupyter_aml.model import connection


class ConnectionsFacet(Protocol):
    """How things outside are reached: see `model.connection`. Names in any case of letters.

    The Azure-compatible API makes them, and tells their secrets; nothing else does.
    """

    async def list(self) -> connection.ConnectionList: ...
    async def get(self, name: str) -> connection.Connection: ...
    async def create(self, *, body: connection.CreateConnection) -> connection.Connection:
        """Keep it durably. The same name again replaces what there was."""
        ...

    async def secrets(self, name: str) -> connection.Credentials:
        """Its credentials, {} of one that has none."""
        ...

    async def delete(self, name: str) -> connection.Connection:
        """Delete it and its credentials."""
        ...
