"""`Client`: one method for each row of the API table, under the same names.

``client.jobs.get(name)`` is the row ``jobs.get``. The methods are thin: a refusal is raised as the
class that the service raised, and what comes back is a struct of `jupyter_aml.model`.
"""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from jupyter_aml.client import discovery
from jupyter_aml.client.arm import Arm
from jupyter_aml.client.batch import BatchDeployments, BatchEndpoints
from jupyter_aml.client.components import Components
from jupyter_aml.client.connections import Connections
from jupyter_aml.client.data import DataAssets, Datastores
from jupyter_aml.client.endpoints import OnlineDeployments, OnlineEndpoints
from jupyter_aml.client.facets import (
    Cells,
    ComputeFacet,
    Costs,
    Environments,
    Feed,
    PreferencesFacet,
    Service,
    Sessions,
    Snapshots,
    Storage,
    Workspaces,
)
from jupyter_aml.client.home import service_home
from jupyter_aml.client.jobs import Jobs
from jupyter_aml.client.kernels import Kernels
from jupyter_aml.client.models import Models
from jupyter_aml.client.schedules import Schedules
from jupyter_aml.client.transport import HttpTransport, Transport
from jupyter_aml.client.workspaces import unknown
from jupyter_aml.model.errors import Conflict, ServiceNotRunning


class Client:
    """One workspace, through the service. `connect` makes one; tests pass a `transport`."""

    def __init__(self, transport: Transport, *, home: Path | None = None) -> None:
        self._transport = transport
        self.home = home or service_home()
        self.service = Service(transport)
        self.storage = Storage(transport)
        self.costs = Costs(transport)
        self.preferences = PreferencesFacet(transport)
        self.workspaces = Workspaces(transport)
        self.compute = ComputeFacet(transport)
        self.jobs = Jobs(transport)
        self.cells = Cells(transport)
        self.sessions = Sessions(transport)
        self.kernels = Kernels(transport)
        self.snapshots = Snapshots(transport)
        self.environments = Environments(transport)
        self.batch_endpoints = BatchEndpoints(transport)
        self.batch_deployments = BatchDeployments(transport)
        self.datastores = Datastores(transport)
        self.data = DataAssets(transport)
        self.models = Models(transport)
        self.components = Components(transport)
        self.schedules = Schedules(transport)
        self.connections = Connections(transport)
        self.online_endpoints = OnlineEndpoints(transport)
        self.online_deployments = OnlineDeployments(transport)
        self.feed = Feed(transport)
        self.arm = Arm(transport)

    def close(self) -> None:
        """Close kept connections. The client can still be used."""
        self._transport.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client stays in its process; call aml.connect() where it is needed")

    def __repr__(self) -> str:
        return f"Client(home={str(self.home)!r})"


def connect(
    workspace: str | None = None, *, start: bool = True, home: Path | None = None
) -> Client:
    """The client of this user's service, which is started unless it runs.

    With ``start=False``, `ServiceNotRunning` is raised instead of starting it, now and whenever it
    is found gone. `workspace` must be the current one (`client.workspaces.use` changes that).
    """
    client = client_of(home or service_home(), start=start)
    try:
        if workspace is None:
            client.service.status()
        else:
            check_workspace(client, workspace)
    except BaseException:  # an interrupt too: nobody else has the client to close it
        client.close()
        raise
    return client


def client_of(home: Path, *, start: bool = True) -> Client:
    """`connect`, but nobody is looked for (or started) before the first request."""

    def locate() -> discovery.Runtime:
        runtime = discovery.start(home) if start else discovery.find(home)
        if runtime is None:
            raise ServiceNotRunning(
                "The compute service is not running.",
                target=str(home),
                hint="Start it: jupyter aml service start",
            )
        return runtime

    return Client(HttpTransport(locate), home=home)


def check_workspace(client: Client, name: str) -> None:
    """Raise `NotFound` or `Conflict` unless `name` is the current workspace."""
    known = client.workspaces.list()
    names = [workspace.name for workspace in known.value]
    if name not in names:
        raise unknown(name, names)
    if name != known.current:
        raise Conflict(
            f"The current workspace is {known.current!r}, not {name!r}.",
            target="workspace",
            hint=f"Make it current: %aml workspace use {name}",
        )
