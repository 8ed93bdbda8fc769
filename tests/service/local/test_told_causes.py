"""What a real job's end tells: the line that took the memory, the path that was meant."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jupyter_aml.client import Client
from jupyter_aml.model.compute import ComputeInstance
from jupyter_aml.model.diagnosis import Diagnosis
from jupyter_aml.model.job import CellJob
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.testing.waiting import eventually_sync


def diagnosis_of(client: Client, cell: CellJob) -> Diagnosis:
    name = client.jobs.create(cell).name

    def look() -> Diagnosis | None:
        job = client.jobs.get(name)
        return job.diagnosis if job.status in JOB.final else None

    return eventually_sync(look)


@pytest.mark.skipif(sys.platform != "linux", reason="limits are enforced on Linux")
def test_the_line_that_took_the_memory(client: Client) -> None:
    smallest = min(
        (size for size in client.compute.sizes().value if not size.gpus),
        key=lambda size: size.memory_gb,
    )
    client.compute.create(ComputeInstance(name="small", size=smallest.name))
    source = "import os\nheap = []\nfor _ in range(64):\n    heap.append(os.urandom(1 << 20) * 64)"
    found = diagnosis_of(client, CellJob(source=source, compute="small"))
    assert found.rule == "out-of-memory"
    assert found.where is not None
    assert found.where.line in (3, 4)
    assert found.summary == f"out of memory, line {found.where.line}"


def test_the_path_that_was_meant(client: Client, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.csv").touch()
    found = diagnosis_of(client, CellJob(source="\nopen('train.csv')", cwd=str(tmp_path)))
    first = found.fixes[0]
    assert (first.kind, first.value) == ("replace", "train.csv\ndata/train.csv")
    assert first.label == "Use data/train.csv and run again"
