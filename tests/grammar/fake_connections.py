"""`client.connections`: two that a script made."""

from __future__ import annotations

from jupyter_aml.model.connection import Connection, ConnectionList
from jupyter_aml.model.errors import NotFound


class FakeConnections:
    def __init__(self) -> None:
        made = [
            Connection(
                name="search",
                category="CognitiveSearch",
                auth_type="ApiKey",
                target="https://search.example",
                metadata={"ApiVersion": "2024"},
            ),
            Connection(name="wheels", category="PythonFeed", auth_type="None", target="https://x"),
        ]
        self.all = {one.name: one for one in made}

    def list(self) -> ConnectionList:
        return ConnectionList(list(self.all.values()))

    def get(self, name: str) -> Connection:
        if name not in self.all:
            raise NotFound(f"There is no connection {name!r}.", target="name")
        return self.all[name]

    def delete(self, name: str) -> Connection:
        self.get(name)
        return self.all.pop(name)
