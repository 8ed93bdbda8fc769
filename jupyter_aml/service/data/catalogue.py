"""Data assets by name and version. What a version holds never changes; its words may."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from jupyter_aml.model.data import CreateData, Data, UpdateData
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.names import ASSET
from jupyter_aml.model.nearest import nearest
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.data.intake import Taken
from jupyter_aml.service.store import data_rows
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.versions import already, check_version, chosen, next_version, put


class Catalogue:
    """``changed`` is called with a version that was added, described, archived or restored."""

    def __init__(self, store: Store, clock: Clock, changed: Callable[[Data], None]) -> None:
        self._store = store
        self._clock = clock
        self._changed = changed
        self._assets: dict[str, list[Data]] = {}
        self._keeping = asyncio.Lock()

    def open(self) -> None:
        for data in data_rows.list_data(self._store.reader):
            self._assets.setdefault(data.name.lower(), []).append(data)

    # -- looking ------------------------------------------------------------------------------

    def get(self, name: str, version: str = "") -> Data:
        """One version; the newest that is not archived without one. Raises `NotFound`."""
        known = self._known(name)
        return chosen(known, version, f"The data asset {known[0].name}")

    def _known(self, name: str) -> list[Data]:
        known = self._assets.get(name.lower())
        if known is None:
            names = [versions[-1].name for versions in self._assets.values()]
            there = f"There are: {', '.join(names[:20])}. " if names else ""
            raise NotFound(
                f"There is no data asset {name!r}.",
                target="name",
                hint=f"{nearest(name, names)}{there}Make one with "
                f"`%aml data create --name {name} --path PATH`.",
            )
        return known

    def has(self, name: str, version: str) -> bool:
        return any(one.version == version for one in self._assets.get(name.lower(), ()))

    def newest(self, *, archived: bool) -> Iterator[Data]:
        """The newest version of each asset, newest first."""
        found = [self.get(name) for name in self._assets]
        shown = [one for one in found if archived or not one.archived]
        yield from sorted(shown, key=lambda one: one.created_at, reverse=True)

    def versions(self, name: str) -> list[Data]:
        """Every version of one, the newest first. Raises `NotFound`."""
        return list(reversed(self._known(name)))

    # -- changing -----------------------------------------------------------------------------

    def check(self, body: CreateData) -> None:
        """Refuse what cannot be named so, before anything is copied."""
        if not re.fullmatch(ASSET, body.name):  # not the model's pattern: $ lets a newline through
            raise Invalid(
                f"{body.name!r} cannot name a data asset.",
                target="name",
                hint="1 to 255 letters, digits, - and _, first a letter or digit.",
            )
        check_version(body.version)

    async def keep(self, body: CreateData, taken: Taken) -> Data:
        """Durable before it returns. The same content under the same name is the same version."""
        self.check(body)
        async with self._keeping:
            known = self._assets.get(body.name.lower(), [])
            same = _same(known, body.version, taken)
            if same is not None:
                return await self._described(same, body.description or None, body.tags or None)
            if body.version and any(one.version == body.version for one in known):
                raise already(body.name, body.version)
            return await self._save(
                Data(
                    name=known[0].name if known else body.name,
                    version=body.version or next_version(one.version for one in known),
                    type=taken.type,
                    path=taken.path,
                    local_path=taken.local_path,
                    content=taken.content,
                    bytes=taken.bytes,
                    files=taken.files,
                    description=body.description,
                    tags=body.tags,
                    properties=body.properties,
                    created_at=iso(self._clock.time()),
                    created_by_job=body.job or taken.job,
                )
            )

    async def update(self, name: str, version: str, body: UpdateData) -> Data:
        async with self._keeping:
            return await self._described(self.get(name, version), body.description, body.tags)

    async def archive(self, name: str, version: str, *, archived: bool) -> Data:
        async with self._keeping:
            found = self.get(name, version)
            if found.archived == archived:
                return found
            return await self._save(msgspec.structs.replace(found, archived=archived))

    async def _described(
        self, data: Data, description: str | None, tags: dict[str, str] | None
    ) -> Data:
        described = msgspec.structs.replace(
            data,
            description=data.description if description is None else description,
            tags=data.tags if tags is None else tags,
        )
        return await self._save(described) if described != data else data

    async def _save(self, data: Data) -> Data:
        await self._store.write(lambda conn: data_rows.save_data(conn, data), durable=True)
        put(self._assets.setdefault(data.name.lower(), []), data)
        self._changed(data)
        return data


def _same(known: Sequence[Data], version: str, taken: Taken) -> Data | None:
    for one in reversed(known):
        holds = one.content == taken.content if taken.content else one.path == taken.path
        if holds and one.type == taken.type and version in ("", one.version):
            return one
    return None
