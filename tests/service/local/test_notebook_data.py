"""Data that a notebook job reads: a parameter holds the path; what is not there is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.client import Client
from jupyter_aml.model.data import CreateData
from jupyter_aml.model.errors import AmlError, Invalid, NotFound
from jupyter_aml.model.job import Input, NotebookJob
from tests.service.local.test_notebook_jobs import cell, executed, run, spec, text

READS = """from pathlib import Path
print(Path(table).read_text(), end='')
Path(own).write_text('mine')
print(Path(own).read_text(), rate)"""


@pytest.fixture
def table(client: Client, tmp_path: Path) -> Path:
    """A file, registered as ``digits:1``."""
    path = tmp_path / "table.csv"
    path.write_text("x,y\n1,2\n")
    client.data.create(CreateData(name="digits", path=str(path)))
    return path


def test_a_notebook_reads_data_by_parameters_that_hold_paths(client: Client, table: Path) -> None:
    job = run(
        client,
        cell("table = 'local.csv'\nown = ''\nrate = 1", "parameters"),
        cell(READS),
        parameters={"rate": 2},
        inputs={
            "table": Input(path="azureml:digits@latest"),
            "own": Input(path="azureml:digits:1", mode="download"),
        },
    )
    assert job.status == "Completed", job.error
    _, injected, reads = executed(job)
    assert injected.metadata.tags == ["injected-parameters"]
    assert text(reads) == "x,y\n1,2\nmine 2\n"
    assert table.read_text() == "x,y\n1,2\n"
    assert isinstance(job.spec, NotebookJob)
    assert job.spec.inputs["table"].reference == "azureml:digits:1"
    assert job.warnings == job.spec.warnings == []
    assert client.data.get("digits").used_by_jobs == [job.name]


REFUSED: list[tuple[dict[str, str], dict[str, int], type[AmlError], str]] = [
    ({"t": "azureml:nothing:1"}, {}, NotFound, "inputs.t"),
    ({"t": "azureml:digits:7"}, {}, NotFound, "inputs.t"),
    ({"t": "/no/such/file"}, {}, NotFound, "inputs.t"),
    ({"../t": "azureml:digits:1"}, {}, Invalid, "inputs"),
    ({"class": "azureml:digits:1"}, {}, Invalid, "parameters"),
    ({"t": "azureml:digits:1"}, {"t": 1}, Invalid, "inputs.t"),
]


def test_what_is_not_there_is_refused_before_it_costs_anything(client: Client, table: Path) -> None:
    assert table.exists()
    for inputs, parameters, error, target in REFUSED:
        data = {name: Input(path=where) for name, where in inputs.items()}
        with pytest.raises(error) as refused:
            client.jobs.create(spec(cell("1"), inputs=data, parameters=parameters))
        assert refused.value.target == target
    assert client.jobs.list().value == []
