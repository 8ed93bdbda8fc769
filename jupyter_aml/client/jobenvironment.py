"""The ``environment`` of a job file: a name, an environment file, or fields of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

from jupyter_aml.client import environmentfile
from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model.environment import KERNEL, EnvironmentContent

INSTEAD = "the notebook's interpreter is used"

_KEYS = ("image", "conda_file", "build")
_NAMING = ("$schema", "name", "version", "description", "tags")

Asked = tuple[str, EnvironmentContent | None]
"""The environment's name, and what it is to hold where the file says that itself."""


def read_environment(fields: Fields, folder: Path, warnings: list[str]) -> Asked:
    """What is not run here is added to `warnings`; whether a name exists the service knows."""
    value = fields.take("environment")
    if value is None:
        return KERNEL, None
    if isinstance(value, dict):
        inner = Fields(cast("object", value), fields.label, f"{fields.path}.environment")
        return _inline(inner, folder, warnings)
    if not isinstance(value, str) or not value.strip():
        fields.refuse("environment", "is a name, or has fields of its own")
    text = value.strip()
    if text.startswith("file:") or text.endswith((".yml", ".yaml")):
        named, said = environmentfile.load(str(folder / text.removeprefix("file:")))
        warnings += said
        return _of(environmentfile.content_of(named), warnings)
    return (KERNEL if is_kernel(text) else text), None


def is_kernel(text: str) -> bool:
    """Whether a reference names the interpreter itself."""
    return re.split("[@:]", text.removeprefix("azureml:"))[0] == KERNEL


def _inline(fields: Fields, folder: Path, warnings: list[str]) -> Asked:
    if not any(key in fields for key in (*_KEYS, "requirements")):
        fields.refuse("", f"needs one of {', '.join(_KEYS)}")
    said: list[str] = []
    content = environmentfile.read_content(fields, folder, said)
    for key in _NAMING:
        fields.take(key)
    fields.finish()
    warnings += [f"{text.rstrip('.')}: {INSTEAD}." for text in said]
    return _of(content, warnings)


def _of(content: EnvironmentContent, warnings: list[str]) -> Asked:
    if content.conda_file or content.requirements or content.python:
        return KERNEL, content
    if content.image:
        warnings.append(f"image {content.image} is not run here: {INSTEAD}.")
    return KERNEL, None
