"""What this machine has. Read once at start; a container's limits count, not the host's."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import psutil

GB = 1024**3


@dataclass(frozen=True)
class Machine:
    """Cores that may be used, memory in bytes, names of GPUs by index."""

    cpus: tuple[int, ...]
    memory_bytes: int
    gpus: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def cores(self) -> int:
        return len(self.cpus)

    @property
    def memory_gb(self) -> float:
        return self.memory_bytes / GB

    @property
    def summary(self) -> str:
        """``2 cores, 8 GB, no GPU``, as the panel shows it under the workspace's name."""
        cores = "1 core" if self.cores == 1 else f"{self.cores} cores"
        gpus = {0: "no GPU", 1: "1 GPU"}.get(len(self.gpus), f"{len(self.gpus)} GPUs")
        return f"{cores}, {self.memory_gb:.0f} GB, {gpus}"


def _cpus() -> tuple[int, ...]:
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return tuple(range(os.cpu_count() or 1))


def _memory() -> int:
    """The machine's memory, or the cgroup's limit (v2, then v1) when that is smaller."""
    total = psutil.virtual_memory().total
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            text = Path("/sys/fs/cgroup", name).read_text().strip()
        except OSError:
            continue
        if text.isdigit():
            total = min(total, int(text))
    return total


async def _gpus() -> dict[str, str]:
    """GPUs that nvidia-smi names; none when it is not there or does not answer in 5 s."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return {}
    process = await asyncio.create_subprocess_exec(
        program,
        "--query-gpu=index,name",
        "--format=csv,noheader",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(), 5)
    except asyncio.TimeoutError:
        process.kill()
        return {}
    rows = [line.partition(", ") for line in out.decode().splitlines()]
    return {index: name for index, comma, name in rows if comma}


async def probe() -> Machine:
    return Machine(cpus=_cpus(), memory_bytes=_memory(), gpus=await _gpus())
