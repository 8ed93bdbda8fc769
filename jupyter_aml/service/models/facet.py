"""The facet ``models``: names in, `model.registry.Model` out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

from jupyter_aml.model import api
from jupyter_aml.model.data import DEFAULT_DATASTORE, EntryList
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.registry import CreateModel, Lineage, Model, ModelList, UpdateModel
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.content import Content, ContentStore
from jupyter_aml.service.models import browsing
from jupyter_aml.service.models.catalogue import Catalogue
from jupyter_aml.service.models.inspection import Described, inspect
from jupyter_aml.service.models.sources import Source, Sources

_TAGS = 50
_TAG_NAME, _TAG_VALUE = 100, 1000
"""Azure ML's documented limits."""

Served = Callable[[str], list[str]]
"""``endpoint/deployment`` of everything that serves a model, given its reference."""

LineageOf = Callable[[str], Lineage]
"""What a job knows of where its results come from; empty for one that is not there."""


class Models:
    """See `service.backends.protocol.ModelsFacet` for who calls what."""

    def __init__(
        self,
        catalogue: Catalogue,
        content: ContentStore,
        sources: Sources,
        clock: Clock,
        served: Served,
        lineage_of: LineageOf,
    ) -> None:
        self._catalogue = catalogue
        self._content = content
        self._sources = sources
        self._clock = clock
        self._served = served
        self._lineage_of = lineage_of
        self._numbering = asyncio.Lock()

    # -- looking ------------------------------------------------------------------------------

    async def list(self, *, query: api.ListAssets) -> ModelList:
        catalogue = self._catalogue
        if query.name:
            found = catalogue.versions(query.name)
        elif query.job or query.data or query.stage:
            found = list(catalogue.all())
        else:
            found = list(catalogue.newest())
        return ModelList([model for model in found if _wanted(model, query)])

    async def get(self, name: str, *, query: api.FindAsset) -> Model:
        model = self._catalogue.get(name, query.version)
        return msgspec.structs.replace(model, deployments=self._served(model.reference))

    async def files(self, name: str, *, query: api.BrowseFiles) -> EntryList:
        model = self._catalogue.get(name, query.version)
        return await asyncio.to_thread(browsing.entries, Path(model.local_path), query.path)

    async def read(self, name: str, *, query: api.BrowseFiles) -> AsyncIterator[bytes]:
        model = self._catalogue.get(name, query.version)
        if query.offset < 0:
            raise Invalid("offset is negative.", target="offset")
        return browsing.blocks(browsing.file(Path(model.local_path), query.path), query.offset)

    # -- changing -----------------------------------------------------------------------------

    async def create(self, *, body: CreateModel) -> Model:
        _check_tags(body.tags)
        source = await self._sources.locate(body.path)
        described = await asyncio.to_thread(inspect, source.path, body.type)
        content = await asyncio.to_thread(self._content.put, source.path)
        async with self._numbering:
            same = self._catalogue.same(body.name, body.version, content.key)
            if same is not None:
                return await self._described_anew(same, body)
            return await self._catalogue.save(self._model(body, source, described, content))

    def _model(
        self, body: CreateModel, source: Source, described: Described, content: Content
    ) -> Model:
        catalogue = self._catalogue
        name = catalogue.spelt(body.name)
        return Model(
            name=name,
            version=catalogue.version_for(name, body.version),
            type=described.type,
            path=f"azureml://datastores/{DEFAULT_DATASTORE}/paths/{content.path}",
            local_path=str(self._content.place(content)),
            content=content.key,
            bytes=content.bytes,
            files=content.files,
            stage=body.stage,
            description=body.description,
            tags=body.tags,
            properties=described.properties | body.properties,
            flavors=described.flavors | body.flavors,
            requirements=body.requirements or described.requirements,
            python=body.python or source.python,
            sample=body.sample or described.sample,
            lineage=self._lineage(body.lineage, source.lineage, described.mlflow_run),
            created_at=iso(self._clock.time()),
        )

    def _lineage(self, said: Lineage, found: Lineage, mlflow_run: str) -> Lineage:
        """What the caller said, filled up with what the source shows and what the job knows."""
        known = _joined(_joined(said, found), Lineage(mlflow_run=mlflow_run))
        return _joined(known, self._lineage_of(known.job)) if known.job else known

    async def _described_anew(self, model: Model, body: CreateModel) -> Model:
        """What is there already, with what was said of it this time; it is no new version."""
        return await self._catalogue.change(
            model,
            stage=model.stage if body.stage == "None" else body.stage,
            description=body.description or model.description,
            tags=model.tags | body.tags,
            sample=body.sample or model.sample,
            archived=False,
        )

    async def update(self, name: str, *, body: UpdateModel, query: api.FindAsset) -> Model:
        model = self._catalogue.get(name, query.version)
        fields = {
            key: value
            for key in ("description", "tags", "stage")
            if (value := getattr(body, key)) is not None
        }
        _check_tags(body.tags or {})
        return await self._catalogue.change(model, **fields)

    async def archive(self, name: str, *, query: api.FindAsset) -> Model:
        model = self._catalogue.get(name, query.version)
        return await self._catalogue.change(model, archived=True)

    async def restore(self, name: str, *, query: api.FindAsset) -> Model:
        model = self._catalogue.get(name, query.version)
        return await self._catalogue.change(model, archived=False)


def _wanted(model: Model, query: api.ListAssets) -> bool:
    return (
        (query.include_archived or not model.archived)
        and query.stage in ("", model.stage)
        and query.job in ("", model.lineage.job)
        and (not query.data or query.data in model.lineage.data)
    )


def _joined(first: Lineage, second: Lineage) -> Lineage:
    """`first`, and of `second` what it leaves open."""
    return Lineage(
        job=first.job or second.job,
        code=first.code or second.code,
        notebook=first.notebook or second.notebook,
        cell_id=first.cell_id or second.cell_id,
        environment=first.environment or second.environment,
        data=first.data or second.data,
        mlflow_run=first.mlflow_run or second.mlflow_run,
    )


def _check_tags(tags: dict[str, str]) -> None:
    if len(tags) > _TAGS:
        raise Invalid(f"A model has at most {_TAGS} tags.", target="tags")
    for name, value in tags.items():
        if not name or len(name) > _TAG_NAME or len(value) > _TAG_VALUE:
            raise Invalid(
                f"The tag {name[:40]!r} is empty or too long.",
                target="tags",
                hint=f"1 to {_TAG_NAME} characters of name and {_TAG_VALUE} of value.",
            )
