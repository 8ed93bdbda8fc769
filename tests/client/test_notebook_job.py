"""A notebook file as a job: where it runs, what travels, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.client.jobfile import from_document, notebook_job
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import NotebookJob

NOTEBOOK = """{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
 {"cell_type": "code", "id": "a", "metadata": {}, "source": "1", "outputs": [{"x": "much"}]}]}"""


def test_a_notebook_runs_in_its_folder_or_a_snapshot_of_it(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(NOTEBOOK)
    here = notebook_job(str(path), {"n": 1}, display_name="A", limits={"timeout": 5})
    assert (here.cwd, here.code, here.notebook) == (str(tmp_path), None, str(path))
    assert (here.parameters, here.display_name, here.timeout) == ({"n": 1}, "A", 5)
    assert "much" not in here.content
    away = notebook_job(str(path), compute="c1")
    assert (away.cwd, away.code, away.compute) == ("", str(tmp_path), "c1")


def test_a_notebook_in_a_job_file_counts_from_the_file_and_has_an_output_of_its_own(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.ipynb").write_text(NOTEBOOK)
    outputs = {"notebook": {"type": "uri_file", "path": "/x/outputs/a.ipynb"}}
    fields = {"type": "notebook", "notebook": "a.ipynb", "outputs": outputs}
    job, _ = from_document(fields, tmp_path)
    assert isinstance(job, NotebookJob)
    assert (job.notebook, job.outputs) == (str(tmp_path / "a.ipynb"), {})


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "which file is to run"),
        ({"notebook": "none.ipynb"}, "cannot be read: No such file"),
        ({"notebook": "a.ipynb", "parameters": [1]}, "a name and a value"),
        ({"notebook": "a.ipynb", "command": "x"}, "is not a field here"),
    ],
)
def test_a_notebook_that_cannot_run_is_refused(tmp_path: Path, fields: Any, says: str) -> None:
    (tmp_path / "a.ipynb").write_text(NOTEBOOK)
    with pytest.raises(Invalid, match=says):
        from_document({"type": "notebook", **fields}, tmp_path)
