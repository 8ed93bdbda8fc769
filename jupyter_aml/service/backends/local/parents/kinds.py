"""The kinds of parents there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_aml import _version
from jupyter_aml.model.job import ParentSpec, PipelineJob, ReusedJob, SweepJob
from jupyter_aml.service.backends.local.parents.kind import Kind
from jupyter_aml.service.backends.local.parents.pipelines import Pipelines
from jupyter_aml.service.backends.local.parents.reuse import Reuse, Reused
from jupyter_aml.service.backends.local.parents.sweeps import Sweeps

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

BOOT = Path(_version.__file__).with_name("runner") / "boot.py"


class Kinds:
    """Of one engine."""

    def __init__(self, engine: Engine) -> None:
        reuse = Reuse(engine.store, engine.content.uploads)
        self._kinds: dict[type, Kind] = {
            SweepJob: Sweeps(),
            PipelineJob: Pipelines(lambda text: engine.components.find(text), BOOT, reuse),
            ReusedJob: Reused(),
        }

    def of(self, spec: ParentSpec) -> Kind:
        """How a parent of that spec is planned."""
        return self._kinds[type(spec)]
