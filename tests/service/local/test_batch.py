"""Batch endpoints of the local workspace: deployments, calls that are jobs, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.client import Client
from jupyter_aml.model.batch import (
    BatchSettings,
    CreateBatchDeployment,
    CreateBatchEndpoint,
    InvokeBatch,
    UpdateBatchEndpoint,
)
from jupyter_aml.model.data import CreateData
from jupyter_aml.model.errors import AmlError, Invalid, NotFound
from jupyter_aml.model.registry import CreateModel
from jupyter_aml.testing.service import ServiceProcess
from tests.service.local.test_workspace import ended, text

SCRIPT = (
    "import os\n"
    "def init():\n    global weight\n"
    "    weight = open(os.environ['AZUREML_MODEL_DIR'] + '/weights.txt').read()\n"
    "def run(mini_batch):\n"
    "    return [(os.path.basename(p), open(p).read().strip() + weight) for p in mini_batch]\n"
)


@pytest.fixture
def code(client: Client, tmp_path: Path) -> Path:
    """A folder with a script; a model ``m:1``, data ``new:1`` and an endpoint ``many``."""
    (tmp_path / "weights.txt").write_text("!")
    client.models.create(CreateModel(name="m", path=str(tmp_path / "weights.txt")))
    files = tmp_path / "files"
    files.mkdir()
    for name in "abc":
        (files / f"{name}.txt").write_text(name)
    client.data.create(CreateData(name="new", path=str(files)))
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "score.py").write_text(SCRIPT)
    client.batch_endpoints.create(CreateBatchEndpoint(name="many"))
    return folder


def deployment(code: Path, name: str = "one", **fields: object) -> CreateBatchDeployment:
    known = {"model": "m", "code": str(code), "scoring_script": "score.py"}
    return CreateBatchDeployment(name=name, endpoint_name="many", **{**known, **fields})  # pyright: ignore[reportArgumentType]


def test_a_call_is_a_job_that_scores_every_file(
    client: Client, code: Path, aml_service: ServiceProcess
) -> None:
    made = client.batch_deployments.create(
        deployment(code, settings=BatchSettings(mini_batch_size=2, output_file_name="p.csv"))
    )
    assert (made.model, made.state) == ("azureml:m:1", "Succeeded")
    assert client.batch_endpoints.get("many").default_deployment == "one"
    (code / "score.py").write_text("changed since")
    job = client.batch_endpoints.invoke("many", InvokeBatch(input="azureml:new@latest"))
    done = ended(client, job.name)
    assert done.status == "Completed", text(client, job.name)
    rows = Path(done.outputs["score"], "p.csv").read_text().splitlines()
    assert rows == ["a.txt,a!", "b.txt,b!", "c.txt,c!"]
    assert done.progress == 1.0
    assert [one.name for one in client.batch_endpoints.jobs("many").value] == [job.name]
    assert client.data.get("new").used_by_jobs == [job.name]
    client.batch_endpoints.delete("many")
    assert client.jobs.get(job.name).status == "Completed"


def test_calls_go_to_the_default_or_to_the_one_that_is_named(client: Client, code: Path) -> None:
    client.batch_deployments.create(deployment(code))
    (code / "score.py").write_text(SCRIPT.replace("+ weight", "+ 'two'"))
    client.batch_deployments.create(deployment(code, "two"))
    place = "azureml://datastores/workspaceblobstore/paths/out"
    named = InvokeBatch(input="azureml:new", deployment="two", output=place, mini_batch_size=1)
    job = ended(client, client.batch_endpoints.invoke("many", named).name)
    assert job.status == "Completed", text(client, job.name)
    listed = client.datastores.browse("workspaceblobstore", "out").value
    assert [one.path for one in listed] == ["out/predictions.csv"]
    read = b"".join(client.datastores.read("workspaceblobstore", "out/predictions.csv"))
    assert read.splitlines()[0] == b"a.txt,atwo"
    client.batch_endpoints.update("many", UpdateBatchEndpoint(default_deployment="two"))
    client.batch_deployments.delete("many", "two")
    found = client.batch_endpoints.get("many")
    assert (found.default_deployment, found.deployments) == ("", ["one"])
    with pytest.raises(NotFound):
        client.batch_endpoints.invoke("many", InvokeBatch(input="azureml:new"))


def test_what_could_not_run_is_refused_before(client: Client, code: Path) -> None:
    (code / "half.py").write_text("def init(): pass\n")
    (code / "broken.py").write_text("def init(:\n")
    cases: list[tuple[dict[str, object], type[AmlError], str]] = [
        ({"model": "nobody"}, NotFound, "nobody"),
        ({"compute": "nobody"}, NotFound, "nobody"),
        ({"environment": "nobody"}, NotFound, "nobody"),
        ({"scoring_script": "no.py"}, NotFound, "no.py"),
        ({"scoring_script": "../score.py"}, Invalid, "leads out"),
        ({"scoring_script": "score.txt"}, Invalid, "no Python file"),
        ({"scoring_script": "half.py"}, Invalid, "run()"),
        ({"scoring_script": "broken.py"}, Invalid, "not Python"),
        ({"scoring_script": ""}, Invalid, "custom_model"),
        ({"settings": BatchSettings(output_file_name="../x")}, Invalid, "no name of a file"),
    ]
    for fields, error, words in cases:
        with pytest.raises(error) as refused:
            client.batch_deployments.create(deployment(code, **fields))
        assert words in refused.value.message
    assert client.batch_deployments.list("many").value == []
    client.batch_deployments.create(deployment(code))
    for body in (InvokeBatch(input="azureml:nobody"), InvokeBatch(input="/not/there")):
        with pytest.raises(NotFound):
            client.batch_endpoints.invoke("many", body)
    for missing in ("nobody", "MANY"):
        with pytest.raises(NotFound):
            client.batch_endpoints.get(missing)
    assert client.jobs.list().value == []


def test_endpoints_outlive_the_service(
    client: Client, code: Path, aml_service: ServiceProcess
) -> None:
    made = client.batch_deployments.create(deployment(code))
    aml_service.kill()
    aml_service.start()
    assert client.batch_deployments.get("many", "one") == made
    assert client.batch_endpoints.get("many").default_deployment == "one"
