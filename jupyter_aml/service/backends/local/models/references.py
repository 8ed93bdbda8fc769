"""What references mean on the local workspace: outputs of jobs, files of datastores, assets.

Each comes with its lineage: a job knows its code, notebook, environment and data.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_aml.model.data import DEFAULT_DATASTORE
from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.job import CellJob, CommandJob, Input, Job, NotebookJob
from jupyter_aml.model.registry import Lineage
from jupyter_aml.service.models.catalogue import Catalogue
from jupyter_aml.service.models.sources import Finder, Source
from jupyter_aml.service.store import rows

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

_JOB = re.compile(
    r"azureml://jobs/(?P<job>[^/]+)/outputs/(?P<output>[^/]+)(?:/paths/?(?P<path>.*))?"
)
_DATASTORE = re.compile(r"azureml://datastores/(?P<store>[^/]+)/paths/(?P<path>.+)")

ARTIFACTS = "artifacts"
"""Azure's own name of the output that is the working folder: ``outputs/model`` lies below it."""


class References:
    """Finders for each prefix; others (datastores of the person's own, MLflow) are added."""

    def __init__(self, engine: Engine, catalogue: Catalogue) -> None:
        self._engine = engine
        self._catalogue = catalogue

    def finders(self) -> dict[str, Finder]:
        return {
            "azureml://jobs/": self.of_job,
            "azureml://datastores/": self.of_datastore,
            "azureml:": self.of_asset,
        }

    async def of_job(self, reference: str) -> Source:
        found = _JOB.fullmatch(reference)
        if found is None:
            raise _unreadable(reference, "azureml://jobs/JOB/outputs/NAME/paths/PATH")
        job = self._job(found["job"])
        folder = self._output(job, found["output"])
        path = _below(folder, found["path"] or "", reference)
        return Source(path, lineage_of(job), job.spec.python)

    def lineage(self, job: str) -> Lineage:
        """What a job knows of where its results come from; empty for one that is gone."""
        found = self._known(job)
        return lineage_of(found) if found is not None else Lineage()

    def _known(self, name: str) -> Job | None:
        live = self._engine.jobs.get(name)
        return live.job if live else rows.get_job(self._engine.store.reader, name)

    def _job(self, name: str) -> Job:
        job = self._known(name)
        if job is None:
            raise NotFound(
                f"There is no job {name!r}.", target="path", hint="List them with `%aml job list`."
            )
        return job

    def _output(self, job: Job, name: str) -> Path:
        if name in job.outputs:
            return Path(job.outputs[name])
        layout = self._engine.folders.layout(job.name)
        output = job.spec.outputs.get(name)
        if output is not None:
            return Path(output.path) if output.path else layout.output(name, output.type)
        if name in (ARTIFACTS, "default"):
            is_elsewhere = bool(job.spec.cwd) and job.spec.code is None
            return Path(job.spec.cwd) if is_elsewhere else layout.work()
        known = ", ".join([*job.spec.outputs, ARTIFACTS])
        raise NotFound(
            f"Job {job.name} has no output {name!r}.", target="path", hint=f"It has: {known}."
        )

    async def of_datastore(self, reference: str) -> Source:
        found = _DATASTORE.fullmatch(reference)
        if found is None:
            raise _unreadable(reference, "azureml://datastores/NAME/paths/PATH")
        if found["store"] != DEFAULT_DATASTORE:
            raise NotFound(
                f"There is no datastore {found['store']!r}.",
                target="path",
                hint="List them with `%aml datastore list`.",
            )
        return Source(_below(self._engine.content.folder, found["path"], reference))

    async def of_asset(self, reference: str) -> Source:
        model = self._catalogue.find(reference)
        return Source(Path(model.local_path), model.lineage, model.python)


def lineage_of(job: Job) -> Lineage:
    """What a job knows of where its results come from."""
    spec = job.spec
    inputs = spec.inputs.values() if isinstance(spec, CommandJob) else ()
    read = [one.reference for one in inputs if isinstance(one, Input)]
    return Lineage(
        job=job.name,
        code=spec.code or "",
        notebook=spec.notebook if isinstance(spec, (CellJob, NotebookJob)) else "",
        cell_id=spec.cell_id if isinstance(spec, CellJob) else "",
        environment=spec.environment,
        data=[reference for reference in read if reference.startswith("azureml:")],
    )


def _below(folder: Path, inner: str, reference: str) -> Path:
    """The file or folder `inner`, which must lie in `folder`. Raises `NotFound`."""
    whole = folder.resolve()
    path = (whole / inner).resolve() if "\0" not in inner else whole / ".."
    if not path.is_relative_to(whole) or not path.exists():
        raise NotFound(
            f"{reference} is not there.",
            target="path",
            hint="The job has not written it (yet): `%aml job show JOB` lists its files.",
        )
    return path


def _unreadable(reference: str, form: str) -> NotFound:
    return NotFound(f"{reference!r} names nothing.", target="path", hint=f"Write it as {form}.")
