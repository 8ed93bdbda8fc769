"""Where a job finds its inputs and writes its outputs. Pure: nothing is looked at."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from jupyter_aml.model.job import CellJob, CommandJob, Input, JobSpec, NotebookJob, Output

NAME = "${{name}}"
"""Azure's expression for the job's own name, in the path of an output."""

ARTIFACTS = "artifacts"
"""Azure's own name of the output of a step that holds its default artifacts."""

_IN_PLACE = ("ro_mount", "direct")


def inputs_of(spec: JobSpec) -> Mapping[str, Input]:
    """Those inputs of a job that are data."""
    if isinstance(spec, CellJob):
        return spec.data
    if isinstance(spec, NotebookJob):
        return spec.inputs
    if not isinstance(spec, CommandJob) or not spec.inputs:
        return {}
    return {name: value for name, value in spec.inputs.items() if isinstance(value, Input)}


def is_web(path: str) -> bool:
    return path.startswith(("http://", "https://"))


def laid_out(spec: JobSpec) -> Mapping[str, Input]:
    """Those of which the job gets something of its own, made before it starts."""
    return {name: value for name, value in inputs_of(spec).items() if _has_copy(value)}


def laying_out(spec: JobSpec) -> str:
    """What is made on the disk for a job before it starts, in words; "" for nothing."""
    if spec.code is not None:
        return "laying out the code folder"
    return "copying its inputs" if laid_out(spec) else ""


def _has_copy(value: Input) -> bool:
    if is_web(value.path):
        return value.mode != "direct"
    return value.mode not in _IN_PLACE


def input_folder(folder: Path, name: str) -> Path:
    """The copy of one input, in the job's `folder`."""
    return folder / "inputs" / name


def input_path(folder: Path, name: str, value: Input) -> str:
    """What ``${{inputs.name}}`` stands for in the job of `folder`."""
    if not _has_copy(value):
        return value.path
    own = input_folder(folder, name)
    return str(own / file_name(value.path)) if value.type == "uri_file" else str(own)


def is_of_artifacts(spec: JobSpec) -> bool:
    """Whether a step has an output that is not its command's to write, see `ARTIFACTS`."""
    if not spec.parent or not isinstance(spec, CommandJob):
        return False
    output = spec.outputs.get(ARTIFACTS)
    is_folder = output is not None and output.type == "uri_folder"
    return is_folder and f"outputs.{ARTIFACTS}" not in spec.command


def file_name(path: str) -> str:
    """The last part of a path or an address."""
    if is_web(path):
        return PurePosixPath(urlsplit(path).path).name or "content"
    return os.path.basename(path)


def output_goal(folder: Path, output: Output) -> str:
    """Where an output was asked to lie; "" for the job's own outputs folder."""
    return output.path.replace(NAME, folder.name)


def written_directly(output: Output) -> bool:
    """Whether the job writes to the goal itself, and not to a folder of its own first."""
    return bool(output.path) and output.mode != "upload"
