"""What files of deployments say of their model and environment: a name, or the thing itself.

`endpointfile` and `batchfile` read it; what is described is registered before the deployment.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from jupyter_aml.client import environmentfile
from jupyter_aml.client.jobenvironment import is_kernel
from jupyter_aml.client.modelfile import whole_path
from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model.environment import KERNEL, EnvironmentContent
from jupyter_aml.model.registry import CreateModel

_TYPES = ("custom_model", "mlflow_model", "triton_model")


def read_model(fields: Fields, folder: Path, name: str) -> tuple[str, CreateModel | None]:
    """A reference; or a model that the file describes, or whose path it names.

    `name` is that of a described one that has none.
    """
    value = fields.take("model")
    if value is None:
        fields.refuse("model", "is missing", "As in  model: azureml:NAME@latest")
    if isinstance(value, dict):
        inner = Fields(cast("object", value), fields.label, f"{fields.path}.model")
        return "", _described(inner, folder, name)
    text = str(value)
    if text.startswith("azureml:") or not (folder / text).exists():
        return text, None
    return "", CreateModel(name=name, path=whole_path(text, folder))


def _described(fields: Fields, folder: Path, name: str) -> CreateModel:
    kind = fields.choice("type", _TYPES) or "custom_model"
    described = CreateModel(
        name=fields.text("name") or name,
        version=fields.text("version"),
        path=whole_path(fields.text("path") or fields.refuse("path", "is missing"), folder),
        type=kind,  # pyright: ignore[reportArgumentType] - one of its words
        description=fields.text("description"),
        tags=fields.texts("tags"),
    )
    fields.take("properties")
    fields.finish()
    return described


def read_environment(
    fields: Fields, folder: Path, warnings: list[str]
) -> tuple[str, EnvironmentContent | None]:
    """A name, "" where none is given; or what it is to hold, of the file or of its own file."""
    value = fields.take("environment")
    if value is None:
        return "", None
    if isinstance(value, dict):
        inner = Fields(cast("object", value), fields.label, f"{fields.path}.environment")
        for key in ("name", "version", "description", "tags"):
            inner.take(key)
        content = environmentfile.read_content(inner, folder, warnings)
        inner.finish()
        return "", content
    text = str(value)
    if text.startswith("file:") or text.endswith((".yml", ".yaml")):
        named, said = environmentfile.load(str(folder / text.removeprefix("file:")))
        warnings += said
        return "", environmentfile.content_of(named)
    return (KERNEL if is_kernel(text) else text), None
