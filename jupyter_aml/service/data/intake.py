"""Taking data in: what a path or a reference is, and a copy of it where one is kept.

Everything here blocks, so callers run it in a thread.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from jupyter_aml.model.data import DEFAULT_DATASTORE, UPLOADS, CreateData, DataType
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.references import (
    InDatastore,
    OnMachine,
    Reference,
    Web,
    in_datastore,
    parse,
)
from jupyter_aml.service.content import ContentStore, Progress
from jupyter_aml.service.data import mltable
from jupyter_aml.service.data.locator import Located, Locator

_MOST_COUNTED = 100_000
"""Files of a folder registered in place that are counted; a larger one shows at least as many."""


@dataclass(frozen=True)
class Taken:
    """What a version holds; the fields are those of `model.data.Data`."""

    type: DataType
    path: str
    local_path: str = ""
    content: str = ""
    bytes: int = 0
    files: int = 0
    job: str = ""


def take(
    body: CreateData, locator: Locator, contents: ContentStore, progress: Progress | None = None
) -> Taken:
    """What `body` asks to keep. Raises `NotFound`, `Invalid` and `StorageFull`."""
    reference = parse(body.path)
    if isinstance(reference, Web):
        kind = _checked(body.type, "uri_file" if body.type is None else body.type, body.path)
        return Taken(type=kind, path=reference.url)
    try:
        located = locator.locate(body.path)
    except NotFound:
        kind = body.type if body.may_be_missing else None
        if kind is None or not isinstance(reference, InDatastore) or _is_upload(reference):
            raise
        place = locator.place(reference.datastore, reference.path)
        path = in_datastore(reference.datastore, reference.path)
        return Taken(type=kind, path=path, local_path=str(place))
    kind = _kind(body.type, Path(located.path))
    if body.in_place and isinstance(reference, OnMachine):
        return _in_place(kind, located, located.path)
    if isinstance(reference, OnMachine) or located.job or _is_upload(reference):
        return _copied(kind, located, contents, progress)
    return _in_place(kind, located, located.reference)


def _is_upload(reference: Reference) -> bool:
    """Whether it was uploaded to the default datastore, under a key that its client made: the
    asset gets it as content, by links. Such an upload is no asset's, and does not stay."""
    return (
        isinstance(reference, InDatastore)
        and reference.datastore == DEFAULT_DATASTORE
        and reference.path.startswith(f"{UPLOADS}/")
    )


def _in_place(kind: DataType, located: Located, path: str) -> Taken:
    """Also of another asset: what that one holds, under a further name."""
    data = located.data
    if data is not None:
        return Taken(kind, data.path, data.local_path, data.content, data.bytes, data.files)
    size, count = _counted(Path(located.path))
    return Taken(kind, path, located.path, bytes=size, files=count)


def _copied(
    kind: DataType, located: Located, contents: ContentStore, progress: Progress | None
) -> Taken:
    content = contents.put(Path(located.path), progress)
    tail = "" if kind == "uri_file" else "/"
    return Taken(
        type=kind,
        path=in_datastore(DEFAULT_DATASTORE, content.path + tail),
        local_path=str(contents.place(content)),
        content=content.key,
        bytes=content.bytes,
        files=content.files,
        job=located.job,
    )


def _kind(asked: DataType | None, path: Path) -> DataType:
    """The type that was asked for, or what is there. Raises `Invalid` where they differ."""
    is_table = path.is_dir() and (path / mltable.FILE).is_file()
    there: DataType = "uri_file" if path.is_file() else "mltable" if is_table else "uri_folder"
    kind = _checked(asked, there, str(path))
    if kind == "mltable":
        mltable.check(path)
    return kind


def _checked(asked: DataType | None, there: DataType, path: str) -> DataType:
    if asked is None or asked == there or (asked, there) == ("uri_folder", "mltable"):
        return asked or there
    if asked == "mltable":
        raise Invalid(
            f"{path} is no MLTable: that is a folder with a file named {mltable.FILE}.",
            target="path",
            hint="Write the MLTable file, or take another type.",
        )
    what = "file" if there == "uri_file" else "folder"
    raise Invalid(
        f"The type is {asked}, but {path} is a {what}.",
        target="type",
        hint=f"Take --type {there}, or leave the type out.",
    )


def _counted(path: Path) -> tuple[int, int]:
    """Bytes and files at or below `path`; links are not followed."""
    if path.is_file():
        return path.stat().st_size, 1
    size = count = 0
    for base, _, names in os.walk(path):
        for name in names:
            try:
                size += os.lstat(os.path.join(base, name)).st_size
            except OSError:
                continue  # gone meanwhile
            count += 1
        if count >= _MOST_COUNTED:
            break
    return size, count
