"""Compute: where jobs run. A spec is what was asked, the rest of `Compute` is what is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Tier = Literal["dedicated", "low_priority"]


class VmSize(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """An entry of the size catalogue.

    ``local.*`` sizes are real parts of this machine and cost nothing; the others are Azure's
    (catalogue: `model/vm_sizes.json`), on a local workspace for rehearsal only. Prices are US
    dollars per hour of one node, approximate, as of ``price_as_of``; the low-priority price is
    an estimate.
    """

    name: str
    family: str
    vcpus: int
    memory_gb: float
    gpus: float = 0
    gpu_model: str = ""
    disk_gb: float = 0
    price_per_hour: float | None = None
    low_priority_price_per_hour: float | None = None
    price_as_of: str = ""
    price_region: str = ""
    rehearsal: bool = False
    supported_compute_types: list[str] = []
    available: bool = True
    reason: str = ""
    """Why it cannot be had, or what a rehearsal node gets: "rehearsal: 1 of 4 cores"."""
    nearest: str = ""
    """The nearest size that can be had, when this one cannot."""


class AmlCompute(
    msgspec.Struct, rename="camel", frozen=True, kw_only=True, tag_field="type", tag="amlcompute"
):
    """A cluster: scales between min and max nodes on queued work. Times are seconds."""

    name: str
    size: str = ""
    """"" asks for the recommended local size."""
    min_instances: Annotated[int, Meta(ge=0, le=100)] = 0
    max_instances: Annotated[int, Meta(ge=1, le=100)] = 1
    idle_time_before_scale_down: Annotated[int, Meta(ge=0, le=86_400)] = 120
    tier: Tier = "dedicated"
    description: str = ""
    tags: dict[str, str] = {}


class ComputeInstance(
    msgspec.Struct,
    rename="camel",
    frozen=True,
    kw_only=True,
    tag_field="type",
    tag="computeinstance",
):
    """One machine of one user. ``idle_time_before_shutdown_minutes``: None never shuts down."""

    name: str
    size: str = ""
    idle_time_before_shutdown_minutes: Annotated[int, Meta(ge=1, le=4320)] | None = 60
    description: str = ""
    tags: dict[str, str] = {}


class LocalCompute(
    msgspec.Struct, rename="camel", frozen=True, kw_only=True, tag_field="type", tag="local"
):
    """This machine. Always there; cannot be created, stopped or deleted."""

    name: str = "local"
    description: str = "This machine"
    size: str = ""
    tags: dict[str, str] = {}


class AttachedCompute(
    msgspec.Struct, rename="camel", frozen=True, kw_only=True, tag_field="type", tag="attached"
):
    """A machine that somebody else runs, joined to this workspace. Body of `compute.attach`.

    Jobs run on it, nothing starts, stops or deletes it; it goes as it came, by `compute.detach`.
    """

    name: str
    kind: str = "ssh"
    """How it is reached: the name of an entry point in ``jupyter_aml.attached_computes``."""
    config: dict[str, Any] = {}
    """What that kind needs to know; for ``ssh`` host, user, port, identity_file and the like."""
    description: str = ""
    resource_id: str = ""
    """Azure's id of the machine, where it was attached through the compatible API."""
    size: str = ""
    """Always empty: the machine is what it is."""
    tags: dict[str, str] = {}


ComputeSpec = AmlCompute | ComputeInstance | LocalCompute | AttachedCompute


class AttachedMachine(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What was found on an attached machine when it was reached last."""

    cores: int
    max_jobs: int = 0
    """Jobs that it takes at once; 0 is one for each core."""
    memory_bytes: int = 0
    disk_free_bytes: int = 0
    system: str = ""
    """Its operating system and architecture: ``Linux x86_64``."""
    python: str = ""
    """The version of the interpreter that runs there: ``3.11.2``."""
    address: str = ""
    """What is reached, as its kind writes it: ``ubuntu@vm1:2222``."""
    warnings: list[str] = []
    """What works and may still surprise, in words."""


class UpdateCompute(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Fields of a compute that may change after creation; None leaves one as it is."""

    min_instances: Annotated[int, Meta(ge=0, le=100)] | None = None
    max_instances: Annotated[int, Meta(ge=1, le=100)] | None = None
    idle_time_before_scale_down: Annotated[int, Meta(ge=0, le=86_400)] | None = None
    idle_time_before_shutdown_minutes: Annotated[int, Meta(ge=0, le=4320)] | None = None
    """0 means never."""
    description: str | None = None
    tags: dict[str, str] | None = None


class Sample(msgspec.Struct, rename="camel", frozen=True, kw_only=True, omit_defaults=True):
    """One measurement of a node or a job's whole process tree.

    ``cpu`` is cores in use (1.5 = one and a half), memory and disk are bytes, ``gpu`` is the
    mean utilisation (0 to 1) of its GPUs or None where there are none.
    """

    time: str
    cpu: float
    memory_bytes: int
    memory_limit_bytes: int = 0
    disk_read_bytes: int = 0
    disk_write_bytes: int = 0
    disk_free_bytes: int = 0
    gpu: float | None = None
    gpu_memory_bytes: int | None = None


class Node(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One member of a compute. ``state`` is a word of `lifecycle.NODE`."""

    name: str
    compute: str
    state: str
    size: str = ""
    jobs: list[str] = []
    sessions: list[str] = []
    cpus: list[int] = []
    memory_limit_bytes: int = 0
    gpus: list[str] = []
    pid: int | None = None
    created_at: str = ""
    state_since: str = ""
    note: str = ""
    """What a rehearsal node really got: "rehearsal: 1 of 4 cores, 2.0 of 16.0 GB"."""
    sample: Sample | None = None


class Compute(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A compute as it is. ``state`` is a word of `lifecycle.INSTANCE`, `CLUSTER` or `ATTACHED`.

    The compute ``local`` is always Running. ``target_nodes`` is what the scaler wants.
    """

    spec: ComputeSpec
    state: str
    reason: str = ""
    created_at: str = ""
    state_since: str = ""
    current_nodes: int = 0
    target_nodes: int = 0
    idle_nodes: int = 0
    running_jobs: int = 0
    queued_jobs: int = 0
    price_per_hour: float | None = None
    """List price of what is up now; on a local workspace "would be"."""
    rehearsal: bool = False
    error: str = ""
    machine: AttachedMachine | None = None
    """Of an attached one alone."""

    @property
    def name(self) -> str:
        return self.spec.name


class ComputeList(msgspec.Struct, rename="camel", frozen=True):
    value: list[Compute]


class NodeList(msgspec.Struct, rename="camel", frozen=True):
    nodes: list[Node]


class SizeList(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    value: list[VmSize]
    note: str = ""
    """How exact the prices are, in words, for every surface to show."""


class Usage(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Cores (or clusters) in use against their limit, per family and in total."""

    name: str
    current_value: int
    limit: int
    unit: str = "Count"
    holders: list[str] = []
    """Which computes hold it: "cpu-cluster: 2 nodes x 4 cores"."""


class UsageList(msgspec.Struct, rename="camel", frozen=True):
    value: list[Usage]


class SampleList(msgspec.Struct, rename="camel", frozen=True):
    """History, oldest first."""

    value: list[Sample]


class Evict(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Take back low-priority nodes: one by name, or all of the compute."""

    node: str = ""
