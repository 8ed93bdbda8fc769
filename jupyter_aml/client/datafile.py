"""``az ml`` data and datastore files: read here, since their paths are relative to the file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from jupyter_aml.client import yamlfile
from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model.data import CreateData, CreateDatastore
from jupyter_aml.model.references import OnMachine, parse

TYPES = ("uri_file", "uri_folder", "mltable")
_SHOWN = (
    "id creation_context resource_group local_path content bytes files created_at created_by_job "
    "used_by_jobs models archived"
).split()
"""What ``data show`` says beside; a file may hold it, to no effect."""
_NOT_USED = ("properties", "datastore", "auto_delete_setting")
_IN_AZURE = {
    "azure_blob": "AzureBlob",
    "azure_file": "AzureFile",
    "azure_data_lake_gen1": "AzureDataLakeGen1",
    "azure_data_lake_gen2": "AzureDataLakeGen2",
    "one_lake": "OneLake",
}
"""Types of Azure's storage, and ARM's words for them."""
_PLACES = (
    "account_name container_name file_share_name filesystem store_name endpoint protocol "
    "artifact one_lake_workspace_name"
).split()
"""Where in Azure such a datastore lies."""


def load(path: str, settings: Mapping[str, Any] | None = None) -> tuple[CreateData, list[str]]:
    """The data asset of the file `path`, and what of it is not used here, in words.

    Its name is "" where neither the file nor `settings` give it one.
    """
    fields, folder = yamlfile.load_fields(path, settings)
    warnings = fields.left_aside(_NOT_USED)
    where = fields.text("path")
    if not where:
        fields.refuse("path", "is missing", "As in  path: ./data")
    made = CreateData(
        name=fields.text("name"),
        version=fields.text("version"),
        description=fields.text("description"),
        tags=fields.texts("tags"),
        type=cast("Any", fields.choice("type", TYPES) or "uri_folder"),
        path=whole(where, folder),
    )
    fields.pass_over(_SHOWN)
    fields.finish()
    return made, warnings


def load_datastore(
    path: str, settings: Mapping[str, Any] | None = None
) -> tuple[CreateDatastore, list[str]]:
    """The datastore of the file `path`, and what of it is not used here, in words.

    One of Azure's storage becomes a folder of the service's own, as in the compatible API.
    """
    fields, folder = yamlfile.load_fields(path, settings)
    kind = fields.choice("type", ("local_folder", *_IN_AZURE)) or "local_folder"
    where, warnings = fields.text("path"), list[str]()
    if kind in _IN_AZURE:
        warnings = _in_azure(fields, kind)
    elif not where:
        fields.refuse("path", "is missing", "It is a folder of this machine.")
    read_only = fields.take("read_only")
    made = CreateDatastore(
        name=fields.text("name"),
        path=whole(where, folder) if where else "",
        description=fields.text("description"),
        read_only=read_only is True,
        tags=fields.texts("tags"),
        azure={"datastoreType": _IN_AZURE[kind]} if kind in _IN_AZURE else {},
    )
    for key in ("id", "is_default", "available", "reason", "created_at"):
        fields.take(key)
    fields.finish()
    return made, warnings


def _in_azure(fields: Fields, kind: str) -> list[str]:
    """What is said of one whose files lie in Azure; its secrets are read by nobody."""
    given = [fields.take(key) for key in _PLACES]
    place = "/".join(one for one in given if isinstance(one, str) and one not in ("https", "abfss"))
    has_credentials = fields.take("credentials") is not None
    words = f"{kind} {place} is not reached here: a folder of this machine stands for it"
    return [f"{words}.", *["credentials are not kept."] * has_credentials]


def whole(text: str, folder: Path | None = None) -> str:
    """A path of this machine made whole, relative to `folder`; a reference as it is."""
    found = parse(text)
    if not isinstance(found, OnMachine):
        return text
    return os.path.normpath((folder or Path.cwd()) / os.path.expanduser(found.path))
