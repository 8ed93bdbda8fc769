"""Jobs from ARM's JSON and back: nothing of what was sent is lost, nothing is made up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_aml.model.code import Code
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.job import CommandJob, JobSpec
from jupyter_aml.model.spec import Distribution, Input, Output
from jupyter_aml.model.sweep import SweepJob
from jupyter_aml.service.arm.jobs.reading import read_command, tidy
from jupyter_aml.service.arm.jobs.sweeps import read_sweep, sweep_said
from jupyter_aml.service.arm.jobs.writing import command_said
from jupyter_aml.service.arm.remainder import remainder, restored, without_nulls
from jupyter_aml.service.arm.scope import Scope

SCOPE = Scope("s", "g", "w")
WS = SCOPE.workspace_id
LEAST: dict[str, Any] = {
    "jobType": "Command",
    "command": "python train.py",
    "environmentId": f"{WS}/environments/sklearn/versions/1",
}


class Codes:
    """The facet ``codes`` with one version."""

    async def get(self, name: str, version: str) -> Code:
        if name != "mine":
            raise NotFound(f"There is no code {name}:{version}.", target="name")
        return Code(name=name, version=version, snapshot="snapshot:abc")


async def command(**fields: Any) -> CommandJob:
    return await read_command(tidy(LEAST | fields), SCOPE, Codes())  # type: ignore[arg-type]


async def command_twice(**fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was sent, and what is told of the same fields afterwards."""
    sent = tidy(LEAST | fields)
    spec = await read_command(sent, SCOPE, Codes())  # type: ignore[arg-type]
    return sent, _told(command_said(spec, SCOPE), spec)


def _told(said: dict[str, Any], spec: JobSpec) -> dict[str, Any]:
    return restored(said, spec.azure)


# -- what a command becomes --------------------------------------------------------------------


async def test_the_least_that_azure_takes() -> None:
    spec = await command()

    assert spec == CommandJob(
        command="python train.py",
        environment="sklearn:1",
        azure={"environmentId": LEAST["environmentId"]},
    )


async def test_everything_that_has_a_meaning_here() -> None:
    spec = await command(
        computeId=f"{WS}/computes/cpu-cluster",
        codeId=f"{WS}/codes/mine/versions/1",
        displayName="Mine",
        description="Why",
        experimentName="tries",
        tags={"team": "blue"},
        properties={"commit": "1f3"},
        environmentVariables={"A": "1"},
        resources={"instanceCount": 2},
        distribution={"distributionType": "pytorch", "processCountPerInstance": 4},
        limits={"jobLimitsType": "Command", "timeout": "PT1H30M"},
        inputs={
            "rate": {"jobInputType": "literal", "value": "0.1"},
            "data": {"jobInputType": "uri_file", "mode": "Download", "uri": "https://x.y/z.csv"},
            "unset": {"jobInputType": "literal"},
        },
        outputs={
            "o": {"jobOutputType": "uri_folder"},
            "m": {
                "jobOutputType": "mlflow_model",
                "mode": "Upload",
                "uri": "azureml://datastores/d/paths/p",
                "assetName": "kept",
                "assetVersion": "3",
            },
        },
    )

    assert (spec.compute, spec.code, spec.instance_count) == ("cpu-cluster", "snapshot:abc", 2)
    assert (spec.display_name, spec.description, spec.experiment_name) == ("Mine", "Why", "tries")
    assert (spec.tags, spec.properties) == ({"team": "blue"}, {"commit": "1f3"})
    assert spec.environment_variables == {"A": "1"}
    assert spec.distribution == Distribution(type="pytorch", process_count_per_instance=4)
    assert spec.timeout == 5400
    data = Input(path="https://x.y/z.csv", type="uri_file", mode="download")
    assert spec.inputs == {"rate": "0.1", "data": data}
    place = "azureml://datastores/workspaceblobstore/paths/azureml/${{name}}/o"
    assert spec.outputs == {
        "o": Output(path=place),
        "m": Output(
            path="azureml://datastores/d/paths/p",
            type="mlflow_model",
            mode="upload",
            name="kept",
            version="3",
        ),
    }
    assert spec.warnings == []


@pytest.mark.parametrize(
    ("sent", "environment"),
    [
        (f"{WS}/environments/mine/versions/3", "mine:3"),
        (f"azureml:{WS}/environments/mine/versions/3", "mine:3"),
        (f"{WS}/environments/mine/labels/latest", "mine@latest"),
        ("azureml:mine:3", "mine:3"),
        ("azureml:mine@latest", "mine@latest"),
        (f"{WS}/environments/AzureML-sklearn-1.0/versions/7", "AzureML-sklearn-1.0:7"),
        (
            "azureml://registries/azureml/environments/sklearn-1.5/labels/latest",
            "azureml://registries/azureml/environments/sklearn-1.5/labels/latest",
        ),
    ],
)
async def test_an_environment_by_any_of_its_names(sent: str, environment: str) -> None:
    spec = await command(environmentId=sent)

    assert spec.environment == environment
    assert spec.azure["environmentId"] == sent  # as it is told, whatever is run instead


