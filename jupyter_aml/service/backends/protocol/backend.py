"""A workspace as a whole, and where it says what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from jupyter_aml.model.workspace import Workspace
from jupyter_aml.service.backends.protocol.batch import BatchDeploymentsFacet, BatchEndpointsFacet
from jupyter_aml.service.backends.protocol.code import CodesFacet, SnapshotsFacet
from jupyter_aml.service.backends.protocol.components import ComponentsFacet
from jupyter_aml.service.backends.protocol.compute import ComputeFacet
from jupyter_aml.service.backends.protocol.connections import ConnectionsFacet
from jupyter_aml.service.backends.protocol.data import DataFacet, DatastoresFacet
from jupyter_aml.service.backends.protocol.environments import EnvironmentsFacet
from jupyter_aml.service.backends.protocol.jobs import CellsFacet, JobsFacet, SessionsFacet
from jupyter_aml.service.backends.protocol.kernels import KernelsFacet
from jupyter_aml.service.backends.protocol.models import ModelsFacet
from jupyter_aml.service.backends.protocol.online import (
    OnlineDeploymentsFacet,
    OnlineEndpointsFacet,
)
from jupyter_aml.service.backends.protocol.schedules import SchedulesFacet


class Changes(Protocol):
    """Where a backend says what changed; the feed of every open tab reads it."""

    def publish(self, noun: str, name: str, value: msgspec.Struct | None) -> None:
        """`value` is the new state (a job's is its `JobSummary`), None when it is gone."""
        ...

    def publish_newest(self, noun: str, name: str, make: Callable[[], msgspec.Struct]) -> None:
        """`publish` what `make` returns, which is asked when it is sent, and only then.

        For what changes quickly: most states of a quick job are seen by nobody.
        """
        ...


class Backend(Protocol):
    """One workspace. ``open`` is awaited before the first request, ``close`` after the last.

    One that costs something also has ``spending`` (`service.money.spending`) once it is open.
    """

    workspace: Workspace
    compute: ComputeFacet | None
    jobs: JobsFacet | None
    cells: CellsFacet | None
    sessions: SessionsFacet | None
    kernels: KernelsFacet | None
    snapshots: SnapshotsFacet | None
    codes: CodesFacet | None
    environments: EnvironmentsFacet | None
    batch_endpoints: BatchEndpointsFacet | None
    batch_deployments: BatchDeploymentsFacet | None
    datastores: DatastoresFacet | None
    data: DataFacet | None
    models: ModelsFacet | None
    components: ComponentsFacet | None
    online_endpoints: OnlineEndpointsFacet | None
    online_deployments: OnlineDeploymentsFacet | None
    schedules: SchedulesFacet | None
    connections: ConnectionsFacet | None

    async def open(self) -> None:
        """Take up what an earlier service left: adopt what lives, clean up what does not."""
        ...

    async def close(self, *, end_everything: bool) -> None:
        """Let go. With `end_everything` also end nodes and jobs (they are durable as Canceled)."""
        ...

    async def settled(self) -> None:
        """Return once every job that was told to have ended has ended in the store too.

        Called before storage is measured and made room in.
        """
        ...

    def running(self) -> dict[str, int]:
        """Counts of what would be ended: ``{"jobs", "nodes", "endpoints"}``."""
        ...

    def state(self) -> list[tuple[str, str, msgspec.Struct]]:
        """(noun, name, value) of everything alive: what a new feed is told first."""
        ...
