"""Environments by name: the person's own, in versions, and the curated ones.

`find` takes every way in which a job may name one, Azure's included.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from jupyter_aml.model.environment import KERNEL, CreateEnvironment, EnvironmentContent
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.model.names import ASSET
from jupyter_aml.model.nearest import nearest
from jupyter_aml.model.references import LATEST
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.environments import pythons, recipes, wish
from jupyter_aml.service.environments.builds import Builds
from jupyter_aml.service.environments.pythons import Interpreter
from jupyter_aml.service.environments.records import Record
from jupyter_aml.service.store import environment_rows
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.versions import already, check_version, chosen, next_version, put

ANONYMOUS = "CliV2AnonymousEnvironment"
"""Azure's own name for what a job describes itself instead of naming it."""

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,127}")
_RESERVED = frozenset({KERNEL, ANONYMOUS.lower()})


@dataclass(frozen=True)
class Found:
    """``record`` is None for the kernel's own interpreter. ``warning`` says what was taken for
    something else."""

    record: Record | None
    warning: str = ""


@dataclass(frozen=True)
class _About:
    """What is said of a version besides what it holds."""

    description: str = ""
    tags: dict[str, str] = field(default_factory=dict[str, str])
    azure: dict[str, Any] = field(default_factory=dict[str, Any])


class Catalogue:
    """``changed`` is called with a record that was added, archived or restored."""

    def __init__(
        self, builds: Builds, store: Store, clock: Clock, changed: Callable[[Record], None]
    ) -> None:
        self._builds = builds
        self._store = store
        self._clock = clock
        self._changed = changed
        self._own: dict[str, list[Record]] = {}
        self._curated: dict[str, Record] = {}

    def open(self) -> None:
        """After `Builds.open`."""
        for record in environment_rows.list_environments(self._store.reader):
            self._own.setdefault(record.name.lower(), []).append(record)
        for recipe in recipes.recipes().values():
            self._curated[recipe.name] = self._of_recipe(recipe)

    def _of_recipe(self, recipe: recipes.Recipe) -> Record:
        """Nothing of it is stored: it is what the recipe says, in this service's own Python."""
        planned = wish.plan(EnvironmentContent(), lambda: [pythons.own()], recipe)
        assert planned.build is not None
        self._builds.know(planned.build)
        return Record(
            name=recipe.name,
            version=recipes.VERSION,
            content=planned.build.content,
            source="curated",
            description=recipe.description,
            warnings=planned.warnings,
        )

    # -- looking ------------------------------------------------------------------------------

    def find(self, text: str) -> Found:
        """What a job means by `text`: ``NAME``, ``NAME:VERSION``, ``NAME@latest``, with or
        without ``azureml:``, or a curated name of Azure. Raises `NotFound`."""
        name, version = _parts(text.removeprefix("azureml:"))
        if name == KERNEL:
            return Found(None)
        if name.lower() in self._own:
            return Found(self.get(name, version))
        if name in self._curated:
            return Found(self._curated[name])
        azure = recipes.of_azure(text)
        recipe = recipes.nearest(azure[0]) if azure else None
        if azure is None or recipe is None:
            raise self._unknown(name if azure is None else azure[0])
        record = self._curated[recipe.name]
        return Found(
            record,
            f"environment {azure[0]} is an image of Azure, which is not run here: "
            f"{record.reference} is used instead.",
        )

    def get(self, name: str, version: str = "") -> Record:
        """One record by name; the newest version without one. Raises `NotFound`."""
        known = self._own.get(name.lower())
        if known is None:
            if name in self._curated and version in ("", LATEST, recipes.VERSION):
                return self._curated[name]
            raise self._unknown(name)
        return chosen(known, version, f"The environment {name}")

    def _unknown(self, name: str) -> NotFound:
        known = [KERNEL, *(r[-1].name for r in self._own.values()), *self._curated]
        names = [one for one in known if one != ANONYMOUS]
        return NotFound(
            f"There is no environment {name!r}.",
            target="environment",
            hint=f"{nearest(name, names)}There are: {', '.join(names)}. Make one with "
            f"`%aml environment create NAME --pip PACKAGE`.",
        )

    def newest(self, *, archived: bool) -> Iterator[Record]:
        """The newest version of each environment, the person's own first, newest first."""
        own = [self.get(name) for name in self._own]
        shown = [record for record in own if archived or not record.archived]
        yield from sorted(shown, key=lambda record: record.created_at, reverse=True)
        names = {record.name for record in shown}
        yield from (record for record in self._curated.values() if record.name not in names)

    def versions(self, name: str) -> list[Record]:
        """Every version of one, the newest first. Raises `NotFound`."""
        return list(reversed(self._own.get(name.lower()) or [self.get(name)]))

    def of_content(self, content: str) -> list[Record]:
        """The records that share one build."""
        everything = [r for records in self._own.values() for r in records]
        return [r for r in (*everything, *self._curated.values()) if r.content == content]

    # -- changing -----------------------------------------------------------------------------

    async def create(self, body: CreateEnvironment) -> Record:
        """Durable before it returns. The same content under the same name is the same version."""
        name = _checked_name(body.name, self._curated)
        check_version(body.version)
        about = _About(body.description, body.tags, body.azure)
        return await self._keep(name, body.version, body, about)

    async def define(
        self,
        content: EnvironmentContent,
        key: str = "",
        azure: dict[str, Any] | None = None,
        needed: Sequence[str] = wish.RUNNER_NEEDS,
    ) -> Record:
        """The environment that a job describes itself, or a model: hidden from lists, and named
        by its content, or by a `key` that a client made of it."""
        if key and not _KEY.fullmatch(key):
            raise Invalid(f"{key[:80]!r} cannot be a version.", target="version")
        planned = await self._plan(content, needed)
        version = key or (planned.build.content if planned.build else "image")
        about = _About(azure=azure or {})
        return await self._keep(ANONYMOUS, version, content, about, planned, archived=True)

    async def archive(self, name: str, version: str, *, archived: bool) -> Record:
        record = self.get(name, version)
        if record.source != "user":
            raise Invalid(
                f"{record.name} is a curated environment.",
                target="name",
                hint="It takes no room until it is built.",
            )
        if record.archived == archived:
            return record
        return await self._save(msgspec.structs.replace(record, archived=archived))

    async def _plan(
        self, content: EnvironmentContent, needed: Sequence[str] = wish.RUNNER_NEEDS
    ) -> wish.Plan:
        plain = _plain(content)
        return await asyncio.to_thread(wish.plan, plain, self._installed, needed=needed)

    def _installed(self) -> list[Interpreter]:
        return pythons.installed(leave_out=self._builds.folder)

    async def _keep(
        self,
        name: str,
        version: str,
        content: EnvironmentContent,
        about: _About,
        planned: wish.Plan | None = None,
        *,
        archived: bool = False,
    ) -> Record:
        planned = planned or await self._plan(content)
        key = planned.build.content if planned.build else ""
        known = self._own.get(name.lower(), [])
        same = _same(known, version, key, content)
        if same is not None:
            return await self._described(same, about)
        there = next((one for one in known if version and one.version == version), None)
        # What is anonymous is read anew: its version says what was sent, not what we made of it.
        if there is not None and not archived:
            if there.wished == _plain(content):  # an earlier release of ours read it otherwise
                return await self._described(there, about)
            raise already(name, version)
        if planned.build is not None:
            self._builds.know(planned.build)
        record = Record(
            name=known[0].name if known else name,
            version=version or next_version(one.version for one in known),
            content=key,
            wished=_plain(content),
            description=about.description,
            tags=about.tags,
            warnings=planned.warnings,
            created_at=iso(self._clock.time()),
            archived=archived,
            azure=about.azure,
        )
        return await self._save(record)

    async def _described(self, record: Record, about: _About) -> Record:
        """A new description of what there is already is no new version."""
        described = msgspec.structs.replace(
            record,
            description=about.description or record.description,
            tags=about.tags or record.tags,
        )
        return await self._save(described) if described != record else record

    async def _save(self, record: Record) -> Record:
        put(self._own.setdefault(record.name.lower(), []), record)
        build = self._builds.get(record.content) if record.content else None

        def save(conn: environment_rows.Connection) -> None:
            if build is not None:
                environment_rows.add_build(conn, build)
            environment_rows.save_environment(conn, record)

        await self._store.write(save, durable=True)
        self._changed(record)
        return record


