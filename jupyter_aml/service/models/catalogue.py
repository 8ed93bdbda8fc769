"""Models by name, in versions; all of them are in memory, and durable before anybody sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.nearest import nearest
from jupyter_aml.model.registry import Model
from jupyter_aml.service.store import model_rows
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.versions import already, check_version, chosen, next_version, put


class Catalogue:
    """``changed`` is called with every model that was added or changed."""

    def __init__(self, store: Store, changed: Callable[[Model], None]) -> None:
        self._store = store
        self._changed = changed
        self._models: dict[str, list[Model]] = {}
        """By name in small letters, oldest version first."""

    def open(self) -> None:
        for model in model_rows.list_models(self._store.reader):
            self._models.setdefault(model.name.lower(), []).append(model)

    # -- looking ------------------------------------------------------------------------------

    def get(self, name: str, version: str = "") -> Model:
        """One version; the newest that is not archived without one. Raises `NotFound`."""
        known = self._models.get(name.lower())
        if known is None:
            names = [models[-1].name for models in self._models.values()]
            there = f"There are: {', '.join(names)}." if names else "None is registered yet."
            raise NotFound(
                f"There is no model {name!r}.",
                target="name",
                hint=f"{nearest(name, names)}{there} Register one with "
                f"`%aml model create {name} --from VARIABLE`.",
            )
        return chosen(known, version, f"The model {known[-1].name}")

    def find(self, text: str) -> Model:
        """What ``NAME``, ``NAME:VERSION`` or ``NAME@latest`` means, with or without ``azureml:``.

        Raises `NotFound`.
        """
        name, at, version = text.removeprefix("azureml:").partition("@")
        if not at:
            name, _, version = name.partition(":")
        return self.get(name, version)

    def versions(self, name: str) -> list[Model]:
        """Every version of one, newest first. Raises `NotFound`."""
        self.get(name)
        return self._models[name.lower()][::-1]

    def all(self) -> Iterator[Model]:
        """Every version of every model, newest first."""
        everything = [model for models in self._models.values() for model in models]
        yield from sorted(everything, key=lambda model: model.created_at, reverse=True)

    def newest(self) -> Iterator[Model]:
        """The newest version of each, newest first."""
        for model in self.all():
            if self.get(model.name) is model:
                yield model

    # -- changing -----------------------------------------------------------------------------

    def same(self, name: str, version: str, content: str) -> Model | None:
        """The version of `name` that holds `content`, if it is `version` or that is not said."""
        for model in reversed(self._models.get(name.lower(), [])):
            if model.content == content and version in ("", model.version):
                return model
        return None

    def version_for(self, name: str, version: str) -> str:
        """`version` if it is free, the next number without one. Raises `Invalid`, `Conflict`."""
        known = self._models.get(name.lower(), [])
        if not version:
            return next_version(model.version for model in known)
        check_version(version)
        if any(model.version == version for model in known):
            raise already(name, version)
        return version

    def spelt(self, name: str) -> str:
        """`name` as its first version was spelt: names that differ in case only are the same."""
        known = self._models.get(name.lower())
        return known[0].name if known else name

    async def save(self, model: Model) -> Model:
        """Durable before it returns."""
        await self._store.write(lambda conn: model_rows.save_model(conn, model), durable=True)
        put(self._models.setdefault(model.name.lower(), []), model)
        self._changed(model)
        return model

    async def change(self, model: Model, **fields: object) -> Model:
        """`model` with other fields; saved only where they differ."""
        changed = msgspec.structs.replace(model, **fields)
        return await self.save(changed) if changed != model else model
