"""What every backend with a model registry must do; part of `BackendSuite`."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.model.errors import AmlError, NotFound
from jupyter_aml.model.queries import BrowseFiles, FindAsset, ListAssets
from jupyter_aml.model.registry import CreateModel, UpdateModel
from jupyter_aml.service.backends.protocol import Backend, JobsFacet, ModelsFacet
from jupyter_aml.testing.suite import Suite

NEWEST = FindAsset()


class ModelsSuite(Suite):
    @pytest.fixture
    def models(self, backend: Backend) -> ModelsFacet:
        if backend.models is None:
            pytest.skip("this backend has no models")
        return backend.models

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "digits"
        folder.mkdir()
        (folder / "model.pkl").write_bytes(b"one")
        return folder

    async def test_a_model_is_kept_in_versions(self, models: ModelsFacet, folder: Path) -> None:
        wanted = CreateModel(name="digits", path=str(folder))
        first = await models.create(body=wanted)
        assert (await models.create(body=wanted)).version == first.version
        (folder / "model.pkl").write_bytes(b"two")
        second = await models.create(body=wanted)
        assert second.version != first.version
        assert (await models.get("digits", query=NEWEST)).version == second.version
        old = BrowseFiles(version=first.version, path="model.pkl")
        stream = await models.read("digits", query=old)
        assert b"".join([block async for block in stream]) == b"one"
        files = await models.files("digits", query=BrowseFiles())
        assert [one.path for one in files.value] == ["model.pkl"]
        every = await models.list(query=ListAssets(name="digits"))
        assert [one.version for one in every.value] == [second.version, first.version]

    async def test_a_model_is_moved_and_hidden(self, models: ModelsFacet, folder: Path) -> None:
        await models.create(body=CreateModel(name="digits", path=str(folder)))
        staged = await models.update("digits", body=UpdateModel(stage="Staging"), query=NEWEST)
        assert staged.stage == "Staging"
        await models.archive("digits", query=NEWEST)
        assert (await models.list(query=ListAssets())).value == []
        assert not (await models.restore("digits", query=NEWEST)).archived

    async def test_a_job_and_its_model_know_each_other(
        self, models: ModelsFacet, jobs: JobsFacet, folder: Path
    ) -> None:
        job = await jobs.create(body=self.command(f"cat {folder}/model.pkl > kept.pkl"))
        await self.done(jobs, job.name)
        path = f"azureml://jobs/{job.name}/outputs/artifacts/paths/kept.pkl"
        model = await models.create(body=CreateModel(name="digits", path=path))
        assert model.lineage.job == job.name
        assert (await jobs.get(job.name)).models == [model.reference]

    async def test_models_that_are_not_there(self, models: ModelsFacet) -> None:
        with pytest.raises(NotFound):
            await models.get("absent", query=NEWEST)
        with pytest.raises(AmlError):
            await models.create(body=CreateModel(name="digits", path="/absent/folder"))
        assert (await models.list(query=ListAssets())).value == []
