"""The ``inputs`` and ``outputs`` of a job file."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path
from typing import Any, cast

from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import Input, InputValue, Output
from jupyter_aml.model.names import VARIABLE
from jupyter_aml.model.references import InDatastore, OnMachine, parse

_TYPES = ("uri_file", "uri_folder", "mltable", "mlflow_model", "custom_model", "triton_model")
_OTHER_TYPES = ("safe_model",)
_INPUT_MODES = {
    "ro_mount": "ro_mount",
    "download": "download",
    "direct": "direct",
    "mount": "ro_mount",
    "eval_mount": "eval_mount",
    "eval_download": "eval_download",
}
_OUTPUT_MODES = {
    "rw_mount": "rw_mount",
    "mount": "rw_mount",
    "upload": "upload",
    "direct": "direct",
}


def local_path(text: str, folder: Path) -> Path:
    """`text` of a file as an absolute path.

    Not resolved: a link that was named stays a link.
    """
    path = Path(text.removeprefix("file://").removeprefix("file:")).expanduser()
    return Path(os.path.normpath(folder / path))


def read_inputs(fields: Fields, folder: Path, warnings: list[str]) -> dict[str, InputValue]:
    inner = fields.fields("inputs")
    if inner is None:
        return {}
    found = {name: _input(inner, name, folder, warnings) for name in inner.keys()}  # noqa: SIM118
    return {name: value for name, value in found.items() if value is not None}


def _input(inputs: Fields, name: str, folder: Path, warnings: list[str]) -> InputValue | None:
    _check_name(inputs, name)
    value = inputs.take(name)
    if isinstance(value, float) and not math.isfinite(value):
        inputs.refuse(name, f"cannot be {value}", "Write it as text, in quotes.")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        inputs.refuse(name, "is too large for a number", "Write it as text, in quotes.")
    if value is None or isinstance(value, str | int | float | bool):
        return value
    fields = Fields(value, inputs.label, f"{inputs.path}.{name}")
    if "value" in fields:
        literal = _input(fields, "value", folder, warnings)
        fields.finish()
        return literal
    return _data(fields, folder, name, warnings)


def _check_name(fields: Fields, name: str) -> None:
    if not re.match(VARIABLE, name):
        rule = "Letters, digits and _, first no digit: it becomes ${{inputs.name}}."
        fields.refuse(name, "cannot be the name of an input or output", rule)


def _data(fields: Fields, folder: Path, name: str, warnings: list[str]) -> Input:
    text = fields.text("path")
    if not text:
        fields.refuse("path", "is missing")
    path, there = _where(fields, text, folder)
    kind = fields.choice("type", (*_TYPES, *_OTHER_TYPES)) or there
    if kind in _OTHER_TYPES:
        warnings.append(f"inputs.{name}: type {kind} is read as {there or 'what is there'} here.")
        kind = there
    elif there and kind in ("uri_file", "uri_folder", "mltable") and not _fits(kind, there):
        what = "folder" if there == "uri_folder" else "file"
        fields.refuse("type", f"is {kind}, but {path} is a {what}", f"Write type: {there}")
    mode = _INPUT_MODES[fields.choice("mode", _INPUT_MODES) or "ro_mount"]
    for key in ("datastore", "description", "path_on_compute"):
        fields.take(key)
    fields.finish()
    return Input(path=path, type=cast("Any", kind or None), mode=cast("Any", mode))


def _where(fields: Fields, text: str, folder: Path) -> tuple[str, str]:
    """The path made whole and what is there; a reference as it is, which the service resolves."""
    try:
        found = parse(text)
    except Invalid as error:
        fields.refuse("path", f"cannot be {text!r}", f"{error.message} {error.hint}")
    if not isinstance(found, OnMachine):
        return text, ""
    path = local_path(text, folder)
    if not path.exists():
        fields.refuse("path", f"does not exist: {path}")
    return str(path), "uri_folder" if path.is_dir() else "uri_file"


def _fits(kind: str, there: str) -> bool:
    return (kind == "uri_file") == (there == "uri_file")


def read_outputs(
    fields: Fields, folder: Path, home: Path | None, warnings: list[str]
) -> dict[str, Output]:
    inner = fields.fields("outputs")
    if inner is None:
        return {}
    return {
        name: _output(inner, name, folder, home, warnings)
        for name in inner.keys()  # noqa: SIM118 - not a dict
    }


def _output(
    outputs: Fields, name: str, folder: Path, home: Path | None, warnings: list[str]
) -> Output:
    _check_name(outputs, name)
    fields = outputs.fields(name)
    if fields is None:
        return Output()
    kind = fields.choice("type", (*_TYPES, *_OTHER_TYPES)) or "uri_folder"
    if kind in _OTHER_TYPES:
        warnings.append(f"outputs.{name}: type {kind} is written as uri_folder here.")
        kind = "uri_folder"
    mode = _OUTPUT_MODES[fields.choice("mode", _OUTPUT_MODES) or "rw_mount"]
    path = _output_path(fields, folder, home)
    asset, version = fields.text("name"), fields.text("version")
    if asset.startswith("azureml:"):
        asset, _, version = asset.removeprefix("azureml:").partition(":")
    for key in ("datastore", "description", "path_on_compute", "early_available"):
        fields.take(key)
    fields.finish()
    return Output(
        path=path, type=cast("Any", kind), mode=cast("Any", mode), name=asset, version=version
    )


def _output_path(fields: Fields, folder: Path, home: Path | None) -> str:
    """Absolute or a reference, or "" for the job's own outputs folder."""
    text = fields.text("path")
    if not text:
        return ""
    try:
        found = parse(text)
    except Invalid as error:
        fields.refuse("path", f"cannot be {text!r}", f"{error.message} {error.hint}")
    if isinstance(found, InDatastore):
        return text
    if not isinstance(found, OnMachine):
        fields.refuse("path", f"cannot be written to: {text}", "Name a path of a datastore.")
    path = local_path(text, folder)
    if home is not None and path.is_relative_to(home / "jobs"):
        # A shown job tells where its output lies; the job made from it has a folder of its own.
        return ""
    return str(path)
