"""The size catalogue of a local workspace, and what a node of a size gets here.

``local.*`` sizes are real parts of this machine and are refused when they do not fit. Azure's
sizes are there for rehearsal: a node gets the smaller of its size and a fair share of this
machine, and says so; its price is Azure's list price, for the time it took here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import msgspec

from jupyter_aml.model.compute import Tier, VmSize
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.service.backends.local.machine.probe import GB, Machine

_LOCAL = re.compile(r"^local\.(\d{1,4})cpu-(\d{1,5})gb(?:-(\d{1,2})gpu)?$")
_HEADROOM = 0.9
"""Part of the machine's memory that nodes may be given; the rest is the system's and ours."""


class _Row(msgspec.Struct, rename="camel"):
    name: str
    family: str
    vcpus: int
    memory_gb: float
    gpus: float
    gpu_model: str
    disk_gb: float
    low_priority_capable: bool
    supported_compute_types: list[str]
    price_per_hour: float | None


class _Catalogue(msgspec.Struct, rename="camel"):
    note: str
    as_of: str
    region: str
    low_priority_factor: float
    sizes: list[_Row]


@lru_cache(maxsize=1)
def _catalogue() -> _Catalogue:
    text = resources.files("jupyter_aml.model").joinpath("vm_sizes.json").read_bytes()
    return msgspec.json.decode(text, type=_Catalogue)


@dataclass(frozen=True)
class Share:
    """What one node really gets. ``memory_bytes`` 0 means no limit."""

    cores: int
    memory_bytes: int
    gpus: int
    note: str = ""


def price_note() -> str:
    catalogue = _catalogue()
    return (
        f"Azure list prices, approximate, as of {catalogue.as_of}, {catalogue.region}, Linux; "
        "low priority is an estimate. On a local workspace nothing is charged: a price is what "
        "the same time would list at."
    )


def price(size: VmSize, tier: Tier) -> float | None:
    return size.low_priority_price_per_hour if tier == "low_priority" else size.price_per_hour


class Sizes:
    """The catalogue for one machine."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._local = {size.name: size for size in _local_sizes(machine)}
        self._azure = {size.name.lower(): size for size in _azure_sizes()}

    def list(self, compute_type: str = "") -> tuple[VmSize, ...]:
        everything = (*self._local.values(), *self._azure.values())
        if not compute_type:
            return everything
        return tuple(s for s in everything if compute_type in s.supported_compute_types)

    @property
    def default(self) -> str:
        """What an empty ``size`` means: the smallest real part of this machine."""
        return next(iter(self._local))

    def get(self, name: str) -> VmSize:
        """The size of that name. Raises `NotFound` with the nearest names, or `Invalid` if it
        is a local one that this machine cannot hold."""
        found = self._local.get(name) or self._azure.get(name.lower())
        found = found or self._azure.get("standard_" + name.lower())
        if found is not None:
            return found
        if match := _LOCAL.match(name):
            return self._custom(name, *(int(group or 0) for group in match.groups()))
        import difflib

        near = difflib.get_close_matches(name, [*self._local, *self._names()], 3, 0.5)
        raise NotFound(
            f"There is no size {name!r}.",
            target="size",
            hint=(f"Nearest: {', '.join(near)}. " if near else "")
            + "List all with `%aml compute sizes`.",
        )

    def _names(self) -> Sequence[str]:
        return [size.name for size in self._azure.values()]

    def _custom(self, name: str, cores: int, memory_gb: int, gpus: int) -> VmSize:
        machine = self.machine
        memory = math.floor(machine.memory_gb * _HEADROOM)
        if cores < 1 or memory_gb < 1:
            raise Invalid(f"Size {name!r} has no core or no memory.", target="size")
        if cores > machine.cores or memory_gb > memory or gpus > len(machine.gpus):
            raise Invalid(
                f"Size {name} is bigger than this machine, which can give "
                f"{machine.cores} cores, {memory} GB and {len(machine.gpus)} GPUs.",
                target="size",
                hint=f"Take {list(self._local)[-1]}, or an Azure size to rehearse with.",
            )
        return _local_size(machine, cores, memory_gb, gpus)

    def share(self, size: VmSize, nodes: int) -> Share:
        """What each of `nodes` nodes of `size` gets on this machine."""
        if not size.rehearsal:
            return Share(size.vcpus, int(size.memory_gb * GB), int(size.gpus))
        machine = self.machine
        cores = min(size.vcpus, max(1, machine.cores // max(1, nodes)))
        fair = machine.memory_bytes * _HEADROOM / max(1, nodes)
        memory = int(min(size.memory_gb * GB, fair))
        gpus = min(math.ceil(size.gpus), len(machine.gpus) // max(1, nodes))
        return Share(cores, memory, gpus, _note(size, cores, memory, gpus))


def _note(size: VmSize, cores: int, memory: int, gpus: int) -> str:
    parts: list[str] = []
    if cores < size.vcpus:
        parts.append(f"{cores} of {size.vcpus} cores")
    if memory < size.memory_gb * GB:
        parts.append(f"{memory / GB:.1f} of {size.memory_gb:.0f} GB")
    if gpus < size.gpus:
        parts.append("no GPU here" if not gpus else f"{gpus} of {size.gpus:g} GPUs")
    return f"rehearsal: {', '.join(parts) or 'full size'}"


def _local_size(machine: Machine, cores: int, memory_gb: int, gpus: int) -> VmSize:
    model = next(iter(machine.gpus.values()), "") if gpus else ""
    return VmSize(
        name=f"local.{cores}cpu-{memory_gb}gb" + (f"-{gpus}gpu" if gpus else ""),
        family="local",
        vcpus=cores,
        memory_gb=memory_gb,
        gpus=gpus,
        gpu_model=model,
        supported_compute_types=["amlcompute", "computeinstance"],
    )


def _local_sizes(machine: Machine) -> Sequence[VmSize]:
    """Doubling core counts with 2, 4 and 8 GB a core as far as they fit, then the whole."""
    most = max(1, math.floor(machine.memory_gb * _HEADROOM))
    pairs = {
        (cores, cores * per_core)
        for per_core in (2, 4, 8)
        for cores in (1, 2, 4, 8, 16, 32, 64, 128)
        if cores <= machine.cores and cores * per_core <= most
    }
    pairs.add((machine.cores, most))
    sizes = [_local_size(machine, cores, memory, 0) for cores, memory in sorted(pairs)]
    if machine.gpus:
        sizes.append(_local_size(machine, machine.cores, most, len(machine.gpus)))
    return sizes


def _azure_sizes() -> Sequence[VmSize]:
    catalogue = _catalogue()
    return [
        VmSize(
            name=row.name,
            family=row.family,
            vcpus=row.vcpus,
            memory_gb=row.memory_gb,
            gpus=row.gpus,
            gpu_model=row.gpu_model,
            disk_gb=row.disk_gb,
            price_per_hour=row.price_per_hour,
            low_priority_price_per_hour=(
                round(row.price_per_hour * catalogue.low_priority_factor, 4)
                if row.price_per_hour is not None and row.low_priority_capable
                else None
            ),
            price_as_of=catalogue.as_of,
            price_region=catalogue.region,
            rehearsal=True,
            supported_compute_types=row.supported_compute_types,
        )
        for row in catalogue.sizes
    ]