@pytest.mark.parametrize(
    ("sent", "compute"),
    [
        (f"{WS}/computes/gpu", "gpu"),
        ("azureml:gpu", "gpu"),
        ("gpu", "gpu"),
        ("serverless", "local"),
        (f"{WS}/computes/serverless", "local"),
        ("", "local"),
    ],
)
async def test_a_compute_by_any_of_its_names(sent: str, compute: str) -> None:
    assert (await command(computeId=sent)).compute == compute


@pytest.mark.parametrize(
    ("fields", "warning"),
    [
        ({"identity": {"identityType": "AMLToken"}}, "identity is not used here"),
        ({"queueSettings": {"jobTier": "Spot"}}, "queue_settings are not used here"),
        ({"services": {"lab": {"jobServiceType": "JupyterLab"}}}, "services are not started"),
        ({"resources": {"shmSize": "2g", "instanceCount": 1}}, "resources.shm_size is not used"),
        ({"resources": {"dockerArgs": "--net=host"}}, "resources.docker_args are not used"),
        ({"parentJobName": "p"}, "parent_job_name is not used"),
    ],
)
async def test_what_is_not_acted_upon_is_a_stored_warning_and_given_back(
    fields: dict[str, Any], warning: str
) -> None:
    spec = await command(**fields)
    sent, told = await command_twice(**fields)

    assert [text for text in spec.warnings if text.startswith(warning)], spec.warnings
    assert {name: told[name] for name in fields} == {name: sent[name] for name in fields} | (
        {"resources": {"instanceCount": 1, **fields["resources"]}} if "resources" in fields else {}
    )


async def test_what_the_sdk_says_of_a_run_on_this_machine_is_no_warning() -> None:
    spec = await command(resources={"properties": {"local": {"local": True}}})

    assert (spec.compute, spec.warnings) == ("local", [])


# -- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "target"),
    [
        ({"command": ""}, "$.properties.command"),
        ({"command": 3}, "$.properties.command"),
        ({"tags": {"a": 1}}, "$.properties.tags[...]"),
        ({"resources": {"instanceCount": 0}}, "$.properties.resources.instanceCount"),
        ({"limits": {"timeout": "an hour"}}, "$.properties.limits.timeout"),
        (
            {"distribution": {"distributionType": "Ray"}},
            "$.properties.distribution.distributionType",
        ),
        (
            {"inputs": {"x": {"jobInputType": "uri_thing", "uri": "a"}}},
            "$.properties.inputs.x.jobInputType",
        ),
        ({"inputs": {"x": {"jobInputType": "uri_file"}}}, "$.properties.inputs.x.uri"),
        (
            {"inputs": {"x": {"jobInputType": "uri_file", "uri": "a", "mode": "Quick"}}},
            "$.properties.inputs.x.mode",
        ),
        (
            {"outputs": {"x": {"jobOutputType": "uri_folder", "mode": "Quick"}}},
            "$.properties.outputs.x.mode",
        ),
        ({"codeId": "https://github.com/a/b"}, "$.properties.codeId"),
        ({"computeId": f"{WS}/environments/e/versions/1"}, "$.properties.computeId"),
    ],
)
async def test_a_wrong_field_is_refused_where_it_is(fields: dict[str, Any], target: str) -> None:
    with pytest.raises(Invalid) as refused:
        await command(**fields)

    assert refused.value.target == target


async def test_code_that_is_not_there_is_refused() -> None:
    with pytest.raises(NotFound) as refused:
        await command(codeId=f"{WS}/codes/other/versions/1")

    assert refused.value.target == "$.properties.codeId"


# -- there and back ----------------------------------------------------------------------------

_WORDS = st.text("abcXYZ_09", min_size=1, max_size=8)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=8,
)
_OBJECTS = st.dictionaries(_WORDS, _JSON, max_size=5)


@given(_OBJECTS, _OBJECTS)
def test_what_is_kept_restores_what_was_sent(sent: dict[str, Any], said: dict[str, Any]) -> None:
    """Whatever our words make of it: every field that was sent is there again."""
    plain = without_nulls(sent)
    told = restored(said, remainder(plain, said))

    assert not remainder(plain, told)


