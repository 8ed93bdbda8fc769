"""Which run a cell finds again, asked with the path as a page knows it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_aml.model.api import FindCell
from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.job import CellRun
from jupyter_aml.service.backends.local.facets import others


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> others.Cells:
    """One run of cell `c1` in ~/project/cats.ipynb is kept."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    kept = {
        (str(tmp_path / "project" / "cats.ipynb"), "c1"): CellRun(
            job="job", status="Running", last_seq=7
        )
    }
    monkeypatch.setattr(others.rows, "find_cell", lambda _, *key: kept.get(key))
    engine: Any = SimpleNamespace(store=SimpleNamespace(reader=None), jobs={})
    return others.Cells(engine)


async def test_a_path_below_home_meets_the_kernels(cells: others.Cells, tmp_path: Path) -> None:
    for notebook in (
        "~/project/cats.ipynb",
        "~/project/../project/cats.ipynb",
        f"{tmp_path}/project/cats.ipynb",
    ):
        run = await cells.get(query=FindCell(notebook=notebook, cell_id="c1"))
        assert run.job == "job"


async def test_another_cell_or_notebook_finds_nothing(cells: others.Cells) -> None:
    for notebook, cell in (("~/project/cats.ipynb", "c2"), ("~/project/copy.ipynb", "c1")):
        with pytest.raises(NotFound):
            await cells.get(query=FindCell(notebook=notebook, cell_id=cell))
