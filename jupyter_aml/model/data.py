"""Data: datastores, named versions of files and folders, and the files under either.

References are Azure ML's: ``azureml:name:version``, ``azureml:name@latest``,
``azureml://datastores/NAME/paths/PATH``, and a path of this machine. Source: the 2025-12-01 API.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.model.names import AssetName

DEFAULT_DATASTORE = "workspaceblobstore"
"""Where things go that name no datastore; the name that Azure ML gives to its own."""

UPLOADS = "LocalUpload"
"""Azure's own name of the folder in a datastore that uploads go to."""

FILES = ".files"
"""The folder beside them in which each file has one further link, named by what it holds: so one
that two contents hold is on the disk once."""

UNFINISHED = ".unfinished-"
"""Begins the name of what is on its way into it; retention takes an old one for a leftover."""

DataType = Literal["uri_file", "uri_folder", "mltable"]


class CreateDatastore(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `datastores.create`: a folder of this machine under a name. It is never deleted."""

    name: AssetName
    path: str = ""
    """Absolute, and it has to be there. Empty is a folder of the service's own, made for it; one
    of that name whose datastore was forgotten is taken up again with its files."""
    type: Literal["local_folder"] = "local_folder"
    description: str = ""
    read_only: bool = False
    tags: dict[str, str] = {}
    azure: dict[str, Any] = {}
    """What a request in ARM's words said beyond the fields here; nothing is done with it."""


class Datastore(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A place that holds files. ``type`` "blob" is the default one, content-addressed on disk."""

    name: str
    type: Literal["blob", "local_folder"]
    path: str
    description: str = ""
    read_only: bool = False
    is_default: bool = False
    available: bool = True
    """False when its folder is not there now; ``reason`` says so."""
    reason: str = ""
    tags: dict[str, str] = {}
    created_at: str = ""
    azure: dict[str, Any] = {}


class DatastoreList(msgspec.Struct, rename="camel", frozen=True):
    """The default one first."""

    value: list[Datastore]


class UploadFiles(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `datastores.upload`: copy a file, or all files of a folder, into a datastore.

    ``path`` is one of this machine, in full. ``target`` is where it goes: of a file its new path,
    or a folder where it ends with ``/``; of a folder the folder that its files lie in afterwards.
    Empty is the name that it has.
    """

    path: str
    target: str = ""


class Uploaded(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What lies in a datastore now."""

    path: str
    """``azureml://datastores/NAME/paths/PATH``, as jobs name it."""
    bytes: int
    files: int
    copied: int
    """How many of the files were copied; the others were there already."""


class CreateData(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `data.create`: the same content under the same name is the same version.

    ``path`` is a file or folder of this machine (copied into the default datastore unless
    ``in_place``), an output of a job (copied), ``azureml://datastores/…`` or another asset (kept
    as it is), or an http(s) URL (kept).
    """

    name: AssetName
    path: str
    type: DataType | None = None
    """None is what the path is: a file, a folder, or a folder with an MLTable file."""
    version: str = ""
    """Empty takes the next number when the content is new."""
    in_place: bool = False
    """Register the path itself: nothing is copied, and later changes there show."""
    may_be_missing: bool = False
    """Take a path of a datastore where nothing lies yet; who uses it then is refused. Needs the
    type."""
    description: str = ""
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}
    """Azure's own word for facts about it that nobody sorts by."""
    job: str = ""
    """The job that made it; empty for what a person registered."""


class UpdateData(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `data.update`; None leaves a field as it is. What a version holds never changes."""

    description: str | None = None
    tags: dict[str, str] | None = None


class Data(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One version of a data asset. ``bytes`` and ``files`` count what ``local_path`` holds."""

    name: str
    version: str
    type: DataType
    path: str
    """An ``azureml://datastores/…`` reference, or what was registered in place."""
    local_path: str = ""
    """Where a job on this machine reads it; empty for what is not here (an http(s) URL)."""
    content: str = ""
    """Key of its content; empty for what was registered in place."""
    bytes: int = 0
    files: int = 0
    description: str = ""
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}
    created_at: str = ""
    created_by_job: str = ""
    used_by_jobs: list[str] = []
    """Newest first, at most 50; told by `data.get` alone."""
    models: list[str] = []
    """References of the models that were made from it; told by `data.get` alone."""
    archived: bool = False

    @property
    def reference(self) -> str:
        """How jobs name it: ``azureml:name:version``."""
        return f"azureml:{self.name}:{self.version}"


class DataList(msgspec.Struct, rename="camel", frozen=True):
    """The newest version of each, newest first; every version where one name was asked for."""

    value: list[Data]


class UploadLine(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A line of `data.upload` and `datastores.upload`: how far the copy is. The last one has what
    was made of it, or the ``error``."""

    bytes: int = 0
    total_bytes: int = 0
    data: Data | None = None
    uploaded: Uploaded | None = None
    error: ErrorBody | None = None


class Entry(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A file or folder below a reference. ``path`` is relative to it."""

    path: str
    folder: bool = False
    bytes: int = 0
    modified_at: str = ""


class EntryList(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Folders first, then by name. ``truncated`` says that there are more than were listed."""

    value: list[Entry]
    truncated: bool = False


class Preview(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The beginning of a file, as something to look at. Images are read as bytes instead."""

    kind: Literal["table", "text", "image", "binary"]
    columns: list[str] = []
    rows: list[list[str]] = []
    text: str = ""
    note: str = ""
    """What is not shown, or not honoured, in words."""
    mime_type: str = ""
    bytes: int = 0
    truncated: bool = False