@given(_OBJECTS)
def test_what_our_words_say_is_not_kept_twice(sent: dict[str, Any]) -> None:
    assert remainder(without_nulls(sent), without_nulls(sent)) == {}


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "unknownField": _JSON,
            "queueSettings": st.fixed_dictionaries({"jobTier": _WORDS}),
            "environmentVariables": st.dictionaries(_WORDS, _WORDS, max_size=3),
            "resources": st.fixed_dictionaries(
                {"instanceCount": st.integers(1, 9)}, optional={"dockerArgs": _WORDS}
            ),
            "limits": st.fixed_dictionaries(
                {"jobLimitsType": st.just("Command")},
                optional={"timeout": st.sampled_from(["PT5M", "PT300S", "P1D"])},
            ),
            "inputs": st.dictionaries(
                _WORDS,
                st.fixed_dictionaries({"jobInputType": st.just("literal"), "value": _WORDS})
                | st.fixed_dictionaries(
                    {
                        "jobInputType": st.sampled_from(["uri_file", "uri_folder", "UriFolder"]),
                        "uri": st.sampled_from(
                            ["azureml://datastores/d/paths/p", f"{WS}/data/n/versions/2"]
                        ),
                    },
                    optional={
                        "mode": st.sampled_from(["ReadOnlyMount", "Download"]),
                        "pathOnCompute": _WORDS,
                    },
                ),
                max_size=3,
            ),
        },
    )
)
async def test_a_command_is_told_as_it_was_sent(fields: dict[str, Any]) -> None:
    sent, told = await command_twice(**fields)

    kept = {name: one for name, one in sent.items() if name != "jobType"}
    assert not remainder(kept, told)


# -- sweeps ------------------------------------------------------------------------------------

SWEEP: dict[str, Any] = {
    "jobType": "Sweep",
    "computeId": f"{WS}/computes/cpu",
    "trial": {
        "command": "python train.py --lr ${{search_space.lr}}",
        "codeId": f"{WS}/codes/mine/versions/1",
        "environmentId": "azureml:sklearn:1",
    },
    "searchSpace": {
        "lr": ["uniform", [0.1, 1]],
        "size": ["choice", [[16, 32, "full"]]],
        "seed": ["randint", [5]],
        "width": ["qlognormal", [1, 2, 0.5]],
    },
    "samplingAlgorithm": {"samplingAlgorithmType": "Random", "rule": "sobol", "seed": 7},
    "objective": {"goal": "maximize", "primaryMetric": "accuracy"},
    "limits": {
        "jobLimitsType": "Sweep",
        "maxTotalTrials": 4,
        "maxConcurrentTrials": 2,
        "trialTimeout": "PT10M",
        "timeout": "PT2H",
    },
    "earlyTermination": {
        "policyType": "Bandit",
        "slackFactor": 0.1,
        "evaluationInterval": 2,
        "delayEvaluation": 5,
    },
}


async def sweep(**fields: Any) -> SweepJob:
    return await read_sweep(tidy(SWEEP | fields), SCOPE, Codes())  # type: ignore[arg-type]


async def test_a_sweep_there_and_back() -> None:
    spec = await sweep()

    assert (spec.command, spec.code) == (SWEEP["trial"]["command"], "snapshot:abc")
    assert (spec.timeout, spec.limits.trial_timeout, spec.limits.max_total_trials) == (7200, 600, 4)
    assert spec.objective.goal == "maximize"
    told = _told(sweep_said(spec, SCOPE), spec)
    assert not remainder(tidy(SWEEP), told)


@pytest.mark.parametrize(
    ("fields", "target"),
    [
        ({"searchSpace": {}}, "$.properties.searchSpace"),
        ({"searchSpace": {"x": ["zipf", [1]]}}, "$.properties.searchSpace.x"),
        ({"searchSpace": {"x": ["uniform", [1]]}}, "$.properties.searchSpace.x"),
        ({"searchSpace": {"x": ["randint", [0]]}}, "$.properties.searchSpace.x.upper"),
        ({"objective": {"goal": "best", "primaryMetric": "m"}}, "$.properties.objective.goal"),
        (
            {"samplingAlgorithm": {"samplingAlgorithmType": "Guess"}},
            "$.properties.samplingAlgorithm.samplingAlgorithmType",
        ),
        (
            {"earlyTermination": {"policyType": "TruncationSelection"}},
            "$.properties.earlyTermination.truncationPercentage",
        ),
        ({"trial": {"command": ""}}, "$.properties.trial.command"),
    ],
)
async def test_a_wrong_sweep_is_refused_where_it_is(fields: dict[str, Any], target: str) -> None:
    with pytest.raises(Invalid) as refused:
        await sweep(**fields)

    assert refused.value.target == target
