"""``az ml`` model files: read here, since their paths are relative to the file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from jupyter_aml.client import yamlfile
from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.registry import CreateModel

_TYPES = ("custom_model", "mlflow_model", "triton_model")
_STAGES = {"none", "development", "staging", "production", "archived"}
_SHOWN = (
    "id creation_context resource_group local_path content bytes files deployments created_at "
    "archived requirements python sample lineage latest_version utc_time_created job_name"
).split()
"""What ``model show`` says beside; a file may hold it, to no effect."""
_NOT_USED = ("datastore", "default_deployment_template", "system_metadata", "intellectual_property")


def load(path: str, settings: Mapping[str, Any] | None = None) -> tuple[CreateModel, list[str]]:
    """The model of the file `path`, and what of it is not used here, in words.

    Its name is "" where neither the file nor `settings` give it one.
    """
    fields, folder = yamlfile.load_fields(path, settings)
    warnings = fields.left_aside(_NOT_USED)
    stage = fields.choice("stage", _STAGES)
    flavors = fields.take("flavors")
    if flavors is not None and not isinstance(flavors, dict):
        fields.refuse("flavors", "has a field for each flavour")
    where = fields.text("path")
    if not where:
        raise Invalid("The file names no path.", target=fields.where("path"), hint="path: ./model")
    model = CreateModel(
        name=fields.text("name"),
        version=fields.text("version"),
        description=fields.text("description"),
        tags=fields.texts("tags"),
        properties=fields.texts("properties"),
        type=_type(fields),
        stage=stage.capitalize() if stage else "None",  # pyright: ignore[reportArgumentType]
        flavors=cast("dict[str, Any]", flavors or {}),
        path=whole_path(where, folder),
    )
    fields.pass_over(_SHOWN)
    fields.finish()
    return model, warnings


def whole_path(text: str, folder: Path | None = None) -> str:
    """A path of this machine made whole, relative to `folder`; a reference as it is."""
    if "://" in text or text.startswith(("azureml:", "runs:/")):
        return text
    return os.path.normpath((folder or Path.cwd()) / os.path.expanduser(text))


def _type(fields: Fields) -> Any:
    return fields.choice("type", _TYPES)
