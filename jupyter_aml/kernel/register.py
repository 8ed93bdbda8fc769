"""`aml.register`: a variable of the notebook, or a path, as a version of a model."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from jupyter_aml.client.client import Client
from jupyter_aml.client.modelfile import whole_path
from jupyter_aml.client.requestdata import request_of
from jupyter_aml.kernel import origins
from jupyter_aml.kernel.modelhandle import ModelHandle
from jupyter_aml.kernel.notebook import notebook_of
from jupyter_aml.kernel.packing import pack
from jupyter_aml.kernel.place import place_of
from jupyter_aml.kernel.shell import current_shell, namespace
from jupyter_aml.model.data import DEFAULT_DATASTORE, UNFINISHED, UPLOADS
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.names import check_name
from jupyter_aml.model.registry import CreateModel, Lineage, ModelType, Stage


def register(
    model: object,
    name: str,
    *,
    version: str = "",
    type: ModelType | Literal[""] = "",
    stage: Stage = "None",
    description: str = "",
    tags: Mapping[str, str] | None = None,
    sample: object = None,
    requirements: Sequence[str] = (),
    client: Client | None = None,
) -> ModelHandle:
    """Register `model` under `name`; the same content again is the same version.

    `model` is any object that can be pickled, functions and classes of the notebook included; or
    the path of a file or folder, ``azureml://jobs/…``, ``runs:/RUN/PATH``, as a string or a Path.
    `sample` are rows that it understands (``X_test[:5]``). `requirements` replace those that were
    found. Raise `CannotTravel` for what cannot be pickled; nothing is written then.
    """
    wanted = CreateModel(
        name=check_name("model", name),
        path="",
        version=version,
        type=type,
        stage=stage,
        description=description,
        tags=dict(tags or {}),
        sample="" if sample is None else sample_of(sample),
        requirements=list(requirements),
    )
    if isinstance(model, (str, os.PathLike)):
        return register_path(os.fspath(model), wanted, client=client)
    return register_value(_variable(model, name), model, wanted, client=client)


def register_path(path: str, wanted: CreateModel, *, client: Client | None = None) -> ModelHandle:
    """What lies at `path`, or what the reference means."""
    body = msgspec.structs.replace(wanted, path=whole_path(path), lineage=here(wanted.lineage))
    return _created(body, client)


def register_value(
    variable: str, value: object, wanted: CreateModel, *, client: Client | None = None
) -> ModelHandle:
    """`value`, which the notebook calls `variable`, pickled with all that it needs."""
    check_name("model", wanted.name)
    packed = pack(variable, value, folder=os.getcwd())
    client = client or notebook_of(current_shell()).client
    uploads = client.home / "datastores" / DEFAULT_DATASTORE / UPLOADS
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Under this name a prune clears what a killed kernel leaves.
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=uploads) as unnamed:
        folder = Path(unnamed) / wanted.name
        folder.mkdir()
        packed.write(folder)
        body = msgspec.structs.replace(
            wanted,
            path=str(folder),
            type=wanted.type or "custom_model",
            flavors=packed.flavors | wanted.flavors,
            properties=packed.properties | {"variable": variable} | wanted.properties,
            requirements=wanted.requirements or packed.requirements,
            python=sys.executable,
            lineage=here(wanted.lineage, value),
        )
        return _created(body, client)


def sample_of(value: object) -> str:
    """`value` as a request in JSON. Raise `Invalid` where JSON has no words for it."""
    try:
        return request_of(value)
    except (TypeError, ValueError) as error:
        raise Invalid(
            f"The sample cannot be written as JSON: {error}.",
            target="sample",
            hint="Give rows: a list, an array or a data frame, as in X_test[:5].",
        ) from None


def evaluated(expression: str) -> Any:
    """What `expression` is in this notebook: ``X_test[:5]`` of ``--sample``. Raise `Invalid`."""
    try:
        return eval(expression, namespace())  # noqa: S307 - the person's own, in their own kernel
    except Exception as error:  # it is code, which may raise anything
        raise Invalid(
            f"{expression!r} is nothing in this notebook: {type(error).__name__}: {error}",
            target=expression,
            hint="Run the cell that sets it first.",
        ) from None


def _created(body: CreateModel, client: Client | None) -> ModelHandle:
    client = client or notebook_of(current_shell()).client
    return ModelHandle.of(client.models.create(body), client)


def _variable(value: object, otherwise: str) -> str:
    """What the notebook calls `value`."""
    names = (name for name, known in list(namespace().items()) if known is value)
    return next((name for name in names if not name.startswith("_")), otherwise)


def here(said: Lineage, value: object = None) -> Lineage:
    """With the notebook, the cell, and the job that made `value`, as far as they are known."""
    shell = current_shell()
    if shell is None:
        return said
    place = place_of(shell)
    return msgspec.structs.replace(
        said,
        job=said.job or origins.job_of(value),
        notebook=said.notebook or place.notebook,
        cell_id=said.cell_id or place.cell_id,
    )
