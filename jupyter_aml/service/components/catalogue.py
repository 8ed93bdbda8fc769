"""Components by name and version. What a version does never changes; its words may.

There are as many anonymous ones as pipelines that the SDK sends, so they are looked up in the
store and not kept in memory.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable

import msgspec

from jupyter_aml.model.component import ANONYMOUS, Component, ComponentSpec
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.names import ASSET
from jupyter_aml.model.nearest import nearest
from jupyter_aml.model.references import LATEST
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.store import component_rows
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.versions import already, check_version, chosen, next_version

_REFERENCE = re.compile(r"(?:azureml:)?([^:@/\s]+)(?::([^:@/\s]+)|@([^:@/\s]+))?")


class Catalogue:
    """``changed`` is called with a named version that was added, described or hidden."""

    def __init__(self, store: Store, clock: Clock, changed: Callable[[Component], None]) -> None:
        self._store = store
        self._clock = clock
        self._changed = changed
        self._keeping = asyncio.Lock()

    # -- looking ------------------------------------------------------------------------------

    def get(self, name: str, version: str = "") -> Component:
        """One version; the newest that is not archived without one. Raises `NotFound`."""
        reader = self._store.reader
        if version not in ("", LATEST):
            found = component_rows.get_component(reader, name, version)
            if found is not None:
                return found
        known = component_rows.versions(reader, name)
        if not known:
            raise self._unknown(name)
        return chosen(known[::-1], version, f"The component {known[0].name}")

    def find(self, text: str) -> Component:
        """What ``azureml:NAME:VERSION``, ``azureml:NAME@latest`` or ``NAME`` means.

        Raises `NotFound`, or `Invalid` for what is no reference.
        """
        found = _REFERENCE.fullmatch(text)
        if found is None or found[3] not in (None, LATEST):
            raise Invalid(
                f"{text!r} names no component.",
                target="component",
                hint="Write azureml:NAME:VERSION, azureml:NAME@latest, or the path of its file.",
            )
        return self.get(found[1], found[2] or "")

    def _unknown(self, name: str) -> NotFound:
        names = list(dict.fromkeys(one.name for one in component_rows.named(self._store.reader)))
        there = f"There are: {', '.join(names[:20])}. " if names else ""
        return NotFound(
            f"There is no component {name!r}.",
            target="component",
            hint=f"{nearest(name, names)}{there}Keep one with "
            "`jupyter aml component create -f component.yml`.",
        )

    def versions(self, name: str) -> list[Component]:
        """Every version of one, the newest first. Raises `NotFound`."""
        return component_rows.versions(self._store.reader, self.get(name).name)

    def newest(self) -> list[Component]:
        """The newest version of each that has a name, newest first; archived ones, too."""
        found: dict[str, Component] = {}
        for one in component_rows.named(self._store.reader):
            known = found.setdefault(one.name.lower(), one)
            if known.archived and not one.archived:
                found[one.name.lower()] = one
        return sorted(found.values(), key=lambda one: one.created_at, reverse=True)

    # -- changing -----------------------------------------------------------------------------

    async def keep(self, spec: ComponentSpec, *, anonymous: bool) -> Component:
        """Durable before it returns. The same content under a name is the same version."""
        content = content_of(spec)
        name = spec.name or ANONYMOUS
        anonymous = anonymous or name == ANONYMOUS
        version = spec.version or (content[:36] if anonymous else "")
        check(name, version)
        async with self._keeping:
            known = component_rows.versions(self._store.reader, name) if not anonymous else []
            same = component_rows.with_content(self._store.reader, name, content)
            for one in same:
                if version in ("", one.version):
                    return await self._described(one, spec)
            if version and component_rows.get_component(self._store.reader, name, version):
                raise already(name, version)
            name, version = (
                known[0].name if known else name,
                version or next_version(one.version for one in known),
            )
            named = msgspec.structs.replace(spec, name=name, version=version)
            return await self._save(
                Component(
                    name=name,
                    version=version,
                    spec=named,
                    content=content,
                    anonymous=anonymous,
                    created_at=iso(self._clock.time()),
                )
            )

    async def change(self, component: Component, **words: object) -> Component:
        """`component` with other words (of its spec); saved only where they differ."""
        spec = msgspec.structs.replace(component.spec, **words)
        changed = msgspec.structs.replace(component, spec=spec)
        return await self._save(changed) if changed != component else component

    async def archive(self, component: Component, *, archived: bool) -> Component:
        if component.archived == archived:
            return component
        return await self._save(msgspec.structs.replace(component, archived=archived))

    async def _described(self, known: Component, spec: ComponentSpec) -> Component:
        told = {"display_name": spec.display_name, "description": spec.description}
        words = {key: value for key, value in told.items() if value}
        return await self.change(known, **words, **({"tags": spec.tags} if spec.tags else {}))

    async def _save(self, component: Component) -> Component:
        await self._store.write(
            lambda conn: component_rows.save_component(conn, component), durable=True
        )
        if not component.anonymous:
            self._changed(component)
        return component


def check(name: str, version: str) -> None:
    """Raises `Invalid` for what cannot name a component; an empty version is taken."""
    if not re.fullmatch(ASSET, name):
        raise Invalid(
            f"{name!r} cannot name a component.",
            target="name",
            hint="1 to 255 letters, digits, - and _, first a letter or digit.",
        )
    check_version(version, most=100)


def content_of(spec: ComponentSpec) -> str:
    """Key of what it does, whatever it is called."""
    plain = msgspec.structs.replace(
        spec, name="", version="", display_name="", description="", tags={}, azure={}
    )
    return hashlib.sha256(msgspec.json.encode(plain, order="deterministic")).hexdigest()
