"""How a process ended, for those who come after its node: in a file, or in the last frame."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_aml.model.job import CellJob, CreateJob, Job
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.service.backends.local.jobs import results
from jupyter_aml.service.backends.local.jobs.reports import Reports
from jupyter_aml.testing.waiting import eventually

NOTED = {"code": 0, "cpu_seconds": 0.25, "peak_memory": 1000, "ended": 1763762353.5}


def write(folder: Path, exit_: object, rank: int = 0) -> None:
    lines = [{"k": "mark"}, {"k": "done", "status": "ok", "exit": exit_}]
    (folder / f"frames.{rank}").write_text("".join(json.dumps(line) + "\n" for line in lines))


def exit_of(folder: Path, rank: int = 0) -> dict[str, Any] | None:
    layout = SimpleNamespace(attempt=lambda _: folder)
    live: Any = SimpleNamespace(job=SimpleNamespace(attempt=1), layout=layout)
    engine: Any = None
    return Reports(engine).exit_file(live, rank)


def test_a_cell_s_last_frame_tells_what_its_node_would_have_told(tmp_path: Path) -> None:
    write(tmp_path, NOTED, rank=3)
    found = exit_of(tmp_path, 3)
    assert found == {
        **NOTED, "signal": None, "reason": "", "message": "", "rank": 3,
        "ended": "2025-11-21T21:59:13.500000Z",
    }  # fmt: skip
    assert exit_of(tmp_path, 0) is None


def test_what_the_node_wrote_goes_first(tmp_path: Path) -> None:
    write(tmp_path, NOTED)
    (tmp_path / "exit.0").write_text('{"code":130,"reason":"Canceled"}')
    found = exit_of(tmp_path)
    assert found is not None
    assert found["reason"] == "Canceled"


@pytest.mark.parametrize("half", ["", '{"code":130,"rea'])
def test_half_of_a_file_is_none(tmp_path: Path, half: str) -> None:
    (tmp_path / "exit.0").write_text(half)
    assert exit_of(tmp_path) is None
    write(tmp_path, NOTED)
    assert (exit_of(tmp_path) or {})["code"] == 0


@pytest.mark.parametrize(
    "wrong",
    [None, {}, "0", 7, {**NOTED, "code": "0"}, {**NOTED, "ended": 1e300}, {**NOTED, "ended": -1}],
)
def test_what_is_no_exit_is_none(tmp_path: Path, wrong: object) -> None:
    """A program may write into its frames, and must not keep the next service from starting."""
    write(tmp_path, wrong)
    assert results.noted_exit(tmp_path, 0) is None


async def test_it_holds_what_the_receipt_says(backend: LocalBackend) -> None:
    spec = CellJob(source="sum(range(200_000))", session="s")
    await backend.jobs.create(body=CreateJob(name="cell", spec=spec))

    async def job() -> Job:
        return await backend.jobs.get("cell")

    async def has_ended() -> bool:
        return (await job()).status in JOB.final

    await eventually(has_ended)
    assert backend._engine is not None
    found = exit_of(backend._engine.folders.layout("cell").attempt(1))
    receipt = (await job()).receipt
    assert found is not None
    assert receipt is not None
    assert (found["code"], round(found["cpu_seconds"], 3)) == (0, receipt.cpu_seconds)
    assert 0 < receipt.peak_memory_bytes < found["peak_memory"] + (1 << 20)
