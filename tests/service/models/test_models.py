"""The facet ``models``: versions, what is kept, where it came from, and what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.model.queries import BrowseFiles, FindAsset, ListAssets
from jupyter_aml.model.registry import CreateModel, Lineage, Model, UpdateModel
from jupyter_aml.service.clock import SystemClock
from jupyter_aml.service.content import ContentStore
from jupyter_aml.service.models.catalogue import Catalogue
from jupyter_aml.service.models.facet import Models
from jupyter_aml.service.models.sources import Source, Sources
from jupyter_aml.service.store import model_rows
from jupyter_aml.service.store.db import Store

JOB = Lineage(job="bold_sun", code="snapshot:1", environment="kernel", data=["azureml:iris:1"])


class Registry:
    """A facet with its parts, as one service has them; `open` again is the next service."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.store = store
        self.changed: list[Model] = []
        self.serving: dict[str, list[str]] = {}
        self.output = folder / "output"
        self.catalogue = Catalogue(store, self.changed.append)
        self.catalogue.open()
        self.facet = Models(
            self.catalogue,
            ContentStore(folder / "blob"),
            Sources({"azureml://jobs/": self._of_job}),
            SystemClock(),
            lambda reference: self.serving.get(reference, []),
            lambda job: JOB if job == "bold_sun" else Lineage(),
        )

    async def _of_job(self, reference: str) -> Source:
        return Source(self.output, Lineage(job="bold_sun"), "/usr/bin/python3")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store.open(tmp_path / "state.db")
    yield opened
    opened.close()


@pytest.fixture
async def registry(tmp_path: Path, store: Store) -> Registry:
    return Registry(tmp_path, store)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "digits"
    (folder / "inner").mkdir(parents=True)
    (folder / "model.pkl").write_bytes(b"one")
    (folder / "inner" / "words.txt").write_text("two")
    return folder


def body(path: object, name: str = "digits", **fields: Any) -> CreateModel:
    return CreateModel(name=name, path=str(path), **fields)


async def get(registry: Registry, name: str = "digits", version: str = "") -> Model:
    return await registry.facet.get(name, query=FindAsset(version=version))


async def names(registry: Registry, **query: Any) -> list[str]:
    found = await registry.facet.list(query=ListAssets(**query))
    return [f"{model.name}:{model.version}" for model in found.value]


async def test_what_is_registered_is_kept_whole_and_told(registry: Registry, source: Path) -> None:
    model = await registry.facet.create(body=body(source, tags={"a": "b"}, stage="Staging"))
    assert (model.version, model.type, model.stage, model.files, model.bytes) == (
        "1",
        "custom_model",
        "Staging",
        2,
        6,
    )
    assert Path(model.local_path).name == "digits"
    assert (Path(model.local_path) / "model.pkl").read_bytes() == b"one"
    assert model.path.endswith(f"/paths/LocalUpload/{model.content}/digits")
    assert model.properties["files"] == "model.pkl, inner/words.txt"
    assert registry.changed == [model]


async def test_the_same_content_is_the_same_version(registry: Registry, source: Path) -> None:
    first = await registry.facet.create(body=body(source))
    await registry.facet.archive("digits", query=FindAsset())
    again = await registry.facet.create(body=body(source, description="better", tags={"a": "b"}))
    assert (again.version, again.content, again.archived) == ("1", first.content, False)
    assert (again.description, again.tags) == ("better", {"a": "b"})
    (source / "model.pkl").write_bytes(b"another")
    assert (await registry.facet.create(body=body(source, name="DIGITS"))).version == "2"
    assert await names(registry) == ["digits:2"]
    assert await names(registry, name="digits") == ["digits:2", "digits:1"]


async def test_a_version_is_of_one_content(registry: Registry, source: Path) -> None:
    await registry.facet.create(body=body(source, version="v1"))
    (source / "model.pkl").write_bytes(b"another")
    with pytest.raises(Conflict, match="digits:v1 exists already"):
        await registry.facet.create(body=body(source, version="v1"))
    with pytest.raises(Invalid, match="cannot be a version"):
        await registry.facet.create(body=body(source, version="latest"))
    assert (await registry.facet.create(body=body(source))).version == "1"


async def test_a_job_is_the_lineage_of_its_output(
    registry: Registry, source: Path, tmp_path: Path
) -> None:
    source.rename(registry.output)
    model = await registry.facet.create(body=body("azureml://jobs/bold_sun/outputs/model"))
    assert model.lineage == JOB
    assert model.python == "/usr/bin/python3"
    reader = registry.store.reader
    assert model_rows.models_of_job(reader, "bold_sun") == ["azureml:digits:1"]
    assert model_rows.models_of_data(reader, "azureml:iris:1") == ["azureml:digits:1"]
    assert await names(registry, job="bold_sun") == ["digits:1"]
    assert await names(registry, data="azureml:iris:1") == ["digits:1"]
    assert await names(registry, job="other") == []


