"""The facets ``batch_endpoints`` and ``batch_deployments`` of the local workspace."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import cast

import msgspec

from jupyter_aml.model import api
from jupyter_aml.model.batch import (
    BatchDeployment,
    BatchDeploymentList,
    BatchEndpoint,
    BatchEndpointList,
    CreateBatchDeployment,
    CreateBatchEndpoint,
    InvokeBatch,
    UpdateBatchEndpoint,
)
from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import CreateJob, InputType, Job, JobPage
from jupyter_aml.model.registry import Model
from jupyter_aml.service.backends.local.batch import jobs as batch_jobs
from jupyter_aml.service.backends.local.engine import Engine
from jupyter_aml.service.backends.local.facets.jobs import Jobs
from jupyter_aml.service.backends.local.jobs.snapshots import PREFIX
from jupyter_aml.service.batch import script
from jupyter_aml.service.batch.catalogue import Catalogue
from jupyter_aml.service.clock import iso
from jupyter_aml.service.environments.place import Place
from jupyter_aml.service.store import rows

_MOST_JOBS = 200


class BatchEndpoints:
    """``open`` comes before the first request."""

    def __init__(self, engine: Engine, jobs: Jobs) -> None:
        self._engine = engine
        self._jobs = jobs
        self.catalogue = Catalogue(engine.store, engine.clock, engine.changes.publish)
        self.deployments = BatchDeployments(engine, self.catalogue)

    def open(self) -> None:
        self.catalogue.open()

    def state(self) -> list[tuple[str, str, msgspec.Struct]]:
        """What a new feed is told."""
        endpoints = [("batch_endpoint", one.name, one) for one in self.catalogue.endpoints()]
        deployments = [
            ("batch_deployment", f"{one.endpoint_name}/{one.name}", one)
            for one in self.catalogue.all()
        ]
        return [*endpoints, *deployments]

    async def list(self) -> BatchEndpointList:
        return BatchEndpointList(self.catalogue.endpoints())

    async def get(self, name: str) -> BatchEndpoint:
        return self.catalogue.endpoint(name)

    async def create(self, *, body: CreateBatchEndpoint) -> BatchEndpoint:
        return await self.catalogue.create(body)

    async def update(self, name: str, *, body: UpdateBatchEndpoint) -> BatchEndpoint:
        return await self.catalogue.update(name, body)

    async def delete(self, name: str) -> BatchEndpoint:
        return await self.catalogue.delete(name)

    async def invoke(self, name: str, *, body: InvokeBatch) -> Job:
        """Make the job. Everything that can be known is refused before: see `jobs.create`."""
        deployment = self.catalogue.deployment(name, body.deployment)
        model = self._engine.models.catalogue.find(deployment.model)
        spec = batch_jobs.of_call(deployment, cast("InputType", model.type), body)
        return await self._jobs.create(body=CreateJob(spec=spec, name=body.job_name))

    async def jobs(self, name: str) -> JobPage:
        """Its newest jobs, newest first."""
        self.catalogue.endpoint(name)
        await self._engine.saving.now()
        query = api.ListJobs(experiment_name=name, max_results=_MOST_JOBS)
        page = msgspec.json.decode(rows.list_jobs(self._engine.store.reader, query), type=JobPage)
        return JobPage(value=[one for one in page.value if one.tags.get(batch_jobs.TAG) == name])


class BatchDeployments:
    def __init__(self, engine: Engine, catalogue: Catalogue) -> None:
        self._engine = engine
        self._catalogue = catalogue

    async def list(self, endpoint: str) -> BatchDeploymentList:
        return BatchDeploymentList(self._catalogue.deployments(endpoint))

    async def get(self, endpoint: str, name: str) -> BatchDeployment:
        return self._catalogue.deployment(endpoint, name)

    async def create(self, endpoint: str, *, body: CreateBatchDeployment) -> BatchDeployment:
        """Refuse what could not run, keep the code as it is now, then keep the deployment."""
        engine = self._engine
        if body.endpoint_name != endpoint:
            raise Invalid("The body names another endpoint.", target="endpointName")
        self._catalogue.endpoint(endpoint)
        model = engine.models.catalogue.find(body.model)
        engine.compute(body.compute)
        _check_output(body.settings.output_file_name)
        code = await self._code(body, model)
        place = await self._place(body, model)
        return await self._catalogue.deploy(
            BatchDeployment(
                name=body.name,
                endpoint_name=endpoint,
                spec=msgspec.structs.replace(body, code=code),
                model=model.reference,
                environment=place.environment,
                python=place.python,
                warnings=place.warnings,
                state="Succeeded",
                created_at=iso(engine.clock.time()),
            )
        )

    async def _place(self, body: CreateBatchDeployment, model: Model) -> Place:
        """Where its jobs run. An environment of the model's own is built now, not by a call."""
        environments = self._engine.environments
        if body.environment or body.scoring_script or model.type != "mlflow_model":
            found = environments.catalogue.find(body.environment or KERNEL)
            record = found.record
            said = [found.warning, *(record.warnings if record else [])]
            reference = record.reference if record else KERNEL
            return Place(reference, body.python, [text for text in said if text])
        known = [path for path in (body.python, model.python, sys.executable) if path]
        place = await environments.codeless.place(model, known)
        environments.build(place.environment)
        return place

    async def _code(self, body: CreateBatchDeployment, model: Model) -> str:
        """The snapshot of the code folder; "" for a model that needs no script."""
        if not body.scoring_script:
            _check_codeless(model)
            return ""
        if body.code.startswith(PREFIX):
            return body.code
        folder = Path(body.code)
        if not body.code or not folder.is_absolute():
            raise Invalid(
                "The code folder of the scoring script is not named by its whole path.",
                target="code",
                hint="--code FOLDER --scoring-script score.py",
            )
        await asyncio.to_thread(script.check, folder, body.scoring_script)
        limit = self._engine.snapshot_limit_mb
        taken = await asyncio.to_thread(self._engine.snapshots.take, folder, limit)
        return PREFIX + taken.id

    async def delete(self, endpoint: str, name: str) -> BatchDeployment:
        return await self._catalogue.undeploy(endpoint, name)


def _check_codeless(model: Model) -> None:
    if model.type == "mlflow_model" or "python_object" in model.flavors:
        return
    raise Invalid(
        f"{model.reference} is a {model.type}, which nobody knows how to call.",
        target="scoringScript",
        hint="Write init() and run(mini_batch): --code FOLDER --scoring-script score.py",
    )


def _check_output(name: str) -> None:
    if not name or "/" in name or "\\" in name or name.startswith("."):
        raise Invalid(
            f"{name!r} is no name of a file.",
            target="settings.outputFileName",
            hint="It lies directly in the output folder.",
        )
