"""What references mean on the local workspace: outputs of jobs, files of datastores, assets.

Each comes with its lineage: a job knows its code, notebook, environment and data.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.job import CellJob, Job, NotebookJob
from jupyter_aml.model.registry import Lineage
from jupyter_aml.service.backends.local.data.acceptance import assets_of
from jupyter_aml.service.models.catalogue import Catalogue
from jupyter_aml.service.models.sources import Finder, Source
from jupyter_aml.service.store import rows

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine


class References:
    """Finders for references of Azure ML's; those of MLflow are `seams.tracking`'s."""

    def __init__(self, engine: Engine, catalogue: Catalogue) -> None:
        self._engine = engine
        self._catalogue = catalogue

    def finders(self) -> dict[str, Finder]:
        return {"azureml://": self._located, "azureml:": self._of_asset}

    async def _of_asset(self, reference: str) -> Source:
        """A version of a model, or else of data."""
        try:
            model = self._catalogue.find(reference)
        except NotFound:
            return await self._located(reference)
        return Source(Path(model.local_path), model.lineage, model.python)

    async def _located(self, reference: str) -> Source:
        found = await asyncio.to_thread(self._engine.data.locator.locate, reference)
        lineage, python = Lineage(), ""
        if found.data is not None:
            lineage = Lineage(job=found.data.created_by_job, data=[found.data.reference])
        elif job := self.job(found.job):
            lineage, python = lineage_of(job), job.spec.python
        return Source(Path(found.path), lineage, python)

    def job(self, name: str) -> Job | None:
        """The job of that name, as far as it is known yet."""
        live = self._engine.jobs.get(name)
        if live is not None:
            return live.job
        return rows.get_job(self._engine.store.reader, name) if name else None

    def lineage(self, job: str) -> Lineage:
        """What a job knows of where its results come from; empty for one that is gone."""
        found = self.job(job)
        return lineage_of(found) if found is not None else Lineage()


def lineage_of(job: Job) -> Lineage:
    """What a job knows of where its results come from."""
    spec = job.spec
    return Lineage(
        job=job.name,
        code=spec.code or "",
        notebook=spec.notebook if isinstance(spec, (CellJob, NotebookJob)) else "",
        cell_id=spec.cell_id if isinstance(spec, CellJob) else "",
        environment=spec.environment,
        data=assets_of(spec),
    )
