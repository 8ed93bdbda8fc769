"""Before a job is sent: what it will cost, take along and meet, and what would go wrong."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jupyter_aml.model.fix import Fix
from jupyter_aml.model.job import JobSpec
from jupyter_aml.model.waiting import UsualStart


class CheckJob(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `jobs.preflight`: a spec, or what a browser knows of a cell that has not run."""

    spec: JobSpec | None = None
    compute: str = ""
    """"" is the preferred one. This and what follows count when there is no ``spec``."""
    environment: str = "kernel"
    python: str = ""
    """The kernel's interpreter, where the caller knows it."""
    source: str = ""
    """The cell as it stands, with or without its ``%%aml`` line."""
    folder: str = ""
    """The notebook's folder, absolute or from the home folder (``~/…``)."""
    instance_count: Annotated[int, Meta(ge=1, le=100)] = 1
    session: str = ""


class Problem(msgspec.Struct, rename="camel", frozen=True, omit_defaults=True, kw_only=True):
    """One thing that would go wrong, or may."""

    code: str
    """An error's code, or a word of the check itself: MissingModule, CannotTravel, ..."""
    cause: str
    where: str = ""
    """A variable, a module, a file, a line of the cell."""
    severity: Literal["error", "warning"] = "error"
    """An error would be refused or would fail; a warning may be meant."""
    fix: Fix | None = None


class QuotaLeft(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Cores that this compute may use of the row that runs out first. ``holders``: the others."""

    name: str
    left: int
    limit: int
    holders: list[str] = []


class BigFile(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    path: str
    bytes: int


class Ships(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The code folder as it would travel; nothing travels to the compute ``local``."""

    files: int = 0
    bytes: int = 0
    limit_bytes: int = 0
    complete: bool = True
    """False: the folder is so large that counting it was stopped; there is more than this."""
    largest: list[BigFile] = []
    """The few largest files, largest first."""
    left_out: list[str] = []


class EnvironmentCheck(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The environment as far as the service can know it."""

    name: str
    python: str = ""
    """Its interpreter, where there is one already."""
    missing: list[str] = []
    """Top-level modules that the source imports and the environment lacks."""
    checked: bool = True
    """False: what it holds could not be looked at in time, so ``missing`` says nothing."""


class Preflight(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The pre-flight strip. What a kernel knows besides (variables) is merged by the front end."""

    compute: str
    state: str = ""
    type: str = ""
    size: str = ""
    """Empty for ``local``, which is the whole machine."""
    vcpus: int = 0
    memory_gb: float = 0
    gpus: float = 0
    gpu_model: str = ""
    nodes: int = 1
    price_per_hour: float | None = None
    """Of all nodes of this job together; None where it costs nothing."""
    low_priority: bool = False
    rehearsal: bool = False
    """The price is what it would be in Azure."""
    quota: QuotaLeft | None = None
    start: UsualStart | None = None
    """None while this person has too few starts like it."""
    ships: Ships | None = None
    environment: EnvironmentCheck | None = None
    """None for a pipeline, whose steps have their own."""
    environments: list[EnvironmentCheck] = []
    """Of a pipeline: those of its steps, each once."""
    problems: list[Problem] = []


class TravellingName(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A variable that would go along."""

    name: str
    type: str
    bytes: int
    exact: bool = False
    """False: estimated, nothing was pickled."""


class KernelPreflight(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What only the kernel knows: answered by ``jupyter_aml.kernel.preflight``, as JSON."""

    compute: str = ""
    """From the cell's line, the notebook or the preferences."""
    environment: str = "kernel"
    python: str = ""
    folder: str = ""
    instance_count: int = 1
    session: str = ""
    names: list[TravellingName] = []
    bytes: int = 0
    missing: list[str] = []
    problems: list[Problem] = []
