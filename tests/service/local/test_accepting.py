"""Many jobs of one request: what they have in common is settled once, what is their own is not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from jupyter_aml.model.errors import AmlError
from jupyter_aml.model.job import CellInputs, CellJob, CommandJob, JobSpec
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.service.backends.local.jobs.acceptance import Acceptance

CELL = CellJob(source="print(1)", python=sys.executable, collect=[], tags={"kind": "sweep"})


@pytest.fixture
def acceptance(backend: LocalBackend) -> Acceptance:
    return Acceptance(cast("Any", backend)._engine)


async def test_jobs_that_come_together_are_settled_as_each_would_be_alone(
    acceptance: Acceptance, tmp_path: Path
) -> None:
    specs: list[JobSpec] = [
        CELL,
        msgspec.structs.replace(CELL, source="# a title?\nprint(2)"),
        msgspec.structs.replace(CELL, source="print(3)", session="a"),
        msgspec.structs.replace(CELL, variables=CellInputs(pickle=b"x", imports=["import os"])),
        msgspec.structs.replace(CELL, display_name="named"),
        CommandJob(command="true"),
        msgspec.structs.replace(CELL, timeout=5.0, cwd=str(tmp_path)),
        msgspec.structs.replace(CELL, tags={}, source="print(4)"),
        msgspec.structs.replace(CELL, source="print(5)"),
    ]
    together = await acceptance.settle_all(specs)
    assert together == [await acceptance.settle(spec) for spec in specs]
    assert together[1].display_name == "print(2)"


@pytest.mark.parametrize(
    "own",
    [
        {"source": " \n"},
        {"session": "no name"},
        {"variables": CellInputs(pickle=bytes(33 << 20))},
        {"instance_count": 2},
        {"environment": "nowhere"},
        {"cwd": "/no/such/folder"},
    ],
    ids=lambda own: next(iter(own)),
)
async def test_a_cell_like_the_one_before_it_is_refused_for_what_is_its_own(
    acceptance: Acceptance, own: dict[str, Any]
) -> None:
    wrong = msgspec.structs.replace(CELL, **own)
    with pytest.raises(AmlError) as alone:
        await acceptance.settle(wrong)
    with pytest.raises(AmlError) as together:
        await acceptance.settle_all([CELL, CELL, wrong])
    assert together.value.message == alone.value.message
