"""What lies in a model's folder: MLflow's own description of it, where it has one.

Everything here reads files, so callers run it in a thread.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.registry import ModelType

MLMODEL = "MLmodel"
_LARGEST = 1_000_000
_SHOWN_FILES = 20
_PROPERTY = 1000
"""Azure ML's documented limit of a property's value."""


@dataclass(frozen=True)
class Described:
    """What a model says of itself; what it does not say is empty."""

    type: ModelType = "custom_model"
    flavors: dict[str, Any] = field(default_factory=dict[str, Any])
    requirements: list[str] = field(default_factory=list[str])
    sample: str = ""
    properties: dict[str, str] = field(default_factory=dict[str, str])
    mlflow_run: str = ""


def inspect(path: Path, wanted: ModelType | str) -> Described:
    """Read `path`, the file or folder of a model. With "" for `wanted` the type is recognised.

    Raises `Invalid` if it is not what `wanted` says.
    """
    described = path / MLMODEL
    if not described.is_file():
        if wanted == "mlflow_model":
            raise Invalid(
                f"{path.name} is no MLflow model: it holds no file {MLMODEL}.",
                target="path",
                hint="Name the folder that mlflow.*.save_model or log_model wrote, or register it "
                "as --type custom_model. Nothing was kept.",
            )
        kind = cast("ModelType", wanted or "custom_model")
        return Described(type=kind, properties=_listed(path))
    if wanted in ("", "mlflow_model"):
        return _of_mlflow(path)
    return Described(type=cast("ModelType", wanted), properties=_listed(path))


def mlmodel(path: Path) -> dict[str, Any]:
    """MLflow's description of the model in the folder `path`; empty where there is none.

    Raises `Invalid` for one that cannot be read.
    """
    described = path / MLMODEL
    if not described.is_file():
        return {}
    try:
        read = yaml.safe_load(_text(described))
    except yaml.YAMLError as error:
        raise Invalid(
            f"{described.name} cannot be read: it is not YAML.",
            target="path",
            details=[str(error)[:500]],
        ) from None
    return cast("dict[str, Any]", read) if isinstance(read, dict) else {}


def _of_mlflow(path: Path) -> Described:
    told = mlmodel(path)
    flavors = told.get("flavors")
    properties = {
        "mlflow.version": str(told.get("mlflow_version", "")),
        "mlflow.modelId": str(told.get("model_id") or ""),
        "signature": "yes" if told.get("signature") else "",
        "python_version": _python(flavors),
    }
    return Described(
        type="mlflow_model",
        flavors=_flavors(cast("dict[str, Any]", flavors) if isinstance(flavors, dict) else {}),
        requirements=_requirements(path),
        sample=_sample(path, told),
        properties=_listed(path) | {key: value for key, value in properties.items() if value},
        mlflow_run=str(told.get("run_id") or ""),
    )


def _flavors(told: dict[str, Any]) -> dict[str, Any]:
    """Of each flavor what is short: versions and file names, no nested descriptions."""
    found: dict[str, Any] = {}
    for name, fields in told.items():
        inner = cast("dict[str, Any]", fields) if isinstance(fields, dict) else {}
        kept = {key: value for key, value in inner.items() if isinstance(value, (str, int, float))}
        version = kept.pop(f"{name}_version", None)
        found[name] = ({"version": version} if version else {}) | kept
    return found


def _python(flavors: object) -> str:
    """The version that it was saved with, as its flavour ``python_function`` says."""
    told = cast("dict[str, Any]", flavors) if isinstance(flavors, dict) else {}
    function = told.get("python_function")
    return str(cast("dict[str, Any]", function).get("python_version", "")) if function else ""


def _requirements(path: Path) -> list[str]:
    file = path / "requirements.txt"
    lines = _text(file).splitlines() if file.is_file() else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


_WRAPPINGS = ("inputs", "dataframe_split", "instances", "dataframe_records")
"""How MLflow's own server wraps a request; Azure ML's has ``input_data`` for all of them."""


def _sample(path: Path, told: dict[str, Any]) -> str:
    """A request: MLflow's own example of one, in Azure ML's words."""
    info = told.get("saved_input_example_info")
    if not isinstance(info, dict):
        return ""
    named = cast("dict[str, Any]", info).get("serving_input_path") or "serving_input_example.json"
    file = (path / str(named)).resolve()
    if not file.is_relative_to(path.resolve()) or not file.is_file():
        return ""
    try:
        request = json.loads(_text(file))
    except ValueError:
        return ""
    if isinstance(request, dict):
        given = cast("dict[str, Any]", request)
        wrapped = next((name for name in _WRAPPINGS if name in given), "")
        if wrapped:
            given["input_data"] = given.pop(wrapped)
    return json.dumps(request)


def _listed(path: Path) -> dict[str, str]:
    """The names of its files, as a property."""
    if path.is_file():
        return {"files": path.name}
    names: list[str] = []
    for base, folders, files in os.walk(path):
        folders.sort()
        names += [Path(base, name).relative_to(path).as_posix() for name in sorted(files)]
        if len(names) > _SHOWN_FILES:
            break
    more = ", …" if len(names) > _SHOWN_FILES else ""
    return {"files": (", ".join(names[:_SHOWN_FILES]) + more)[:_PROPERTY]}


def _text(file: Path) -> str:
    if file.stat().st_size > _LARGEST:
        return ""
    return file.read_text(encoding="utf-8", errors="replace")
