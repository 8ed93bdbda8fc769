"""What every backend that scores in batches must do; part of `BackendSuite`."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.model.batch import (
    CreateBatchDeployment,
    CreateBatchEndpoint,
    InvokeBatch,
    UpdateBatchEndpoint,
)
from jupyter_aml.model.errors import AmlError, NotFound
from jupyter_aml.model.registry import CreateModel
from jupyter_aml.service.backends.protocol import (
    Backend,
    BatchDeploymentsFacet,
    BatchEndpointsFacet,
    JobsFacet,
)
from jupyter_aml.testing.suite import Suite

SCRIPT = """\
import os
def init():
    pass
def run(mini_batch):
    return [open(path).read().strip() + "!" for path in mini_batch]
"""


class BatchSuite(Suite):
    """Both facets."""

    @pytest.fixture
    def batch_endpoints(self, backend: Backend) -> BatchEndpointsFacet:
        if backend.batch_endpoints is None:
            pytest.skip("this backend has no batch endpoints")
        return backend.batch_endpoints

    @pytest.fixture
    def batch_deployments(
        self, backend: Backend, batch_endpoints: BatchEndpointsFacet
    ) -> BatchDeploymentsFacet:
        if backend.batch_deployments is None:
            pytest.skip("this backend has no batch deployments")
        return backend.batch_deployments

    async def test_a_batch_endpoint_lives_and_dies(
        self, batch_endpoints: BatchEndpointsFacet
    ) -> None:
        made = await batch_endpoints.create(body=CreateBatchEndpoint(name="scores"))
        assert made == await batch_endpoints.get("scores")
        assert [one.name for one in (await batch_endpoints.list()).value] == ["scores"]
        update = UpdateBatchEndpoint(description="new")
        assert (await batch_endpoints.update("scores", body=update)).description == "new"
        with pytest.raises(NotFound):
            await batch_endpoints.invoke("scores", body=InvokeBatch(input="x"))
        await batch_endpoints.delete("scores")
        with pytest.raises(NotFound):
            await batch_endpoints.get("scores")

    async def test_a_deployment_needs_a_model_that_is_there(
        self, batch_endpoints: BatchEndpointsFacet, batch_deployments: BatchDeploymentsFacet
    ) -> None:
        body = CreateBatchDeployment(name="one", endpoint_name="scores", model="none:1")
        with pytest.raises(AmlError):
            await batch_deployments.create("scores", body=body)
        await batch_endpoints.create(body=CreateBatchEndpoint(name="scores"))
        with pytest.raises(AmlError):
            await batch_deployments.create("scores", body=body)
        assert (await batch_deployments.list("scores")).value == []
        with pytest.raises(NotFound):
            await batch_deployments.get("scores", "one")

    async def test_a_call_is_a_job_that_scores_every_file(
        self,
        backend: Backend,
        jobs: JobsFacet,
        batch_endpoints: BatchEndpointsFacet,
        batch_deployments: BatchDeploymentsFacet,
        tmp_path: Path,
    ) -> None:
        if backend.models is None:
            pytest.skip("this backend has no models")
        for folder, name, text in (
            ("src", "score.py", SCRIPT),
            ("model", "weights.txt", "1"),
            ("files", "a.txt", "a"),
        ):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / name).write_text(text)
        await backend.models.create(body=CreateModel(name="m", path=str(tmp_path / "model")))
        await batch_endpoints.create(body=CreateBatchEndpoint(name="scores"))
        body = CreateBatchDeployment(
            name="one",
            endpoint_name="scores",
            model="azureml:m:1",
            code=str(tmp_path / "src"),
            scoring_script="score.py",
            compute=self.here,
        )
        made = await batch_deployments.create("scores", body=body)
        assert (await batch_deployments.get("scores", "one")).name == made.name
        call = InvokeBatch(input=str(tmp_path / "files"))
        job = await batch_endpoints.invoke("scores", body=call)
        ended = await self.done(jobs, job.name)
        assert ended.status == "Completed", ended.error
        rows = Path(ended.outputs["score"], "predictions.csv").read_text().split()
        assert rows == ["a!"]
        assert [one.name for one in (await batch_endpoints.jobs("scores")).value] == [job.name]
        await batch_deployments.delete("scores", "one")
        assert (await batch_deployments.list("scores")).value == []
