"""The ``environment`` of a job file. Only ``kernel`` exists yet; others are warned about."""

from __future__ import annotations

import re
from typing import cast

from jupyter_aml.client.yamlfile import Fields

KERNEL = "kernel"
INSTEAD = "the notebook's interpreter is used"

_KEYS = ("image", "conda_file", "build")
_DESCRIPTIVE = (
    "$schema",
    "name",
    "version",
    "description",
    "tags",
    "properties",
    "os_type",
    "inference_config",
    "datastore",
    "docker",
)


def read_environment(fields: Fields, warnings: list[str]) -> str:
    """The environment's name here. What is not run here is added to `warnings`."""
    value = fields.take("environment")
    if value is None:
        return KERNEL
    if isinstance(value, dict):
        _inline(Fields(cast("object", value), fields.label, f"{fields.path}.environment"), warnings)
        return KERNEL
    if not isinstance(value, str):
        fields.refuse("environment", "is a name, or has fields of its own")
    _named(fields, value, warnings)
    return KERNEL


def _named(fields: Fields, text: str, warnings: list[str]) -> None:
    if text.startswith("azureml:"):
        name = text.removeprefix("azureml:")
        if re.split("[@:]", name)[0] != KERNEL:
            warnings.append(f"environment {name} is not built here: {INSTEAD}.")
    elif text.startswith("file:") or text.endswith((".yml", ".yaml")):
        warnings.append(f"environment {text} is not built here: {INSTEAD}.")
    elif text != KERNEL:
        hint = f"Write {KERNEL}, {INSTEAD}; names of Azure begin with azureml:"
        fields.refuse("environment", f"names no environment: {text!r}", hint)


def _inline(fields: Fields, warnings: list[str]) -> None:
    image = fields.text("image")
    conda, build = fields.take("conda_file"), fields.fields("build")
    if not image and conda is None and build is None:
        fields.refuse("", f"needs one of {', '.join(_KEYS)}")
    if image:
        warnings.append(f"image {image} is not run here: {INSTEAD}.")
    if build is not None:
        path = build.text("path") or "."
        build.take("dockerfile_path")
        build.finish()
        warnings.append(f"build {path} is not run here: {INSTEAD}.")
    if conda is not None:
        named = f"conda_file {conda}" if isinstance(conda, str) else "the conda_file"
        warnings.append(f"{named} is not installed here: {INSTEAD}.")
    for key in _DESCRIPTIVE:
        fields.take(key)
    fields.finish()
