"""Datastores: the default one on disk, and folders of this machine under a name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from jupyter_aml.model.data import (
    DEFAULT_DATASTORE,
    FILES,
    UNFINISHED,
    UPLOADS,
    CreateDatastore,
    Datastore,
)
from jupyter_aml.model.errors import Conflict, Forbidden, Invalid, NotFound
from jupyter_aml.model.names import ASSET
from jupyter_aml.model.nearest import nearest
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.data.inside import existing, inside, parts_of
from jupyter_aml.service.retention.removal import REMOVED
from jupyter_aml.service.store import data_rows
from jupyter_aml.service.store.db import Store

Changed = Callable[[str, Datastore | None], None]

_CONTENT = re.compile(r"[0-9a-f]{40}")
"""A key of the content store; those that clients make for their uploads are longer."""


class Datastores:
    """``changed`` is called with a datastore that was named, or None for one that is forgotten."""

    def __init__(
        self, default: Path, home: Path, store: Store, clock: Clock, changed: Changed
    ) -> None:
        self._home = home
        self._store = store
        self._clock = clock
        self._changed = changed
        self._default = Datastore(
            name=DEFAULT_DATASTORE,
            type="blob",
            path=str(default),
            description="Where uploads and registered outputs go. Their files are read-only.",
            is_default=True,
        )
        self._named: dict[str, Datastore] = {}

    def open(self) -> None:
        for found in data_rows.list_datastores(self._store.reader):
            self._named[found.name] = found

    # -- looking ------------------------------------------------------------------------------

    def list(self) -> list[Datastore]:
        return [_looked_at(one) for one in (self._default, *self._named.values())]

    def get(self, name: str) -> Datastore:
        """The one of that name; "" is the default one. Raises `NotFound`."""
        if name in ("", DEFAULT_DATASTORE):
            return self._default
        if name not in self._named:
            known = [DEFAULT_DATASTORE, *self._named]
            raise NotFound(
                f"There is no datastore {name!r}.",
                target="datastore",
                hint=f"{nearest(name, known)}There are: {', '.join(known)}.",
            )
        return _looked_at(self._named[name])

    def find(self, name: str, path: str) -> Path:
        """What `path` of a datastore is on this machine. Raises `NotFound` where it is not."""
        return existing(self._folder(self.get(name)), path, of=f"datastore {name}")

    def goal(self, name: str, path: str) -> Path:
        """Where `path` of a datastore would be written. Raises `Forbidden` for a read-only one."""
        datastore = self.get(name)
        if datastore.read_only:
            raise Forbidden(
                f"The datastore {name} is read-only.",
                target="datastore",
                hint="Write to another one, or register its folder again without --read-only.",
            )
        return self.place(name, path)

    def place(self, name: str, path: str) -> Path:
        """Where `path` of a datastore is, whether or not something lies there."""
        return inside(self._folder(self.get(name)), path)

    def open_goal(self, name: str, path: str) -> Path:
        """`goal`, for an upload. Raises `Forbidden` for what data assets and models hold."""
        goal = self.goal(name, path)
        parts = parts_of(path)
        if not parts:
            raise Invalid("An upload names a file.", target="path")
        if self.get(name).is_default and _is_kept(parts):
            raise Forbidden(
                f"{path} belongs to a data asset or a model, and stays as it is.",
                target="path",
                hint="Write to a folder of your own in the datastore.",
            )
        return goal

    def _folder(self, datastore: Datastore) -> Path:
        folder = Path(datastore.path)
        if datastore.is_default:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif not datastore.available:
            raise NotFound(
                f"The folder of the datastore {datastore.name} is not there.",
                target="datastore",
                hint=f"{datastore.path}: mount it, or register the datastore again.",
            )
        return folder

    # -- changing -----------------------------------------------------------------------------

    async def create(self, body: CreateDatastore) -> Datastore:
        """Durable before it returns. The same name with the same folder is the same datastore."""
        path = self._checked(body) if body.path else self._made(body)
        known = self._named.get(body.name)
        made = Datastore(
            name=body.name,
            type=body.type,
            path=path,
            description=body.description,
            read_only=body.read_only,
            tags=body.tags,
            azure=body.azure,
            created_at=known.created_at if known else iso(self._clock.time()),
        )
        if known is not None and known.path != made.path:
            raise Conflict(
                f"The datastore {body.name} is {known.path}.",
                target="name",
                hint=f"Take another name, or forget it: `%aml datastore delete {body.name}`.",
            )
        await self._store.write(lambda conn: data_rows.save_datastore(conn, made), durable=True)
        self._named[made.name] = made
        self._changed(made.name, _looked_at(made))
        return _looked_at(made)

    def _made(self, body: CreateDatastore) -> str:
        """A folder beside the default one's; an asset's name leads nowhere else."""
        _check_free(body.name)
        folder = self._home / "datastores" / body.name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return str(folder)

    def _checked(self, body: CreateDatastore) -> str:
        path = Path(body.path)
        _check_free(body.name)
        if not path.is_absolute() or "\0" in body.path:
            raise Invalid(
                f"The path {body.path!r} is not absolute.",
                target="path",
                hint="Write the whole path of a folder of this machine.",
            )
        if not path.is_dir():
            raise NotFound(f"There is no folder {body.path}.", target="path")
        if path.resolve().is_relative_to(self._home.resolve()):
            raise Invalid(
                f"{body.path} is in the service's own folder.",
                target="path",
                hint="Job outputs are azureml://jobs/JOB/outputs/NAME/paths/PATH.",
            )
        return os.path.normpath(body.path)

    async def delete(self, name: str) -> Datastore:
        """Forget it; its files stay where they are."""
        if name == DEFAULT_DATASTORE:
            raise Invalid("The default datastore cannot be deleted.", target="name")
        found = self.get(name)
        await self._store.write(lambda conn: data_rows.delete_datastore(conn, name), durable=True)
        self._named.pop(name, None)
        self._changed(name, None)
        return found


def _check_free(name: str) -> None:
    if name.lower() == DEFAULT_DATASTORE:
        raise Conflict(f"{DEFAULT_DATASTORE} is there already.", target="name")
    if not re.fullmatch(ASSET, name):  # not the model's pattern: $ lets a newline through
        raise Invalid(
            f"{name!r} cannot name a datastore.",
            target="name",
            hint="1 to 255 letters, digits, - and _, first a letter or digit.",
        )


def _is_kept(parts: tuple[str, ...]) -> bool:
    """Whether a path of the default datastore is the content store's."""
    if parts[0] != UPLOADS:
        return parts[0] == FILES
    return len(parts) > 1 and (
        parts[1].startswith((UNFINISHED, REMOVED)) or bool(_CONTENT.fullmatch(parts[1]))
    )


def _looked_at(datastore: Datastore) -> Datastore:
    """With whether its folder is there now."""
    if datastore.is_default or os.path.isdir(datastore.path):
        return datastore
    reason = f"There is no folder {datastore.path} now."
    return msgspec.structs.replace(datastore, available=False, reason=reason)
