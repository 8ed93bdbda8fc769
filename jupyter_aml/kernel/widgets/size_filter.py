"""Which sizes a search leaves, and in which order; as in the dialog (``src/sizes.ts``). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from jupyter_aml.model.compute import VmSize

_CORES = re.compile(r"(\d+)\s*(?:cores?|vcpus?)\b")
_MEMORY = re.compile(r"(\d+)\s*gb\b")


def ordered(sizes: Iterable[VmSize]) -> list[VmSize]:
    """This machine's own sizes first (they are real and free), then by price."""
    return sorted(
        sizes, key=lambda s: (s.rehearsal, s.price_per_hour or 0, s.vcpus, s.memory_gb, s.name)
    )


def matching(
    sizes: Iterable[VmSize], *, search: str, kind: str, memory_gb: float, only_available: bool
) -> list[VmSize]:
    """Words of `search` must all occur; ``16 cores`` and ``64 GB`` are read as at least that."""
    text = search.lower()
    cores = max((int(count) for count in _CORES.findall(text)), default=0)
    text = _CORES.sub("", text)
    memory = max([memory_gb, *(int(count) for count in _MEMORY.findall(text))])
    words = _MEMORY.sub("", text).split()
    return [
        size
        for size in sizes
        if kind in ("all", "gpu" if size.gpus else "cpu")
        and size.vcpus >= cores
        and size.memory_gb >= memory
        and (size.available or not only_available)
        and all(word in f"{size.name} {size.gpu_model} {size.family}".lower() for word in words)
    ]


def preset(sizes: Iterable[VmSize]) -> str:
    """The smallest of this machine's with two cores, else the first that can be had; else ""."""
    available = [size for size in sizes if size.available]
    roomy = [size for size in available if not size.rehearsal and size.vcpus >= 2]
    found = roomy or available
    return found[0].name if found else ""
