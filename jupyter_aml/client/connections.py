"""The client's facet ``connections``: how things outside of the workspace are reached."""

from __future__ import annotations

from jupyter_aml.client.facet import Facet
from jupyter_aml.model.connection import Connection, ConnectionList


class Connections(Facet):
    """Without credentials: scripts of Azure's SDK make connections, and ask for those."""

    def list(self) -> ConnectionList:
        return self._call("connections.list", ConnectionList)

    def get(self, name: str) -> Connection:
        return self._call("connections.get", Connection, name=name)

    def delete(self, name: str) -> Connection:
        """Delete it and its credentials."""
        return self._call("connections.delete", Connection, name=name)