def _plain(content: EnvironmentContent) -> EnvironmentContent:
    """Without what names it."""
    fields = {f: getattr(content, f) for f in EnvironmentContent.__struct_fields__}
    return EnvironmentContent(**fields)


def _parts(text: str) -> tuple[str, str]:
    """Name and version of ``NAME``, ``NAME:VERSION`` or ``NAME@LABEL``."""
    name, at, version = text.partition("@")
    if not at:
        name, _, version = text.partition(":")
    elif version != LATEST:
        raise NotFound(
            f"There is no label {version!r}.", target="environment", hint=f"Write {name}@latest."
        )
    return name, version


def _checked_name(name: str, curated: dict[str, Record]) -> str:
    if not re.fullmatch(ASSET, name):
        raise Invalid(
            f"{name!r} cannot name an environment.",
            target="name",
            hint="An environment name has 1 to 255 letters, digits, - and _, first no sign.",
        )
    if name.lower() in _RESERVED:
        raise Invalid(f"{name!r} is a name with a meaning of its own.", target="name")
    if name in curated:
        raise Conflict(
            f"{name!r} is a curated environment.",
            target="name",
            hint=f"Take another name, as in {name}-mine.",
        )
    return name


def _same(
    known: Sequence[Record], version: str, key: str, content: EnvironmentContent
) -> Record | None:
    for record in reversed(known):
        is_it = record.content == key if key else record.wished.image == content.image
        if is_it and record.content == key and version in ("", record.version):
            return record
    return None
