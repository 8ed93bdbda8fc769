"""`BackendSuite`: what every backend must do. Subclass it and give it a `backend` fixture.

The jobs here are real command lines and cells, kept so simple that a fake can play them:
``echo``, ``cat``, ``sleep`` and ``exit``; cells that print or raise. A backend that lacks a facet
skips that facet's tests, as the user interface hides its section.
"""

from __future__ import annotations

from jupyter_aml.testing.batch_suite import BatchSuite
from jupyter_aml.testing.code_suite import CodeSuite
from jupyter_aml.testing.components_suite import ComponentsSuite
from jupyter_aml.testing.compute_suite import ComputeSuite
from jupyter_aml.testing.connections_suite import ConnectionsSuite
from jupyter_aml.testing.data_suite import DataSuite
from jupyter_aml.testing.endpoint_suite import EndpointSuite
from jupyter_aml.testing.environments_suite import EnvironmentsSuite
from jupyter_aml.testing.jobs_suite import JobsSuite
from jupyter_aml.testing.kernels_suite import KernelsSuite
from jupyter_aml.testing.left_suite import LeftSuite
from jupyter_aml.testing.models_suite import ModelsSuite
from jupyter_aml.testing.pipelines_suite import PipelinesSuite
from jupyter_aml.testing.schedules_suite import SchedulesSuite
from jupyter_aml.testing.sessions_suite import SessionsSuite
from jupyter_aml.testing.suite import NAME_TRAPS, read_events
from jupyter_aml.testing.sweeps_suite import SweepsSuite

__all__ = [
    "NAME_TRAPS",
    "BackendSuite",
    "BatchSuite",
    "CodeSuite",
    "ComponentsSuite",
    "ComputeSuite",
    "ConnectionsSuite",
    "DataSuite",
    "EndpointSuite",
    "EnvironmentsSuite",
    "JobsSuite",
    "KernelsSuite",
    "LeftSuite",
    "ModelsSuite",
    "PipelinesSuite",
    "SchedulesSuite",
    "SessionsSuite",
    "SweepsSuite",
    "read_events",
]


class BackendSuite(
    ComputeSuite,
    JobsSuite,
    LeftSuite,
    SweepsSuite,
    PipelinesSuite,
    SessionsSuite,
    KernelsSuite,
    CodeSuite,
    EnvironmentsSuite,
    DataSuite,
    ModelsSuite,
    ComponentsSuite,
    EndpointSuite,
    BatchSuite,
    SchedulesSuite,
    ConnectionsSuite,
):
    """Everything. Subclass this one; its parts can be taken alone."""
