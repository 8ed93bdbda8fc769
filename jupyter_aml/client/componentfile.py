"""``az ml`` component files; their paths are relative to the file.

A component is a command, a script over files in parallel, or a pipeline, whose steps
`pipelinefile` reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from jupyter_aml.client import yamlfile
from jupyter_aml.client.jobdata import local_path
from jupyter_aml.client.jobenvironment import read_environment
from jupyter_aml.client.jobparts import (
    left_aside,
    read_code,
    read_distribution,
    read_instance_count,
)
from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model.component import (
    CommandComponent,
    ComponentInput,
    ComponentOutput,
    ComponentSpec,
    ParallelComponent,
    ParallelSettings,
)
from jupyter_aml.model.names import VARIABLE
from jupyter_aml.model.pipeline_document import READ_ONLY

KINDS = ("command", "parallel", "pipeline")
_NOT_HERE = {
    "intellectual_property": "intellectual_property is not used here",
    "properties": "properties of a component are not kept here",
}
_SIZE = re.compile(r"\d+\s*(kb|mb|gb|b)", re.IGNORECASE)

T = TypeVar("T", bound=msgspec.Struct)


def load(path: str, settings: Mapping[str, Any] | None = None) -> tuple[ComponentSpec, list[str]]:
    """The component of the file `path`, and what of it is not used here, in words."""
    data, label, folder = yamlfile.load(path, settings)
    return read_component(Fields(data, label), folder)


def of_file(text: str, folder: Path) -> ComponentSpec:
    """The component file that a step names, relative to the `folder` of its own file."""
    path = local_path(text, folder)
    spec, warnings = load(str(path))
    if isinstance(spec, CommandComponent | ParallelComponent):
        spec = msgspec.structs.replace(spec, warnings=[*spec.warnings, *warnings])
    return spec


def is_file(text: str) -> bool:
    """Whether `text` is the path of a component file, and no reference."""
    return text.startswith(("file:", "./", "../", "/", "~")) or text.endswith((".yml", ".yaml"))


def read_component(fields: Fields, folder: Path) -> tuple[ComponentSpec, list[str]]:
    """One that a file holds or a step has written out."""
    from jupyter_aml.client.pipelinefile import read_pipeline_component

    warnings: list[str] = []
    kind = _kind(fields)
    for key in READ_ONLY:
        fields.take(key)
    left_aside(fields, _NOT_HERE, warnings)
    if fields.take("additional_includes"):
        hint = "Put what is included into the code folder, or link it there."
        fields.refuse("additional_includes", "are not understood here", hint)
    shared = _shared(fields)
    if kind == "pipeline":
        spec = read_pipeline_component(fields, folder, shared, warnings)
    elif kind == "parallel":
        spec = read_parallel(fields, folder, shared, warnings)
    else:
        spec = _command(fields, folder, shared, warnings)
    fields.finish()
    return spec, warnings


def _kind(fields: Fields) -> str:
    fields.take("$schema")
    kind = fields.kind((*KINDS, "sweep"), "Components")
    if kind == "sweep":
        hint = "Keep its trial as a command component; the sweep is a step, or a job."
        fields.refuse("type", "cannot be 'sweep'", hint)
    if not kind:
        kind = "pipeline" if "jobs" in fields else "parallel" if "task" in fields else "command"
    return kind


def _shared(fields: Fields) -> dict[str, Any]:
    deterministic = fields.take("is_deterministic")
    return {
        "name": fields.text("name"),
        "version": fields.text("version"),
        "display_name": fields.text("display_name"),
        "description": fields.text("description"),
        "tags": fields.texts("tags"),
        "is_deterministic": deterministic is not False,
        "inputs": _ports(fields, "inputs", ComponentInput),
        "outputs": _ports(fields, "outputs", ComponentOutput),
    }


def _ports(fields: Fields, key: str, kind: type[T]) -> dict[str, T]:
    inner = fields.fields(key)
    if inner is None:
        return {}
    return {name: _port(inner, name, kind) for name in inner.keys()}  # noqa: SIM118


def _port(ports: Fields, name: str, kind: type[T]) -> T:
    if not re.match(VARIABLE, name):
        ports.refuse(name, "cannot be the name of an input or output")
    told = ports.take(name)
    inner = Fields({} if told is None else told, ports.label, f"{ports.path}.{name}")
    given = {key: inner.take(key) for key in kind.__struct_fields__}
    for key in ("early_available", "is_control", "intellectual_property"):
        inner.take(key)
    inner.finish()
    if isinstance(given.get("type"), str):
        given["type"] = given["type"].lower()
    if isinstance(given.get("enum"), list):
        given["enum"] = [str(one) for one in cast("list[object]", given["enum"])]
    given = {key: value for key, value in given.items() if value is not None}
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        inner.refuse("", f"cannot be read: {error}")


# -- kinds --------------------------------------------------------------------------------


def _command(
    fields: Fields, folder: Path, shared: dict[str, Any], warnings: list[str]
) -> CommandComponent:
    command = fields.text("command")
    if not command.strip():
        fields.refuse("command", "is missing: what is to run", "As in  command: python train.py")
    return CommandComponent(
        command=command,
        distribution=read_distribution(fields),
        **read_program(fields, fields, folder, warnings),
        **shared,
    )


def read_program(fields: Fields, task: Fields, folder: Path, warnings: list[str]) -> dict[str, Any]:
    """What runs: `task` holds code and environment, the file itself of a command."""
    environment, content = read_environment(task, folder, warnings)
    return {
        "code": read_code(task, folder),
        "environment": environment,
        "environment_content": content,
        "python": fields.text("python"),
        "environment_variables": fields.texts("environment_variables"),
        "instance_count": read_instance_count(fields, warnings) or 1,
    }


def read_parallel(
    fields: Fields, folder: Path, shared: dict[str, Any], warnings: list[str]
) -> ParallelComponent:
    task = fields.fields("task")
    if task is None:
        fields.refuse("task", "is missing: the script that goes through the files")
    task.choice("type", ("run_function", "function", "model"))
    made = ParallelComponent(
        entry_script=task.text("entry_script"),
        program_arguments=task.text("program_arguments"),
        append_row_to=task.text("append_row_to"),
        model=task.text("model"),
        input_data=fields.text("input_data"),
        settings=read_parallel_settings(fields, warnings),
        **read_program(fields, task, folder, warnings),
        **shared,
    )
    if not made.entry_script:
        task.refuse("entry_script", "is missing: a file with init() and run(mini_batch)")
    if not made.input_data:
        fields.refuse("input_data", "is missing", "As in  input_data: ${{inputs.files}}")
    task.finish()
    return made


def read_parallel_settings(fields: Fields, warnings: list[str]) -> ParallelSettings:
    """Those that a component has, and a step over them."""
    if fields.take("partition_keys"):
        hint = "Files go to run() in mini-batches of mini_batch_size."
        fields.refuse("partition_keys", "are of tables, which are not split here", hint)
    level = fields.choice("logging_level", ("debug", "info", "warning", "warn"))
    retry = fields.fields("retry_settings")
    given = {
        "mini_batch_size": _mini_batch_size(fields, warnings),
        "max_concurrency_per_instance": fields.integer("max_concurrency_per_instance", 1, 64),
        "error_threshold": fields.integer("error_threshold", -1, 2**31),
        "mini_batch_error_threshold": fields.integer("mini_batch_error_threshold", -1, 2**31),
        "max_retries": None if retry is None else retry.integer("max_retries", 0, 100),
        "timeout": None if retry is None else retry.number("timeout"),
        "logging_level": "warning" if level == "warn" else level or None,
    }
    if retry is not None:
        retry.finish()
    return ParallelSettings(**cast("Any", given))


def _mini_batch_size(fields: Fields, warnings: list[str]) -> int | None:
    """A number of files. A size is of tables: Azure splits those by it."""
    value = fields.take("mini_batch_size")
    if isinstance(value, str) and _SIZE.fullmatch(value.strip()):
        warnings.append(f"mini_batch_size {value} is of tables; files are given one by one here.")
        return None
    again = Fields({"mini_batch_size": value}, fields.label, fields.path)
    return again.integer("mini_batch_size", 1, 2**31)
