"""Names: versions by content, every way to name one, Azure's names included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.model import api
from jupyter_aml.model.environment import CreateEnvironment, DiffEnvironment, EnvironmentContent
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.service.environments import conda, tools
from jupyter_aml.service.environments.builds import Builds
from jupyter_aml.service.environments.catalogue import ANONYMOUS, Catalogue
from jupyter_aml.service.environments.facet import Environments
from jupyter_aml.service.environments.records import Record
from jupyter_aml.service.store.db import Store
from jupyter_aml.testing.clock import FakeClock


class Home:
    """One store and, opened again and again, what a service makes of it. Nothing is built."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store.open(folder / "state.db")
        self.clock = FakeClock()
        self.told: list[Record] = []

    async def open(self) -> Catalogue:
        self.builds = Builds(
            self.folder / "environments",
            self.store,
            self.clock,
            make_builder=lambda: tools.builder("pip", []),
            environment={},
            marker=lambda content, count: f"{content}{count}",
            end_marked=lambda markers: None,
            changed=lambda content: None,
        )
        await self.builds.open()
        catalogue = Catalogue(self.builds, self.store, self.clock, self.told.append)
        catalogue.open()
        return catalogue


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.store.close()


def wanted(name: str, *requirements: str, **fields: Any) -> CreateEnvironment:
    return CreateEnvironment(name=name, requirements=list(requirements), **fields)


async def test_the_same_content_is_the_same_version_another_the_next(place: Home) -> None:
    catalogue = await place.open()
    first = await catalogue.create(wanted("mine", "a", "b"))
    place.clock.advance(1)
    same = await catalogue.create(wanted("mine", "b", "a", description="said later"))
    other = await catalogue.create(wanted("Mine", "a"))
    assert (first.version, same.version, other.version) == ("1", "1", "2")
    assert other.name == "mine"
    assert catalogue.get("mine", "1").description == "said later"
    assert [record.reference for record in place.told] == ["mine:1", "mine:1", "mine:2"]


async def test_what_was_created_is_there_for_the_next_service(place: Home) -> None:
    record = await (await place.open()).create(wanted("mine", "a", python="3"))
    again = await place.open()
    assert again.get("mine") == record
    assert place.builds.get(record.content).requirements[0] == "a"


async def test_a_version_may_be_given_once(place: Home) -> None:
    catalogue = await place.open()
    await catalogue.create(wanted("mine", "a", version="2024.1"))
    assert (await catalogue.create(wanted("mine", "a", version="2024.1"))).version == "2024.1"
    with pytest.raises(Conflict):
        await catalogue.create(wanted("mine", "b", version="2024.1"))
    # Under a version of its own also what is there already.
    assert (await catalogue.create(wanted("mine", "a", version="x"))).version == "x"


@pytest.mark.parametrize("name", ["", "../x", "a b", "kernel", "-x", "x\n"])
async def test_names_are_checked(place: Home, name: str) -> None:
    catalogue = await place.open()
    with pytest.raises(Invalid):
        await catalogue.create(wanted(name, "a"))


@pytest.mark.parametrize("version", ["latest", "../1", "1 2", "v\n"])
async def test_versions_are_checked(place: Home, version: str) -> None:
    catalogue = await place.open()
    with pytest.raises(Invalid):
        await catalogue.create(wanted("mine", "a", version=version))


async def test_curated_names_keep_their_meaning(place: Home) -> None:
    catalogue = await place.open()
    with pytest.raises(Conflict, match="curated"):
        await catalogue.create(wanted("sklearn", "a"))
    with pytest.raises(Invalid):
        await catalogue.archive("sklearn", "", archived=True)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("mine", "mine:2"),
        ("mine:1", "mine:1"),
        ("mine@latest", "mine:2"),
        ("azureml:mine:1", "mine:1"),
        ("azureml:mine@latest", "mine:2"),
        ("sklearn", "sklearn:1"),
        ("sklearn:1", "sklearn:1"),
        ("azureml:AzureML-sklearn-1.5@latest", "sklearn:1"),
        ("azureml://registries/azureml/environments/sklearn-1.5/versions/14", "sklearn:1"),
    ],
)
async def test_every_way_to_name_one(place: Home, text: str, reference: str) -> None:
    catalogue = await place.open()
    await catalogue.create(wanted("mine", "a"))
    await catalogue.create(wanted("mine", "b"))
    found = catalogue.find(text)
    assert found.record is not None
    assert found.record.reference == reference
    assert bool(found.warning) is ("AzureML" in text or "registries" in text)


