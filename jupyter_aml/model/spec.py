"""What every kind of job is asked for with: inputs, outputs, distribution, and the command job.

Sweeps (`model.sweep`) and pipelines (`model.pipeline`) are made of these; `model.job` has the union
of all kinds.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from jupyter_aml.model.environment import EnvironmentContent

# -- inputs and outputs -------------------------------------------------------------------

InputType = Literal[
    "uri_file", "uri_folder", "mltable", "mlflow_model", "custom_model", "triton_model"
]
OutputType = InputType
InputMode = Literal["ro_mount", "download", "direct", "eval_mount", "eval_download"]


class Input(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A file or folder input, as a path of this machine or a reference.

    The job reads the files where they lie (ro_mount, direct), a copy of its own (download), or
    the files that an MLTable selects, as links (eval_mount) or copies (eval_download).
    """

    path: str
    """Absolute once the job was accepted; an http(s) address stays one."""
    type: InputType | None = None
    """None takes what is there."""
    mode: InputMode = "ro_mount"
    reference: str = ""
    """What ``path`` was found by: ``azureml:name:version``, ``azureml://…``. Set on acceptance."""


class Output(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A file or folder output. An empty ``path`` is the job's own outputs folder.

    What is written there directly (rw_mount, direct), or copied there at the end (upload).
    """

    path: str = ""
    """Absolute once the job was accepted, where it is not empty."""
    type: OutputType = "uri_folder"
    mode: Literal["rw_mount", "upload", "direct"] = "rw_mount"
    name: str = ""
    """Registers what it holds as a data asset of this name, once the job has completed."""
    version: str = ""
    """Of that asset; empty takes the next number."""
    reference: str = ""
    """The ``azureml://datastores/…`` that ``path`` was written as. Set on acceptance."""


Literals = str | int | float | bool
InputValue = Input | Literals


# -- distribution -------------------------------------------------------------------------


class Distribution(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """How the processes of one job find each other; Azure's variables follow from the type.

    pytorch: MASTER_ADDR, MASTER_PORT, WORLD_SIZE, NODE_RANK, RANK, LOCAL_RANK. tensorflow:
    TF_CONFIG. mpi: OMPI_COMM_WORLD_RANK, _SIZE, _LOCAL_RANK.
    """

    type: Literal["pytorch", "tensorflow", "mpi"]
    process_count_per_instance: Annotated[int, Meta(ge=1, le=64)] = 1
    worker_count: Annotated[int, Meta(ge=0)] = 0
    parameter_server_count: Annotated[int, Meta(ge=0)] = 0


# -- specs --------------------------------------------------------------------------------


class JobFields(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What every kind of job has. Durations are seconds."""

    compute: str = "local"
    display_name: str = ""
    description: str = ""
    experiment_name: str = "Default"
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}
    """Azure's own word for facts about a job that nobody sorts by: the git commit, a batch run."""
    azure: dict[str, Any] = {}
    """What a request in ARM's words said beyond the fields here; the compatible API says it again.
    Nothing is done with it."""
    parent: str = ""
    """The sweep or pipeline that this job is a part of; the service sets it."""
    environment: str = "kernel"
    """``name:version`` once the job was accepted."""
    environment_content: EnvironmentContent | None = None
    """An environment that the job describes itself; once accepted it is named by its content."""
    python: str = ""
    """The interpreter of the ``kernel`` environment: the notebook's ``sys.executable``."""
    environment_variables: dict[str, str] = {}
    code: str | None = None
    """A folder (absolute), or ``snapshot:<id>`` once the job was accepted."""
    instance_count: Annotated[int, Meta(ge=1, le=100)] = 1
    distribution: Distribution | None = None
    timeout: Annotated[float, Meta(gt=0)] | None = None
    retries: Annotated[int, Meta(ge=0, le=100)] = 0
    outputs: dict[str, Output] = {}
    warnings: list[str] = []
    """What of the request is not honoured here, in words: "image X is not run here"."""


class CommandJob(JobFields, frozen=True, tag_field="type", tag="command"):
    """Any command line, run by a shell in the code snapshot's copy."""

    command: Annotated[str, Meta(min_length=1)]
    inputs: dict[str, InputValue] = {}
    parameters: dict[str, Literals] = {}
    """Of a trial: its point of the sweep's search space, by name. The service sets it."""
    cwd: str = ""
    """Only on ``local`` without a code folder: where to run. "" is an empty folder."""
