"""The kinds of parents there are."""

from __future__ import annotations

from jupyter_aml.model.job import ParentSpec, SweepJob
from jupyter_aml.service.backends.local.parents.kind import Kind
from jupyter_aml.service.backends.local.parents.sweeps import Sweeps

_KINDS: dict[type, Kind] = {SweepJob: Sweeps()}


def kind_of(spec: ParentSpec) -> Kind:
    """How a parent of that spec is planned."""
    return _KINDS[type(spec)]
