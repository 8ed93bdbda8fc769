"""A notebook file as a job: where it runs, what travels, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.client.jobfile import from_document, notebook_job
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import Input, Job, NotebookJob
from jupyter_aml.model.job_document import job_document

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


def test_data_is_named_by_reference_path_or_fields(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text(NOTEBOOK)
    (tmp_path / "f.csv").write_text("x\n")
    copied = {"path": "azureml:digits:1", "mode": "download"}
    job = notebook_job(
        str(tmp_path / "a.ipynb"),
        inputs={"table": "azureml:digits@latest", "file": str(tmp_path / "f.csv"), "own": copied},
    )
    assert job.inputs["table"] == Input(path="azureml:digits@latest")
    assert job.inputs["file"] == Input(path=str(tmp_path / "f.csv"), type="uri_file")
    assert job.inputs["own"].mode == "download"


def test_a_shown_notebook_job_is_read_again_with_its_data(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text(NOTEBOOK)
    job = notebook_job(str(tmp_path / "a.ipynb"), inputs={"table": "azureml:digits:1"})
    shown = Job(name="bold_sun", spec=job, status="Completed", created_at="2026-01-01T00:00:00Z")
    again, _ = from_document(job_document(shown), tmp_path)
    assert isinstance(again, NotebookJob)
    assert again.inputs == job.inputs


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"notebook": "a.ipynb", "inputs": {"n": 1}}, "parameters: {n"),
        ({"notebook": "a.ipynb", "inputs": {"n": {"path": "none.csv"}}}, "does not exist"),
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
