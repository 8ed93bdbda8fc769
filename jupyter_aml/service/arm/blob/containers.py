"""Containers: which files of the local workspace the blobs of each are.

| container | its blobs are |
|---|---|
| ``azureml-blobstore-GUID`` | the default datastore; ``azureml/JOB/`` is what that job put out |
| ``azureml`` | what jobs left: logs, outputs (`artifacts`), read-only |
| ``upload-HEX`` | code on its way in; goes when it became a snapshot |
| ``snapshot-ID`` | a code folder, read-only |
| another | a datastore that is a folder of this machine |
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from jupyter_aml.model.data import Datastore
from jupyter_aml.service.arm.blob import folders, names
from jupyter_aml.service.arm.blob.artifacts import Artifacts
from jupyter_aml.service.arm.blob.folders import Found
from jupyter_aml.service.arm.blob.refusal import no_blob, no_container, read_only
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.scope import WORKSPACE_GUID

DEFAULT = f"azureml-blobstore-{WORKSPACE_GUID}"
ARTIFACTS = "azureml"
CONTAINER_TAG = "azure.container"
"""Tag of a datastore: the container that its maker named."""

_UPLOAD = re.compile(r"upload-[0-9a-f]{32}")
_SNAPSHOT = re.compile(r"snapshot-([0-9a-f]{40})")
_OUTPUTS = "azureml/"
_OLD_SECONDS = 24 * 3600.0


class Container(Protocol):
    """One container. Names that it is given were checked by `names.blob`."""

    @property
    def name(self) -> str: ...
    @property
    def state(self) -> Path | None:
        """The folder of what is known of its blobs besides their bytes; None: read-only."""
        ...

    async def find(self, name: str) -> Found | None: ...
    async def list(self, prefix: str) -> list[Found]:
        """Sorted by name."""
        ...

    async def keep(self, name: str, staged: Path, digest: str) -> None: ...
    async def remove(self, name: str) -> None: ...


async def get(context: Context, name: str) -> Container:
    """The container of that name. Raises `Refusal`."""
    names.container(name)
    if name == ARTIFACTS:
        return Artifacts(context, name)
    if _UPLOAD.fullmatch(name):
        return _existing(Upload(context, name))
    if match := _SNAPSHOT.fullmatch(name):
        return _existing(ReadOnly(name, context.home / "snapshots" / match[1]))
    datastores = (await context.datastores.list()).value
    found = by_container(datastores).get(name)
    if found is None:
        raise no_container(name)
    return Stored(context, name, found)


def by_container(datastores: Sequence[Datastore]) -> Mapping[str, Datastore]:
    """The container of each datastore: the one that was asked for, as far as it is free."""
    found: dict[str, Datastore] = {}
    for one in datastores:
        wanted = DEFAULT if one.is_default else one.tags.get(CONTAINER_TAG) or one.name.lower()
        if wanted in found or not (one.is_default or _is_free(wanted)):
            wanted = f"store-{hashlib.sha256(one.name.encode()).hexdigest()[:24]}"
        found[wanted] = one
    return found


def _is_free(name: str) -> bool:
    reserved = name in (ARTIFACTS, DEFAULT) or _UPLOAD.fullmatch(name) or _SNAPSHOT.fullmatch(name)
    return names.is_container(name) and not reserved


def container_of(datastores: Sequence[Datastore], name: str) -> str:
    """The container of the datastore `name`, which is among them."""
    return next(c for c, one in by_container(datastores).items() if one.name == name)


def _existing(container: ReadOnly | Upload) -> Container:
    if not container.root.is_dir():
        raise no_container(container.name)
    return container


def _sorted(blobs: Iterator[Found]) -> list[Found]:
    return sorted(blobs, key=lambda one: one.name)


class Stored:
    """A datastore. In the default one the outputs of jobs show as if they lay there."""

    def __init__(self, context: Context, name: str, datastore: Datastore) -> None:
        self.name = name
        self._context = context
        self._datastore = datastore
        self._root = Path(datastore.path)
        folder = hashlib.sha256(datastore.name.encode()).hexdigest()[:32]
        self.state = context.home / "arm" / "blob" / folder

    async def find(self, name: str) -> Found | None:
        return await asyncio.to_thread(self._find, name)

    def _find(self, name: str) -> Found | None:
        found = folders.file(self._root, name)
        if found is not None or not self._datastore.is_default:
            return found
        job, _, output = name.removeprefix(_OUTPUTS).partition("/")
        if not name.startswith(_OUTPUTS) or not output:
            return None
        found = folders.file(self._jobs / job / "outputs", output)
        return replace(found, name=name) if found else None

    async def list(self, prefix: str) -> list[Found]:
        return await asyncio.to_thread(self._list, prefix)

    def _list(self, prefix: str) -> list[Found]:
        own = {one.name: one for one in folders.files(self._root, prefix)}
        if self._datastore.is_default and prefix.startswith(_OUTPUTS):
            # Only for one job: what all of them left is not meant by a look at the datastore.
            job, slash, _ = prefix.removeprefix(_OUTPUTS).partition("/")
            if slash:
                outputs = self._jobs / job / "outputs"
                shown = folders.files(outputs, prefix, as_prefix=f"{_OUTPUTS}{job}/")
                own = {one.name: one for one in shown} | own
        return _sorted(iter(own.values()))

    @property
    def _jobs(self) -> Path:
        return self._context.home / "jobs"

    async def keep(self, name: str, staged: Path, digest: str) -> None:
        datastores = self._context.datastores
        await datastores.keep(self._datastore.name, name, staged=staged, digest=digest)

    async def remove(self, name: str) -> None:
        if folders.file(self._root, name) is None:
            raise no_blob(name)
        await self._context.datastores.remove(self._datastore.name, name)


class ReadOnly:
    """A folder as it is."""

    state = None

    def __init__(self, name: str, root: Path) -> None:
        self.name = name
        self.root = root

    async def find(self, name: str) -> Found | None:
        return await asyncio.to_thread(folders.file, self.root, name)

    async def list(self, prefix: str) -> list[Found]:
        return await asyncio.to_thread(lambda: _sorted(folders.files(self.root, prefix)))

    async def keep(self, name: str, staged: Path, digest: str) -> None:
        del name, staged, digest
        raise read_only(self.name)

    async def remove(self, name: str) -> None:
        del name
        raise read_only(self.name)


class Upload:
    """Code on its way in. All of it lies in one folder, which `forget` removes."""

    def __init__(self, context: Context, name: str) -> None:
        self.name = name
        self.state = _uploads(context) / name
        self.root = self.state / "files"

    @classmethod
    def new(cls, context: Context) -> Upload:
        """Make one; those that nobody came back for go. Blocks."""
        parent = _uploads(context)
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in parent.iterdir():
            if context.clock.time() - old.stat().st_mtime > _OLD_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
        made = cls(context, f"upload-{uuid.uuid4().hex}")
        made.root.mkdir(mode=0o700, parents=True)
        return made

    @classmethod
    def at(cls, context: Context, name: str) -> Upload | None:
        """The one of that name, None where there is none."""
        found = cls(context, name) if _UPLOAD.fullmatch(name) else None
        return found if found is not None and found.root.is_dir() else None

    def forget(self) -> None:
        """Blocks."""
        shutil.rmtree(self.state, ignore_errors=True)

    async def find(self, name: str) -> Found | None:
        return await asyncio.to_thread(folders.file, self.root, name)

    async def list(self, prefix: str) -> list[Found]:
        return await asyncio.to_thread(lambda: _sorted(folders.files(self.root, prefix)))

    async def keep(self, name: str, staged: Path, digest: str) -> None:
        del digest

        def move() -> None:
            goal = self.root / name
            goal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            staged.replace(goal)

        try:
            await asyncio.to_thread(move)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise no_blob(name) from None

    async def remove(self, name: str) -> None:
        found = folders.file(self.root, name)
        if found is None:
            raise no_blob(name)
        found.path.unlink(missing_ok=True)


def _uploads(context: Context) -> Path:
    return context.home / "arm" / "uploads"
