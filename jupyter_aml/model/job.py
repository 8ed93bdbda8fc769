"""Jobs: a frozen spec of what was asked, and what was observed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from jupyter_aml.model.diagnosis import Diagnosis
from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.model.fix import Stage
from jupyter_aml.model.pipeline import PipelineJob as PipelineJob
from jupyter_aml.model.pipeline import ReusedJob as ReusedJob
from jupyter_aml.model.spec import CommandJob as CommandJob
from jupyter_aml.model.spec import Distribution as Distribution
from jupyter_aml.model.spec import Input as Input
from jupyter_aml.model.spec import InputMode as InputMode
from jupyter_aml.model.spec import InputType as InputType
from jupyter_aml.model.spec import InputValue as InputValue
from jupyter_aml.model.spec import JobFields
from jupyter_aml.model.spec import Literals as Literals
from jupyter_aml.model.spec import Output as Output
from jupyter_aml.model.spec import OutputType as OutputType
from jupyter_aml.model.sweep import SweepJob as SweepJob

# -- what a cell carries ------------------------------------------------------------------


class Segment(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Out-of-band buffers (pickle 5) of a cell's variables, in one file.

    ``path`` is a file of the shared-memory pool (or of the spool folder when it has none);
    ``lengths`` are the buffers' sizes in bytes, in order, each starting on a 64-byte border.
    """

    path: str
    lengths: list[int]


