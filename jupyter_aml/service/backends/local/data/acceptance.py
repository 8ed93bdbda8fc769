"""Inputs and outputs of a job, resolved and refused before it is accepted. Nothing is kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import msgspec

from jupyter_aml.model.data import DEFAULT_DATASTORE, CreateData
from jupyter_aml.model.errors import AmlError, Conflict, Invalid, NotFound
from jupyter_aml.model.job import (
    CellJob,
    CommandJob,
    Input,
    InputType,
    JobSpec,
    NodeSpec,
    NotebookJob,
    Output,
)
from jupyter_aml.model.references import Asset, InDatastore, OnMachine, Web, in_datastore, parse
from jupyter_aml.service.backends.local.data.places import NAME, inputs_of
from jupyter_aml.service.content import UPLOADS
from jupyter_aml.service.data import mltable
from jupyter_aml.service.data.locator import Located

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

_MODELS = ("mlflow_model", "custom_model", "triton_model")
_NOTHING = "Nothing was started."

T = TypeVar("T", bound=AmlError)


def check(engine: Engine, spec: NodeSpec) -> NodeSpec:
    """`spec` with paths instead of references. Raises what `jobs.create` would."""
    data = {name: _input(engine, name, value) for name, value in inputs_of(spec).items()}
    if data and isinstance(spec, CommandJob):
        spec = msgspec.structs.replace(spec, inputs={**spec.inputs, **data})
    elif data and isinstance(spec, CellJob):
        spec = msgspec.structs.replace(spec, data=data)
    elif data and isinstance(spec, NotebookJob):
        spec = msgspec.structs.replace(spec, inputs=data)
    if not spec.outputs:
        return spec
    outputs = {name: _output(engine, name, value) for name, value in spec.outputs.items()}
    return msgspec.structs.replace(spec, outputs=outputs)


def assets_of(spec: JobSpec) -> list[str]:
    """The versions of assets that a settled job reads, as references."""
    data = [value for value in inputs_of(spec).values() if value.type not in _MODELS]
    told = (value.reference for value in data)
    return sorted({one for one in told if one.startswith("azureml:") and "://" not in one})


# -- inputs ---------------------------------------------------------------------------------


def _input(engine: Engine, name: str, value: Input) -> Input:
    where = f"inputs.{name}"
    try:
        text = value.reference or value.path  # the spec of a job that was accepted before has both
        reference = parse(text)
        if isinstance(reference, OnMachine):
            return _on_machine(where, name, value)
        if isinstance(reference, Asset) and value.type in _MODELS:
            model = engine.models.catalogue.find(text)
            located = Located(model.local_path, model.reference)
        else:
            located = engine.data.locator.locate(text)
        if isinstance(reference, Web) or "://" in located.path:
            return _on_the_web(where, value, located)
        return _checked(where, value, located)
    except AmlError as error:
        raise _at(error, where) from None


def _on_machine(where: str, name: str, value: Input) -> Input:
    path = Path(os.path.expanduser(value.path.removeprefix("file://")))
    kind = value.type or ("uri_file" if path.is_file() else "uri_folder")
    there = path.is_file() if kind == "uri_file" else path.is_dir()
    if kind in _MODELS:
        there = path.exists()
    if not there:
        what = "file" if kind == "uri_file" else "folder"
        raise NotFound(
            f"The {what} {value.path} of input {name} is not there.",
            target=where,
            hint="Mend the path; a relative one counts from the file.",
        )
    return _checked(where, value, Located(str(path)))


def _on_the_web(where: str, value: Input, located: Located) -> Input:
    if value.type not in (None, "uri_file"):
        raise Invalid(
            f"{located.path} is one file, and cannot be {value.type}.",
            target=where,
            hint="Take type: uri_file, or copy the folder to this machine.",
        )
    return msgspec.structs.replace(
        value, path=located.path, type="uri_file", reference=located.reference
    )


def _checked(where: str, value: Input, located: Located) -> Input:
    path = Path(located.path)
    kind = value.type or _kind(located, path)
    if kind not in _MODELS and (kind == "uri_file") != path.is_file():
        there = "file" if path.is_file() else "folder"
        raise Invalid(
            f"The type is {kind}, but {located.reference or path} is a {there}.",
            target=f"{where}.type",
            hint=f"Write type: uri_{there}.",
        )
    if kind == "mltable":
        mltable.check(path)
    elif value.mode.startswith("eval"):
        raise Invalid(
            f"The mode {value.mode} is of an mltable, and the input is a {kind}.",
            target=f"{where}.mode",
            hint="Take ro_mount, download or direct.",
        )
    return msgspec.structs.replace(value, path=located.path, type=kind, reference=located.reference)


def _kind(located: Located, path: Path) -> InputType:
    if located.data is not None:
        return cast("InputType", located.data.type)
    return "uri_file" if path.is_file() else "uri_folder"


# -- outputs --------------------------------------------------------------------------------


def _output(engine: Engine, name: str, output: Output) -> Output:
    try:
        if output.name or output.version:
            _check_named(engine, name, output)
        if not output.path:
            return output
        return _with_goal(engine, name, output)
    except AmlError as error:
        raise _at(error, f"outputs.{name}") from None


def _check_named(engine: Engine, name: str, output: Output) -> None:
    if not output.name:
        raise Invalid(
            f"The output {name} has a version and no name.",
            target=name,
            hint="Name the data asset that it is a version of, or leave the version out.",
        )
    catalogue = engine.data.catalogue
    catalogue.check(CreateData(name=output.name, path="-", version=output.version))
    if output.version and catalogue.has(output.name, output.version):
        raise Conflict(
            f"{output.name}:{output.version} exists already.",
            target=name,
            hint="Leave the version out to make the next one.",
        )


def _with_goal(engine: Engine, name: str, output: Output) -> Output:
    text = (output.reference or output.path).replace("${{output_name}}", name)
    text = text.replace("${{default_datastore}}", DEFAULT_DATASTORE)
    reference = parse(text)
    if isinstance(reference, OnMachine):
        path = os.path.expanduser(text.removeprefix("file://"))
        if not os.path.isabs(path):
            raise Invalid(
                f"The path of output {name} is relative.",
                target=f"outputs.{name}.path",
                hint="Give an absolute path, or leave it out for the job's own outputs folder.",
            )
        return msgspec.structs.replace(output, path=path)
    if not isinstance(reference, InDatastore):
        raise Invalid(
            f"An output cannot be written to {text}.",
            target=f"outputs.{name}.path",
            hint="Write azureml://datastores/NAME/paths/PATH, a path of this machine, or nothing.",
        )
    store, inner = reference.datastore, reference.path.rstrip("/")
    if not inner or (store == DEFAULT_DATASTORE and inner.split("/")[0] == UPLOADS):
        raise Invalid(
            f"An output cannot be written to {text}: what lies there stays as it is.",
            target=f"outputs.{name}.path",
            hint=f"Write to a folder of your own: azureml://datastores/{store}/paths/{NAME}/{name}",
        )
    goal = engine.data.datastores.goal(store, inner)
    return msgspec.structs.replace(output, path=str(goal), reference=in_datastore(store, inner))


def _at(error: T, where: str) -> T:
    """The same refusal, saying which input or output it is about."""
    hint = f"{error.hint} {_NOTHING}" if _NOTHING not in error.hint else error.hint
    found = error.at(error.target if error.target.startswith(where) else where)
    found.hint = hint.strip()
    return found
