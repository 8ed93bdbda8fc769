"""Where an endpoint's files and sockets lie (docs/developer/contracts.md)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

ROUTER = "router"
"""The name of the router among an endpoint's processes; no deployment may have instances so."""


@dataclass(frozen=True)
class EndpointLayout:
    """Of one endpoint. ``home`` and ``run`` are `state.Folders`'."""

    home: Path
    run: Path
    endpoint: str

    @property
    def folder(self) -> Path:
        return self.home / "endpoints" / self.endpoint

    @property
    def table(self) -> Path:
        return self.folder / "table.json"

    @property
    def router_config(self) -> Path:
        return self.folder / "router.json"

    @property
    def router_log(self) -> Path:
        return self.folder / "router.log"

    @property
    def requests(self) -> Path:
        """The request log of all deployments."""
        return self.folder / "requests.log"

    @property
    def control(self) -> Path:
        return self.run / f"r-{self._short(ROUTER)}.router"

    def deployment(self, name: str) -> Path:
        return self.folder / "deployments" / name

    def code(self, deployment: str, generation: int) -> Path:
        """What runs: the person's folder as it was, or the script that was generated."""
        return self.deployment(deployment) / f"code-{generation}"

    def instance(self, deployment: str, name: str) -> InstanceLayout:
        folder = self.deployment(deployment) / "instances" / name
        return InstanceLayout(folder, self.run / f"i-{self._short(name)}.score")

    def _short(self, name: str) -> str:
        """Socket paths end near 107 bytes, and one run folder serves every endpoint."""
        return hashlib.sha256(f"{self.endpoint}/{name}".encode()).hexdigest()[:12]


@dataclass(frozen=True)
class InstanceLayout:
    """Of one scoring process."""

    folder: Path
    socket: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.json"

    @property
    def state(self) -> Path:
        return self.folder / "state.json"

    @property
    def begun(self) -> Path:
        return self.folder / "begun"

    @property
    def console(self) -> Path:
        return self.folder / "console.log"