class CellInputs(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Variables that travel with a cell: a cloudpickle of ``{name: value}`` plus its buffers."""

    names: list[str] = []
    pickle: bytes = b""
    segment: Segment | None = None
    imports: list[str] = []
    """Import statements to repeat there: ``import numpy as np``."""


# -- specs ---------------------------------------------------------------------------------


class CellJob(JobFields, frozen=True, tag_field="type", tag="cell"):
    """One notebook cell, run as a job: what it reads travels with it, what it sets comes back."""

    source: str
    variables: CellInputs = CellInputs()
    collect: list[str] | None = None
    """Names to bring back; None brings every name the cell assigns, [] none."""
    session: str = ""
    """Keeps the process under this name; "" is a fresh process."""
    cwd: str = ""
    """On ``local``: the notebook's folder."""
    notebook: str = ""
    """Path of the notebook as Jupyter Server knows it; "" if unknown."""
    cell_id: str = ""
    execution_count: int = 0
    data: dict[str, Input] = {}
    """Data that the cell reads: each name is a variable of it that holds the path."""
    preload: list[str] = []
    """Top-level packages this notebook's recent cells imported: the zygote loads them ahead."""


class NotebookJob(JobFields, frozen=True, tag_field="type", tag="notebook"):
    """A whole notebook with parameters, run from its first cell to its last.

    The executed copy is the job's output ``notebook``; it grows cell by cell.
    """

    content: Annotated[str, Meta(min_length=2)]
    """The notebook as nbformat 4 JSON. Its outputs need not travel: they are made anew."""
    parameters: dict[str, Any] = {}
    """Assigned in a cell after the one tagged ``parameters``, as papermill does it."""
    inputs: dict[str, Input] = {}
    """Data that it reads: each name is a further parameter, which holds the path."""
    notebook: str = ""
    """Path of the notebook's file; its name becomes the executed copy's. "" if unknown."""
    cwd: str = ""
    """On ``local``: the notebook's folder."""


class KernelJob(JobFields, frozen=True, tag_field="type", tag="kernel"):
    """A notebook's kernel on a compute instance, made by `kernels.start`; it runs until ended.

    It takes no place of the instance: jobs that the notebook sends there run beside it.
    """

    kernel: Annotated[str, Meta(min_length=1)]
    """Jupyter's id of it."""
    notebook: str = ""
    cwd: str = ""
    """The notebook's folder."""


NodeSpec = CommandJob | CellJob | NotebookJob | KernelJob
"""Kinds that run on nodes."""

ParentSpec = SweepJob | PipelineJob | ReusedJob
"""Kinds that are made of other jobs, and take no compute themselves."""

JobSpec = NodeSpec | ParentSpec


class CreateJob(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `jobs.create` and `jobs.run`.

    The same ``name`` with the same spec is the same job; with another spec it is a Conflict.
    """

    spec: JobSpec
    name: str = ""


class UpdateJob(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `jobs.update`; None leaves a field as it is. What a job runs never changes."""

    display_name: str | None = None
    description: str | None = None
    tags: dict[str, str] | None = None
    """All of them: one that is left out is taken away."""
    properties: dict[str, str] | None = None
    """As `tags`."""


# -- observed -----------------------------------------------------------------------------


class Receipt(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What a job took, and what that time lists at in Azure.

    ``seconds`` is node time: from when the job was given its nodes to its end, over all of them
    and every attempt; its share of it where an instance ran several jobs at once. ``list_price``
    is None for ``local.*`` sizes; it is rehearsal money ("would be") on a local workspace: Azure's
    own time and start-up differ. The ledger (`costs.ledger`) sums to it.
    """

    size: str
    nodes: int
    seconds: float
    queued_seconds: float = 0
    preparing_seconds: float = 0
    stages: dict[Stage, float] = {}
    """Seconds of each stage of its last attempt that took time."""
    peak_memory_bytes: int = 0
    cpu_seconds: float = 0
    price_per_hour: float | None = None
    list_price: float | None = None
    price_as_of: str = ""
    rehearsal: bool = True


class ResultInfo(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Which variables a cell job left, and how large they are in bytes."""

    names: dict[str, int] = {}
    kept: dict[str, str] = {}
    """Names that did not come back, and why, in words."""
    path: str = ""
    """The result file (read-only), for clients on this machine."""
    lengths: list[int] = []
    """Sizes of its out-of-band buffers; see `Segment`."""


class Job(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A job as it is. ``status`` is a word of `lifecycle.JOB`, which are Azure's own."""

    name: str
    spec: JobSpec
    status: str
    status_reason: str = ""
    error: ErrorBody | None = None
    created_at: str
    started_at: str | None = None
    ended_at: str | None = None
    exit_code: int | None = None
    attempt: int = 0
    nodes: list[str] = []
    archived: bool = False
    last_seq: int = 0
    progress: float | None = None
    """0 to 1, when the job reports it."""
    doing: str = ""
    """What it says of its progress: "epoch 7 of 20"."""
    outputs: dict[str, str] = {}
    """Name of the output to its folder or file here."""
    registered: dict[str, str] = {}
    """Name of the output to the data asset that it became: ``azureml:name:version``."""
    new_files: list[str] = []
    """Files the job left in its working folder, relative to it."""
    result: ResultInfo | None = None
    receipt: Receipt | None = None
    warnings: list[str] = []
    diagnosis: Diagnosis | None = None
    """Why it failed, where a rule is sure."""
    best_child: str = ""
    """Of a sweep: the job of its best trial, once one has logged the primary metric."""
    models: list[str] = []
    """References of the models registered from it; told by `jobs.get` alone."""


class JobSummary(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A job's row in a list: everything but its code and variables."""

    name: str
    type: str
    display_name: str
    status: str
    status_reason: str = ""
    error: ErrorBody | None = None
    compute: str = ""
    created_at: str = ""
    started_at: str | None = None
    ended_at: str | None = None
    exit_code: int | None = None
    attempt: int = 0
    experiment_name: str = ""
    tags: dict[str, str] = {}
    instance_count: int = 1
    archived: bool = False
    progress: float | None = None
    doing: str = ""
    session: str = ""
    notebook: str = ""
    cell_id: str = ""
    list_price: float | None = None
    outputs: dict[str, str] = {}
    parent: str = ""
    """The sweep or pipeline that it is a part of."""
    cause: str = ""
    """Why it failed in a few words, where a rule is sure: "out of memory, line 12"."""


class JobPage(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Newest first. ``next`` is what to pass as ``after`` for the next page, or empty."""

    value: list[JobSummary]
    next: str = ""


class Session(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A kept process: state stays between the cells of one ``--session NAME``."""

    name: str
    compute: str
    node: str
    state: Literal["idle", "running"]
    created_at: str
    last_used_at: str
    pid: int
    memory_bytes: int = 0
    idle_limit_seconds: int = 0


class SessionList(msgspec.Struct, rename="camel", frozen=True):
    value: list[Session]


class Snapshot(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A code folder as it would travel."""

    id: str
    files: int
    bytes: int
    left_out: list[str] = []
    """Patterns or folders left out, and by which ignore file."""


class FileEntry(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    path: str
    bytes: int


class FileList(msgspec.Struct, rename="camel", frozen=True):
    value: list[FileEntry]


class CellRun(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The newest run of one cell of one notebook, for re-attachment."""

    job: str
    status: str
    last_seq: int
