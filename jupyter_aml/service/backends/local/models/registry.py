"""The registry of the local workspace: the parts of `service.models`, wired to jobs and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_aml.model.registry import Model
from jupyter_aml.service.backends.local.models.references import References
from jupyter_aml.service.models.catalogue import Catalogue
from jupyter_aml.service.models.facet import Models, Served
from jupyter_aml.service.models.sources import Sources
from jupyter_aml.service.store import model_rows

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine


class LocalModels:
    """Of one engine. ``facet`` serves the routes; ``served`` is given by who deploys models."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.served: Served = _nothing
        """``endpoint/deployment`` of what serves the model of a reference."""
        self.catalogue = Catalogue(engine.store, self._publish)
        self.references = References(engine, self.catalogue)
        self.facet = Models(
            self.catalogue,
            engine.content,
            Sources(self.references.finders() | engine.tracking.finders()),
            engine.clock,
            lambda reference: self.served(reference),
            self.references.lineage,
        )

    def open(self) -> None:
        """Before requests are answered."""
        self.catalogue.open()

    def of_job(self, job: str) -> list[str]:
        """References of what was registered from a job."""
        return model_rows.models_of_job(self._engine.store.reader, job)

    def state(self) -> list[tuple[str, str, Model]]:
        """What a new feed is told."""
        return [("model", f"{one.name}:{one.version}", one) for one in self.catalogue.newest()]

    def _publish(self, model: Model) -> None:
        self._engine.changes.publish("model", f"{model.name}:{model.version}", model)


def _nothing(_reference: str) -> list[str]:
    return []