async def test_a_variable_that_a_job_made_has_the_lineage_of_the_job(
    registry: Registry, source: Path
) -> None:
    said = Lineage(job="bold_sun", notebook="a.ipynb", cell_id="c")
    model = await registry.facet.create(body=body(source, lineage=said))
    assert model.lineage.code == "snapshot:1"
    assert (model.lineage.notebook, model.lineage.cell_id) == ("a.ipynb", "c")


async def test_the_next_service_knows_all_of_it(
    registry: Registry, source: Path, store: Store, tmp_path: Path
) -> None:
    await registry.facet.create(body=body(source))
    await registry.facet.update("digits", body=UpdateModel(stage="Production"), query=FindAsset())
    following = Registry(tmp_path, store)
    assert await get(following) == await get(registry)
    assert (await get(following)).stage == "Production"


async def test_archived_ones_are_hidden_and_found_by_name(registry: Registry, source: Path) -> None:
    await registry.facet.create(body=body(source))
    await registry.facet.archive("digits", query=FindAsset())
    assert await names(registry) == []
    assert await names(registry, include_archived=True) == ["digits:1"]
    assert (await get(registry)).archived
    await registry.facet.restore("digits", query=FindAsset(version="1"))
    assert await names(registry) == ["digits:1"]


async def test_stages_are_looked_for_in_every_version(registry: Registry, source: Path) -> None:
    await registry.facet.create(body=body(source, stage="Production"))
    (source / "model.pkl").write_bytes(b"newer")
    await registry.facet.create(body=body(source))
    assert await names(registry, stage="Production") == ["digits:1"]


async def test_only_get_says_what_serves_it(registry: Registry, source: Path) -> None:
    await registry.facet.create(body=body(source))
    registry.serving["azureml:digits:1"] = ["digits/blue"]
    assert (await get(registry)).deployments == ["digits/blue"]
    assert (await registry.facet.list(query=ListAssets())).value[0].deployments == []


async def test_files_are_browsed_and_read(registry: Registry, source: Path) -> None:
    await registry.facet.create(body=body(source))
    top = await registry.facet.files("digits", query=BrowseFiles())
    assert [(entry.path, entry.folder, entry.bytes) for entry in top.value] == [
        ("inner", True, 0),
        ("model.pkl", False, 3),
    ]
    inner = await registry.facet.files("digits", query=BrowseFiles(path="inner"))
    assert [entry.path for entry in inner.value] == ["inner/words.txt"]
    stream = await registry.facet.read("digits", query=BrowseFiles(path="model.pkl", offset=1))
    assert b"".join([block async for block in stream]) == b"ne"


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "absent", "inner/../../..", "a\0b"])
async def test_no_path_leads_out_of_a_model(registry: Registry, source: Path, path: str) -> None:
    await registry.facet.create(body=body(source))
    with pytest.raises(NotFound):
        await registry.facet.read("digits", query=BrowseFiles(path=path))
    with pytest.raises(NotFound):
        await registry.facet.files("digits", query=BrowseFiles(path=path))


async def test_a_single_file_is_a_model_too(registry: Registry, source: Path) -> None:
    model = await registry.facet.create(body=body(source / "model.pkl"))
    assert Path(model.local_path).is_file()
    found = await registry.facet.files("digits", query=BrowseFiles())
    assert [entry.path for entry in found.value] == ["model.pkl"]
    stream = await registry.facet.read("digits", query=BrowseFiles())
    assert b"".join([block async for block in stream]) == b"one"


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("/absent/folder", NotFound, "no file or folder"),
        ("a/relative/one", Invalid, "relative"),
        ("https://example.org/m", Invalid, "no place"),
    ],
)
async def test_what_is_not_there_is_refused(
    registry: Registry, path: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        await registry.facet.create(body=body(path))
    assert await names(registry) == []


async def test_names_that_are_not_there_say_what_is(registry: Registry, source: Path) -> None:
    with pytest.raises(NotFound, match="no model 'digits'"):
        await get(registry)
    await registry.facet.create(body=body(source))
    with pytest.raises(NotFound) as refused:
        await get(registry, "digts")
    assert "digits" in refused.value.hint
    with pytest.raises(NotFound, match="no version '7'"):
        await get(registry, version="7")
    assert registry.catalogue.find("azureml:digits@latest").version == "1"
    assert registry.catalogue.find("digits:1").version == "1"


async def test_two_at_once_get_two_versions(registry: Registry, tmp_path: Path) -> None:
    bodies = []
    for number in range(4):
        (tmp_path / f"m{number}").write_text(str(number))
        bodies.append(body(tmp_path / f"m{number}"))
    made = await asyncio.gather(*(registry.facet.create(body=one) for one in bodies))
    assert sorted(model.version for model in made) == ["1", "2", "3", "4"]
