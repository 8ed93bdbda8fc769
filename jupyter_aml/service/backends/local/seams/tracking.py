"""MLflow for the jobs of the local workspace: their variables, their runs, what they logged.

A job costs nothing by it but four variables: its run is made, and the server started, when it
asks for the first time.
"""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.job import CellJob, CommandJob, JobSpec, NotebookJob
from jupyter_aml.model.registry import JobMetrics, Lineage, Metric
from jupyter_aml.service.backends.local.jobs.tasks import clean_environment
from jupyter_aml.service.backends.local.state import LiveJob
from jupyter_aml.service.mlflow import token
from jupyter_aml.service.mlflow.database import FOLDER, Database
from jupyter_aml.service.mlflow.doorway import Doorway
from jupyter_aml.service.mlflow.logged import logged_metrics
from jupyter_aml.service.mlflow.server import TrackingServer, is_installed
from jupyter_aml.service.models.sources import Finder, Source
from jupyter_aml.service.store import rows

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

log = logging.getLogger(__name__)

_PORT = "mlflow-port"
"""Under which the port is kept: jobs that outlive a service find the next one there."""

_LOOK_SECONDS = 5.0
"""How often it is looked whether MLflow was installed meanwhile."""

_STATUS = {"Completed": "FINISHED", "Failed": "FAILED", "Canceled": "KILLED"}


class JobTracking:
    """Of one engine. It is there on every machine, and does nothing where MLflow is not."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        folders = engine.folders
        self.database = Database(folders.home / FOLDER)
        self._server = TrackingServer(
            folders.home,
            folders.run,
            clean_environment(os.environ),
            engine.settings.mlflow_idle_seconds,
        )
        self._doorway = Doorway(self._server, self._allowed)
        self._used: set[str] = set()
        self._is_installed = False
        self._looked_at = -_LOOK_SECONDS

    async def open(self) -> None:
        """Before jobs are taken up. Listens where the service before did, if that is free."""
        kept = rows.get_value(self._engine.store.reader, _PORT)
        port = int(kept) if kept and kept.isdigit() else 0
        self._used.update(await asyncio.to_thread(self.database.running))
        taken = await self._doorway.open(port)
        if taken != port:
            value = str(taken).encode()
            self._engine.store.post(lambda conn: rows.set_value(conn, _PORT, value))

    async def close(self, *, end_everything: bool) -> None:
        """The server stays only for jobs that go on; it ends by itself if they do not ask."""
        await self._doorway.close()
        if end_everything or not self._engine.jobs:
            await self._server.end()

    # -- of a job that starts -------------------------------------------------------------------

    @property
    def is_installed(self) -> bool:
        """Whether the service can start MLflow's server; also told where it cannot be."""
        now = self._engine.clock.monotonic()
        if not self._is_installed and now - self._looked_at >= _LOOK_SECONDS:
            self._looked_at = now
            self._is_installed = is_installed()
        return self._is_installed

    def variables(self, live: LiveJob) -> dict[str, str]:
        """What MLflow reads in the job; nothing for one that brings a server of its own."""
        spec = live.job.spec
        if not self.is_installed or "MLFLOW_TRACKING_URI" in spec.environment_variables:
            return {}
        if _names_mlflow(spec):
            self._engine.spawn(self._warm(), "start MLflow's server")
        bearer = token.Bearer(
            job=live.name,
            attempt=live.job.attempt,
            experiment=spec.experiment_name,
            title=spec.display_name,
        )
        return {
            "MLFLOW_TRACKING_URI": self._doorway.url,
            "MLFLOW_TRACKING_TOKEN": token.sign(bearer, self._engine.keys.secret),
            "MLFLOW_RUN_ID": live.name,
            "MLFLOW_EXPERIMENT_NAME": spec.experiment_name,
        }

    async def _warm(self) -> None:
        """Begin while the job imports MLflow; what goes wrong is told to its first request."""
        (await self._server.connect())[1].close()

    def _allowed(self, text: str) -> bool:
        bearer = token.read(text, self._engine.keys.secret)
        live = self._engine.jobs.get(bearer.job) if bearer else None
        if bearer is None or live is None or live.finished.is_set():
            return False
        self._used.add(bearer.job)
        return live.job.attempt == bearer.attempt

    def ended(self, live: LiveJob) -> None:
        """A job has ended: its run has too, though a killed process could not say so."""
        if live.name not in self._used:
            return
        self._used.discard(live.name)
        status = _STATUS.get(live.job.status, "FAILED")
        ended_ms = int(self._engine.clock.time() * 1000)
        work = asyncio.to_thread(self.database.end, live.name, status, ended_ms)
        self._engine.spawn(work, f"end the MLflow run of {live.name}")

    # -- of a job that logged -------------------------------------------------------------------

    async def metrics(self, job: str) -> JobMetrics:
        """By `aml.log` and through MLflow; where both have a name, MLflow's are the whole."""
        return await asyncio.to_thread(self._metrics, job)

    def _metrics(self, job: str) -> JobMetrics:
        metrics: dict[str, Metric] = {
            metric.name: metric
            for metric in logged_metrics(self._engine.folders.layout(job).folder)
        }
        run = self.database.run(job)
        if run is None:
            return JobMetrics(metrics=list(metrics.values()))
        metrics |= {metric.name: metric for metric in run.metrics}
        return JobMetrics(
            metrics=list(metrics.values()),
            parameters=run.parameters,
            tags=run.tags,
            mlflow_run=job,
        )

    # -- models that MLflow logged --------------------------------------------------------------

    def finders(self) -> dict[str, Finder]:
        return {"runs:/": self._of_run, "models:/": self._of_registry}

    async def _of_run(self, reference: str) -> Source:
        run, _, path = reference.removeprefix("runs:/").partition("/")
        found = await asyncio.to_thread(self.database.place, run, path)
        if found is None or not found.exists():
            raise NotFound(
                f"The MLflow run {run} has no artifact {path!r} here.",
                target="path",
                hint="Its id is the job's name; the path is what log_model was given: "
                "runs:/JOB/model.",
            )
        return await self._source(found, run)

    async def _of_registry(self, reference: str) -> Source:
        name, _, version = reference.removeprefix("models:/").partition("/")
        found = await asyncio.to_thread(self.database.registered, name, version)
        if found is None or not found[0].exists():
            raise NotFound(
                f"MLflow's own registry has no {name} {version} here.",
                target="path",
                hint="Write models:/NAME/VERSION.",
            )
        return await self._source(*found)

    async def _source(self, path: Path, run: str) -> Source:
        """A run is a job's own, or the child of one."""
        told = await asyncio.to_thread(self.database.run, run)
        job = self._engine.models.references.job(told.parent if told and told.parent else run)
        if job is None:
            return Source(path, Lineage(mlflow_run=run))
        return Source(path, Lineage(job=job.name, mlflow_run=run), job.spec.python)


def _names_mlflow(spec: JobSpec) -> bool:
    """Whether it says so itself; one that does not may use it all the same."""
    if isinstance(spec, CellJob):
        return "mlflow" in spec.source
    if isinstance(spec, NotebookJob):
        return "mlflow" in spec.content
    return isinstance(spec, CommandJob) and "mlflow" in spec.command
