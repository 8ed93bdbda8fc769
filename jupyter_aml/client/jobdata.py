"""The ``inputs`` and ``outputs`` of a job file."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path
from typing import Any, cast

from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model.job import Input, InputValue, Output
from jupyter_aml.model.names import VARIABLE

_TYPES = ("uri_file", "uri_folder")
_OTHER_TYPES = ("mltable", "mlflow_model", "custom_model", "triton_model", "safe_model")
_INPUT_MODES = {
    "ro_mount": "ro_mount",
    "download": "download",
    "direct": "direct",
    "mount": "ro_mount",
    "eval_mount": "ro_mount",
    "eval_download": "download",
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
    if text.startswith("azureml:") or "://" in text.removeprefix("file://"):
        hint = "Copy it to this machine, and write its path."
        fields.refuse("path", f"is not on this machine: {text}", hint)
    path = local_path(text, folder)
    if not path.exists():
        fields.refuse("path", f"does not exist: {path}")
    there = "uri_folder" if path.is_dir() else "uri_file"
    kind = fields.choice("type", (*_TYPES, *_OTHER_TYPES)) or there
    if kind in _OTHER_TYPES:
        warnings.append(f"inputs.{name}: type {kind} is read as {there} here.")
    elif kind != there:
        what = "folder" if path.is_dir() else "file"
        fields.refuse("type", f"is {kind}, but {path} is a {what}", f"Write type: {there}")
    mode = fields.choice("mode", _INPUT_MODES)
    if mode.startswith("eval"):
        warnings.append(f"inputs.{name}: mode {mode} is {_INPUT_MODES[mode]} here.")
    for key in ("datastore", "description", "path_on_compute"):
        fields.take(key)
    fields.finish()
    return Input(
        path=str(path), type=cast("Any", there), mode=cast("Any", _INPUT_MODES[mode or "ro_mount"])
    )


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
    path = _output_path(fields.text("path"), folder, home, name, warnings)
    if fields.text("name") or fields.text("version"):
        warnings.append(f"outputs.{name} is not registered here.")
    for key in ("datastore", "description", "path_on_compute", "early_available"):
        fields.take(key)
    fields.finish()
    return Output(path=path, type=cast("Any", kind), mode=cast("Any", mode))


def _output_path(text: str, folder: Path, home: Path | None, name: str, warnings: list[str]) -> str:
    """Absolute, or "" for the job's own outputs folder."""
    if not text:
        return ""
    if text.startswith("azureml:") or "://" in text.removeprefix("file://"):
        warnings.append(f"outputs.{name}: {text} is not written here: the job's own folder is.")
        return ""
    path = local_path(text, folder)
    if home is not None and path.is_relative_to(home / "jobs"):
        # A shown job tells where its output lies; the job made from it has a folder of its own.
        return ""
    return str(path)
