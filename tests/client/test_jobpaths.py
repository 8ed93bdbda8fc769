"""Paths of jobs that are made in Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.client.client import Client
from jupyter_aml.client.jobpaths import whole
from jupyter_aml.model.job import CellJob, CommandJob, Input
from tests.client.fake_service import FakeService


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_relative_path_counts_from_where_the_person_is(tmp_path: Path) -> None:
    spec = CommandJob(
        command="x",
        code="src",
        inputs={"table": Input(path="data/a.csv"), "rate": 0.1, "file": Input(path="file:b.csv")},
    )
    made = whole(spec)
    assert made.code == str(tmp_path / "src")
    assert made.inputs["table"] == Input(path=str(tmp_path / "data" / "a.csv"))
    assert made.inputs["file"] == Input(path=str(tmp_path / "b.csv"))
    assert made.inputs["rate"] == 0.1


@pytest.mark.parametrize(
    "path",
    [
        "azureml:digits:1",
        "azureml://datastores/d/paths/p",
        "azureml://jobs/j/outputs/o",
        "https://example.invalid/a.csv",
        "/whole/a.csv",
        "s3://bucket/x",
    ],
)
def test_what_is_whole_or_a_reference_stays(path: str) -> None:
    spec = CommandJob(command="x", code="snapshot:1f3", inputs={"table": Input(path=path)})
    assert whole(spec) is spec


def test_a_cell_is_left_as_it_is() -> None:
    spec = CellJob(source="1")
    assert whole(spec) is spec


def test_what_is_sent_is_whole(client: Client, service: FakeService, tmp_path: Path) -> None:
    spec = CommandJob(command="x", code="src")
    client.jobs.create(spec, "one")
    client.jobs.create_many([spec], ["two"])
    assert [service.jobs[name].spec["code"] for name in ("one", "two")] == [
        str(tmp_path / "src")
    ] * 2
