"""``batch-endpoint`` and ``batch-deployment``."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_aml.grammar import Result, complete
from jupyter_aml.model.batch import BatchSettings, InvokeBatch, UpdateBatchEndpoint
from jupyter_aml.model.environment import EnvironmentContent
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.registry import CreateModel
from tests.grammar.fake_client import FakeClient
from tests.grammar.fake_surface import FakeSurface

Typed = Callable[[str], Result]


def test_an_endpoint_from_its_making_to_its_end(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    assert "batch-endpoint create NAME" in str(typed("batch-endpoint list"))
    made = str(typed("batch-endpoint create digits -d words --tag a=b"))
    assert "batch-deployment create NAME --endpoint digits" in made
    assert client.batch_endpoints.all["digits"].tags == {"a": "b"}
    assert "digits" in str(typed("batch-endpoint list"))
    typed("batch-endpoint update digits --default-deployment two --tag c=d")
    body = UpdateBatchEndpoint(default_deployment="two", tags={"a": "b", "c": "d"})
    assert client.batch_endpoints.asked[-1] == ("update", "digits", body)
    assert "words" in str(typed("batch-endpoint show digits"))
    client.batch_endpoints.add("digits", deployments=["one", "two"])
    surface.answer = False
    typed("batch-endpoint delete digits")
    assert surface.questions[-1] == ("Delete digits?", "It has 2 deployments.")
    assert "digits" in client.batch_endpoints.all
    assert "Its jobs stay." in str(typed("batch-endpoint delete digits --yes"))


def test_a_deployment_says_everything_in_options(typed: Typed, client: FakeClient) -> None:
    client.batch_endpoints.add("digits")
    shown = str(
        typed(
            "batch-deployment create one --endpoint digits --model m:1 --code src "
            "--scoring-script score.py --compute cpu --instance-count 2 --mini-batch-size 5 "
            "--max-concurrency-per-instance 4 --error-threshold 7 --max-retries 1 --timeout 2m "
            "--output-action summary_only --output-file-name p.csv --set-default"
        )
    )
    (body,) = [one[1] for one in client.batch_deployments.asked if one[0] == "create"]
    assert (body.code, body.scoring_script, body.compute) == ("/here/src", "score.py", "cpu")
    assert (body.instance_count, body.python) == (2, "/usr/bin/python")
    assert body.settings == BatchSettings(
        mini_batch_size=5,
        max_concurrency_per_instance=4,
        error_threshold=7,
        max_retries=1,
        timeout=120.0,
        output_action="summary_only",
        output_file_name="p.csv",
    )
    assert client.batch_endpoints.asked[-1][2].default_deployment == "one"
    for words in ("digits/one", "5 files", "4 on each node", "1, each 2 min", "7 files"):
        assert words in shown
    assert "digits/one" in str(typed("batch-deployment list -e digits"))
    assert "m:1" in str(typed("batch-deployment show one -e digits"))
    assert "Deleted one." in str(typed("batch-deployment delete one -e digits --yes"))


def test_what_a_file_describes_is_registered_first(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    surface.machine.batch_model = CreateModel(name="mnist", path="/x")
    surface.machine.batch_environment = EnvironmentContent(requirements=["torch"])
    typed("batch-deployment create one -e digits --file deployment.yml")
    (body,) = [one[1] for one in client.batch_deployments.asked if one[0] == "create"]
    assert (body.endpoint_name, body.model) == ("digits", "azureml:mnist:1")
    assert body.environment == "digits-one:1"


def test_a_model_that_needs_no_script(typed: Typed, client: FakeClient) -> None:
    shown = str(typed("batch-deployment create one -e digits -m m"))
    (body,) = [one[1] for one in client.batch_deployments.asked]
    assert (body.code, body.scoring_script, body.settings) == ("", "", BatchSettings())
    assert "it reads CSV and parquet by itself" in shown


@pytest.mark.parametrize(
    "line",
    [
        "batch-deployment create one -m m",
        "batch-deployment create one -e digits",
        "batch-deployment create -e digits -m m",
        "batch-deployment create x -e digits -m m",
        "batch-deployment create --file d.yml -m m",
        "batch-deployment create --file d.yml",
        "batch-deployment create one --file d.yml",
        "batch-endpoint create",
        "batch-endpoint create a--b",
        "batch-endpoint create --file e.yml",
        "batch-endpoint update digits",
        "batch-endpoint invoke digits",
    ],
)
def test_what_is_missing_is_said(typed: Typed, client: FakeClient, line: str) -> None:
    client.batch_endpoints.add("digits")
    with pytest.raises(Invalid) as refused:
        typed(line)
    assert refused.value.hint


def test_files_describe_them(typed: Typed, client: FakeClient, surface: FakeSurface) -> None:
    typed("batch-endpoint create digits --file endpoint.yml")
    assert "Note: auth_mode is not used here." in surface.notes
    typed("batch-deployment create one -e digits --file d.yml --set settings.mini_batch_size=5")
    assert surface.machine.read[-1] == (
        "d.yml",
        {"settings.mini_batch_size": 5, "name": "one", "endpoint_name": "digits"},
    )
    assert ("digits", "one") in client.batch_deployments.all


def test_a_call_is_a_job(typed: Typed, client: FakeClient, surface: FakeSurface) -> None:
    client.batch_endpoints.add("digits")
    shown = str(
        typed(
            "batch-endpoint invoke digits --input data --deployment two -m 3 --job-name mine "
            "--output-path azureml://datastores/d/paths/p"
        )
    )
    body = InvokeBatch(
        input="/here/data",
        deployment="two",
        output="azureml://datastores/d/paths/p",
        job_name="mine",
        mini_batch_size=3,
    )
    assert client.batch_endpoints.asked[-1] == ("invoke", "digits", body)
    assert "mine" in shown
    assert any("job download mine --output-name score" in note for note in surface.notes)
    assert "No jobs." in str(typed("batch-endpoint list-jobs digits"))
    client.jobs.events["a_job"] = []
    typed("batch-endpoint invoke digits -i azureml:new --stream")
    assert client.batch_endpoints.asked[-1][2].input == "azureml:new"


def test_names_are_completed(client: FakeClient) -> None:
    client.batch_endpoints.add("digits", deployments=["one"])
    assert complete("di", "%aml batch-endpoint show di", client) == ["digits"]
    assert complete("o", "%aml batch-deployment show o", client) == ["one"]