async def test_the_kernel_is_no_record(place: Home) -> None:
    catalogue = await place.open()
    assert catalogue.find("kernel").record is None
    assert catalogue.find("azureml:kernel@latest").record is None


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("mien", "Did you mean mine"),
        ("mine:9", "It has: 1"),
        ("mine@stable", "mine@latest"),
        ("sklaern", "Did you mean sklearn"),
        ("azureml:AzureML-qqq@latest", "There are"),
    ],
)
async def test_what_is_not_there_names_what_is_near(place: Home, text: str, hint: str) -> None:
    catalogue = await place.open()
    await catalogue.create(wanted("mine", "a"))
    with pytest.raises(NotFound) as refused:
        catalogue.find(text)
    assert hint in refused.value.hint


async def test_an_archived_version_is_hidden_and_can_be_used(place: Home) -> None:
    catalogue = await place.open()
    facet = Environments(catalogue, place.builds)
    await catalogue.create(wanted("mine", "a"))
    await catalogue.create(wanted("mine", "b"))
    find = api.FindEnvironment(version="2")
    assert (await facet.archive("mine", query=find)).archived
    assert catalogue.get("mine").version == "1"
    assert catalogue.get("mine", "2").archived
    shown = await facet.list(query=api.ListEnvironments(name="mine"))
    assert [e.version for e in shown.value] == ["1"]
    everything = api.ListEnvironments(name="mine", include_archived=True)
    assert [e.version for e in (await facet.list(query=everything)).value] == ["2", "1"]
    assert not (await facet.restore("mine", query=find)).archived


async def test_lists_show_the_kernel_then_the_own_then_the_curated(place: Home) -> None:
    catalogue = await place.open()
    for name in ("one", "two"):
        await catalogue.create(wanted(name, name))
        place.clock.advance(1)
    await catalogue.define(EnvironmentContent(requirements=["hidden"]))
    facet = Environments(catalogue, place.builds)
    listed = (await facet.list(query=api.ListEnvironments())).value
    assert [e.reference for e in listed[:4]] == ["kernel", "two:1", "one:1", "sklearn:1"]
    assert {e.source for e in listed[3:]} == {"curated"}
    assert ANONYMOUS not in {e.name for e in listed}


async def test_what_a_job_describes_itself_is_named_by_its_content(place: Home) -> None:
    catalogue = await place.open()
    content = EnvironmentContent(conda_file="dependencies: [a]")
    first, second = await catalogue.define(content), await catalogue.define(content)
    assert first == second
    assert first.reference == f"{ANONYMOUS}:{first.content}"
    image = await catalogue.define(EnvironmentContent(image="registry.invalid/x"))
    assert image.content == ""
    assert catalogue.find(image.reference).record == image


async def test_what_an_earlier_release_read_otherwise_is_not_in_the_way(
    place: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = await place.open()
    content = EnvironmentContent(conda_file="dependencies: [scikit-learn=1.2]")
    named = CreateEnvironment(name="old", version="1", conda_file=content.conda_file)
    with monkeypatch.context() as earlier:
        earlier.setattr(conda, "_NUMPY_2", {})
        before = await catalogue.define(content, key="sent")
        kept = await catalogue.create(named)

    after = await catalogue.define(content, key="sent")
    assert after.version == before.version == "sent"
    assert after.content != before.content
    assert await catalogue.create(named) == kept, "what has a name stays as it is"


async def test_an_image_alone_needs_no_build(place: Home) -> None:
    catalogue = await place.open()
    record = await catalogue.create(wanted("boxed", image="registry.invalid/x"))
    facet = Environments(catalogue, place.builds)
    shown = await facet.get("boxed", query=api.FindEnvironment())
    assert (shown.state, shown.image) == ("Succeeded", "registry.invalid/x")
    assert record.warnings == shown.warnings
    for verb in (facet.build, facet.cancel):
        with pytest.raises(Conflict):
            await verb("boxed", query=api.FindEnvironment())


async def test_what_cannot_be_given_is_stored(place: Home) -> None:
    catalogue = await place.open()
    conda = "dependencies: [python=2.7, cudatoolkit, a]"
    record = await catalogue.create(wanted("mine", conda_file=conda))
    again = (await place.open()).get("mine")
    assert again.warnings == record.warnings
    assert len(again.warnings) == 2
    with pytest.raises(NotFound):
        await catalogue.create(wanted("strictly", conda_file=conda, strict=True))


async def test_a_diff_before_the_build_compares_what_is_asked_for(place: Home) -> None:
    catalogue = await place.open()
    await catalogue.create(wanted("mine", "numpy==2.0"))
    facet = Environments(catalogue, place.builds)
    body = DiffEnvironment(packages={"numpy": "1.26.4", "pandas": "2.2"})
    found = await facet.diff("mine", body=body, query=api.FindEnvironment())
    assert not found.complete
    assert ("numpy", "different") in [(row.package, row.status) for row in found.rows]
    assert "pandas" not in [row.package for row in found.rows]
    kernel = await facet.diff("kernel", body=body, query=api.FindEnvironment())
    assert {row.status for row in kernel.rows} == {"same"}
