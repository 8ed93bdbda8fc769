"""What every backend with components must do, and with pipelines made of them; part of
`BackendSuite`."""

from __future__ import annotations

import pytest

from jupyter_aml.model.component import (
    CommandComponent,
    ComponentInput,
    ComponentOutput,
    CreateComponent,
    JobStep,
    UpdateComponent,
)
from jupyter_aml.model.errors import AmlError, NotFound
from jupyter_aml.model.job import CreateJob, PipelineJob
from jupyter_aml.model.queries import FindAsset, ListAssets
from jupyter_aml.service.backends.protocol import Backend, ComponentsFacet, JobsFacet
from jupyter_aml.testing.suite import Suite

NEWEST = FindAsset()


def _component(command: str = "echo ${{inputs.word}}") -> CreateComponent:
    spec = CommandComponent(
        name="say",
        command=command,
        inputs={"word": ComponentInput(type="string", default="hello")},
        outputs={"said": ComponentOutput()},
    )
    return CreateComponent(spec=spec)


class ComponentsSuite(Suite):
    @pytest.fixture
    def components(self, backend: Backend) -> ComponentsFacet:
        if backend.components is None:
            pytest.skip("this backend has no components")
        return backend.components

    async def test_a_component_is_kept_in_versions(self, components: ComponentsFacet) -> None:
        one = await components.create(body=_component())
        assert (one.name, one.version, one.reference) == ("say", "1", "azureml:say:1")
        assert await components.create(body=_component()) == one
        two = await components.create(body=_component("echo again"))
        assert two.version == "2"
        assert (await components.get("say", query=NEWEST)).version == "2"
        assert await components.get("say", query=FindAsset(version="1")) == one
        assert [c.version for c in (await components.list(query=ListAssets())).value] == ["2"]
        every = (await components.list(query=ListAssets(name="say"))).value
        assert [c.version for c in every] == ["2", "1"]

    async def test_a_component_is_described_and_hidden(self, components: ComponentsFacet) -> None:
        await components.create(body=_component())
        words = UpdateComponent(description="says a word")
        assert (
            await components.update("say", body=words, query=NEWEST)
        ).spec.description == "says a word"
        assert (await components.archive("say", query=NEWEST)).archived
        assert (await components.list(query=ListAssets())).value == []
        assert not (await components.restore("say", query=FindAsset(version="1"))).archived

    async def test_components_that_are_not_there(self, components: ComponentsFacet) -> None:
        with pytest.raises(NotFound):
            await components.get("nobody", query=NEWEST)

    async def test_a_pipeline_names_what_is_wrong_with_a_step(
        self, components: ComponentsFacet, jobs: JobsFacet
    ) -> None:
        await components.create(body=_component())
        step = JobStep(component="azureml:say@latest", inputs={"wrod": "x"})
        with pytest.raises(AmlError) as refused:
            await jobs.check(body=CreateJob(spec=PipelineJob(jobs={"a": step})))
        assert refused.value.target == "jobs.a.inputs.wrod"
