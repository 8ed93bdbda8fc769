"""A backend implements one workspace, as facets.

The generic HTTP handler calls ``backend.<facet>.<verb>(**path_fields, body=..., query=...)`` for
each row of `model.api.ROUTES` (``body`` and ``query`` only where the row has them) and encodes
what comes back. A facet that a backend lacks is None; `GET /workspaces` tells clients, and the UI
hides the section. Implement `Backend` in one module, register it under the entry-point group
``jupyter_aml.backends``, subclass `testing.BackendSuite`.

Errors: raise `model.errors.AmlError`s; anything else is logged and shown as an internal error. No
method may block the event loop. A coroutine that returns an `AsyncIterator` does its refusing
before it returns, so that a refusal keeps its HTTP status.
"""

from __future__ import annotations

from jupyter_aml.service.backends.protocol.backend import Backend, Changes
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

__all__ = [
    "Backend",
    "BatchDeploymentsFacet",
    "BatchEndpointsFacet",
    "CellsFacet",
    "Changes",
    "CodesFacet",
    "ComponentsFacet",
    "ComputeFacet",
    "ConnectionsFacet",
    "DataFacet",
    "DatastoresFacet",
    "EnvironmentsFacet",
    "JobsFacet",
    "KernelsFacet",
    "ModelsFacet",
    "OnlineDeploymentsFacet",
    "OnlineEndpointsFacet",
    "SchedulesFacet",
    "SessionsFacet",
    "SnapshotsFacet",
]
