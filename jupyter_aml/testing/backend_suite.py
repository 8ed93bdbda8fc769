"""`BackendSuite`: what every backend must do. Subclass it and give it a `backend` fixture.

The jobs here are real command lines and cells, kept so simple that a fake can play them:
``echo``, ``sleep`` and ``exit``; cells that print or raise. A backend that lacks a facet skips
that facet's tests, as the user interface hides its section.
"""

from __future__ import annotations

from jupyter_aml.testing.components_suite import ComponentsSuite
from jupyter_aml.testing.compute_suite import ComputeSuite
from jupyter_aml.testing.data_suite import DataSuite
from jupyter_aml.testing.endpoint_suite import EndpointSuite
from jupyter_aml.testing.jobs_suite import JobsSuite
from jupyter_aml.testing.kernels_suite import KernelsSuite
from jupyter_aml.testing.models_suite import ModelsSuite
from jupyter_aml.testing.schedules_suite import SchedulesSuite
from jupyter_aml.testing.suite import NAME_TRAPS, read_events

__all__ = [
    "NAME_TRAPS",
    "BackendSuite",
    "ComponentsSuite",
    "ComputeSuite",
    "DataSuite",
    "EndpointSuite",
    "JobsSuite",
    "KernelsSuite",
    "ModelsSuite",
    "SchedulesSuite",
    "read_events",
]


class BackendSuite(
    ComputeSuite,
    JobsSuite,
    KernelsSuite,
    DataSuite,
    ModelsSuite,
    ComponentsSuite,
    EndpointSuite,
    SchedulesSuite,
):
    """Everything. Subclass this one; its parts can be taken alone."""
