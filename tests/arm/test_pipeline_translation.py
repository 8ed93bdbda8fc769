"""Pipelines from ARM's JSON: what the SDK sends for steps of every kind."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_aml.model.component import (
    ConditionStep,
    JobStep,
    ParallelSettings,
    SweepStep,
)
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.pipeline import PipelineJob, PipelineSettings
from jupyter_aml.model.spec import Distribution, Input, Output
from jupyter_aml.model.sweep import BanditPolicy, Choice, RandomSampling, Uniform
from jupyter_aml.service.arm.jobs.pipelines import pipeline_said, read_pipeline
from jupyter_aml.service.arm.jobs.reading import tidy
from jupyter_aml.service.arm.jobs.steps import read_step
from jupyter_aml.service.arm.remainder import remainder, restored
from tests.arm.test_job_translation import SCOPE, WS, Codes

PREP = f"{WS}/components/azureml_anonymous/versions/d52f67c8"


def step(**fields: Any) -> Any:
    return read_step({"type": "command", "componentId": PREP, **fields}, "$.jobs.s")


def bound(text: str) -> dict[str, str]:
    return {"job_input_type": "literal", "value": text}


PIPELINE: dict[str, Any] = {
    "jobType": "Pipeline",
    "computeId": f"{WS}/computes/cpu",
    "displayName": "pipe",
    "experimentName": "tries",
    "inputs": {
        "a": {"jobInputType": "literal", "value": "3"},
        "data": {"jobInputType": "uri_folder", "uri": "azureml://datastores/d/paths/x/"},
    },
    "outputs": {"model": {"jobOutputType": "uri_folder", "mode": "Upload", "assetName": "kept"}},
    "settings": {"continue_on_step_failure": True, "force_rerun": True, "_source": "DSL"},
    "jobs": {
        "prep": {
            "name": "prep",
            "type": "command",
            "componentId": PREP,
            "_source": "BUILDER",
            "inputs": {"a": bound("${{parent.inputs.a}}")},
            "outputs": {"o": {"job_output_type": "uri_folder", "mode": "ReadWriteMount"}},
        },
        "train": {
            "name": "train",
            "type": "command",
            "componentId": "azureml:train:2",
            "inputs": {"i": bound("${{parent.jobs.prep.outputs.o}}")},
            "outputs": {
                "m": {"type": "literal", "value": "${{parent.outputs.model}}", "mode": "Upload"}
            },
        },
    },
}


async def pipeline(**fields: Any) -> PipelineJob:
    return await read_pipeline(tidy(PIPELINE | fields), SCOPE, Codes())  # type: ignore[arg-type]


async def test_a_pipeline() -> None:
    spec = await pipeline()

    assert (spec.compute, spec.display_name, spec.experiment_name) == ("cpu", "pipe", "tries")
    assert spec.settings == PipelineSettings(force_rerun=True, continue_on_step_failure=True)
    assert spec.inputs["a"] == "3"
    assert spec.outputs == {"model": Output(mode="upload", name="kept")}
    assert list(spec.jobs) == ["prep", "train"]
    assert spec.jobs["prep"] == JobStep(
        component="azureml:azureml_anonymous:d52f67c8",
        inputs={"a": "${{parent.inputs.a}}"},
        outputs={"o": Output()},
    )
    assert spec.jobs["train"] == JobStep(
        component="azureml:train:2",
        inputs={"i": "${{parent.jobs.prep.outputs.o}}"},
        outputs={"m": Output(path="${{parent.outputs.model}}", mode="upload")},
    )


async def test_it_is_told_as_it_was_sent_steps_included() -> None:
    spec = await pipeline()

    told = restored(pipeline_said(spec, SCOPE), spec.azure)

    assert not remainder(tidy(PIPELINE), told)
    assert told["jobs"] == PIPELINE["jobs"]


async def test_the_compute_of_the_settings_is_that_of_all_steps() -> None:
    sent = tidy(PIPELINE) | {"settings": {"default_compute": f"{WS}/computes/gpu"}}
    del sent["computeId"]

    assert (await read_pipeline(sent, SCOPE, Codes())).compute == "gpu"  # type: ignore[arg-type]


async def test_a_pipeline_that_was_made_otherwise_has_steps_too() -> None:
    spec = PipelineJob(
        jobs={
            "one": JobStep(component="azureml:train:2", inputs={"x": 1}, compute="cpu"),
            "two": SweepStep(
                trial="azureml:train:2",
                search_space={"lr": Uniform(min_value=0, max_value=1)},
                objective=(await _sweep()).objective,
                inputs={"i": Input(path="${{parent.jobs.one.outputs.o}}", mode="download")},
                outputs={"o": Output(path="${{parent.outputs.o}}")},
            ),
            "if": ConditionStep(condition="${{parent.inputs.go}}", true_block=["one"]),
        }
    )

    told = pipeline_said(spec, SCOPE)["jobs"]

    assert told["one"]["componentId"] == f"{WS}/components/train/versions/2"
    assert told["one"]["computeId"] == f"{WS}/computes/cpu"
    assert told["two"]["trial"] == {"componentId": f"{WS}/components/train/versions/2"}
    assert told["two"]["inputs"]["i"] == bound("${{parent.jobs.one.outputs.o}}")
    assert told["if"]["true_block"] == ["${{parent.jobs.one}}"]
    again = {name: read_step(one, "$") for name, one in told.items() if name != "two"}
    assert again["if"] == spec.jobs["if"]
    assert again["one"] == JobStep(component="azureml:train:2", inputs={"x": "1"}, compute="cpu")


# -- steps -------------------------------------------------------------------------------------


def test_what_a_command_step_says_of_itself() -> None:
    found = step(
        computeId=f"{WS}/computes/gpu",
        resources={"instance_count": 2, "shm_size": "2g"},
        distribution={"distribution_type": "PyTorch", "process_count_per_instance": 2},
        limits={"job_limits_type": "Command", "timeout": "PT1M40S"},
        environment_variables={"E": "1"},
        display_name="Mine",
        tags={"a": "b"},
        inputs={
            "d": {"job_input_type": "uri_file", "uri": "azureml:x:1", "mode": "Download"},
            "m": bound("${{parent.inputs.d}}") | {"mode": "Direct"},
            "unset": {"job_input_type": "literal"},
            "plain": 3,
        },
        outputs={
            "o": {
                "job_output_type": "mltable",
                "name": "kept",
                "version": "2",
                "uri": "azureml://a",
            },
            "p": "${{parent.outputs.p}}",
        },
    )

    assert (found.compute, found.instance_count, found.timeout) == ("gpu", 2, 100)
    assert found.distribution == Distribution(type="pytorch", process_count_per_instance=2)
    assert found.environment_variables == {"E": "1"}
    assert (found.display_name, found.tags) == ("Mine", {"a": "b"})
    assert found.inputs == {
        "d": Input(path="azureml:x:1", type="uri_file", mode="download"),
        "m": Input(path="${{parent.inputs.d}}", mode="direct"),
        "plain": 3,
    }
    assert found.outputs == {
        "o": Output(path="azureml://a", type="mltable", name="kept", version="2"),
        "p": Output(path="${{parent.outputs.p}}"),
    }
    said = "resources.shm_size is not used here: this machine's own shared memory is."
    assert found.warnings == [said]


def test_a_parallel_step() -> None:
    found = step(
        type="parallel",
        mini_batch_size="2",
        max_concurrency_per_instance=1,
        mini_batch_error_threshold=1,
        retry_settings={"max_retries": 2, "timeout": 60},
        logging_level="DEBUG",
        task={"type": "run_function", "entry_script": "a.py"},
        input_data="${{inputs.x}}",
    )

    assert found.parallel == ParallelSettings(
        mini_batch_size=2,
        max_concurrency_per_instance=1,
        mini_batch_error_threshold=1,
        max_retries=2,
        timeout=60,
        logging_level="debug",
    )


async def _sweep(**fields: Any) -> SweepStep:
    sent: dict[str, Any] = {
        "type": "sweep",
        "trial": {"componentId": PREP},
        "search_space": {
            "lr": {"type": "choice", "values": [0.1, 0.2]},
            "x": {"type": "uniform", "min_value": 0, "max_value": 2},
        },
        "sampling_algorithm": "random",
        "objective": {"goal": "maximize", "primary_metric": "acc"},
        "limits": {"max_total_trials": 3, "trial_timeout": 60, "timeout": "PT1H"},
        "early_termination": {
            "policy_type": "Bandit",
            "slack_factor": 0.1,
            "evaluation_interval": 2,
        },
        "inputs": {"i": bound("${{parent.jobs.p.outputs.o}}")},
    }
    found = read_step(sent | fields, "$.jobs.s")
    assert isinstance(found, SweepStep)
    return found


async def test_a_sweep_as_a_step() -> None:
    found = await _sweep(
        sampling_algorithm={"sampling_algorithm_type": "Random", "seed": 7, "logbase": "e"}
    )

    assert found.trial == "azureml:azureml_anonymous:d52f67c8"
    assert found.search_space["lr"] == Choice(values=[0.1, 0.2])
    assert found.search_space["x"] == Uniform(min_value=0, max_value=2)
    assert found.sampling == RandomSampling(seed=7)
    assert (found.limits.max_total_trials, found.limits.trial_timeout) == (3, 60)
    assert found.timeout == 3600
    assert found.early_termination == BanditPolicy(slack_factor=0.1, evaluation_interval=2)
    assert (await _sweep()).sampling == RandomSampling()


def test_a_condition() -> None:
    found = read_step(
        {
            "type": "if_else",
            "condition": "${{parent.jobs.check.outputs.ok}}",
            "true_block": "${{parent.jobs.yes}}",
            "false_block": ["${{parent.jobs.no}}", "${{parent.jobs.never}}"],
        },
        "$",
    )

    assert found == ConditionStep(
        condition="${{parent.jobs.check.outputs.ok}}",
        true_block=["yes"],
        false_block=["no", "never"],
    )


@pytest.mark.parametrize(
    ("fields", "target"),
    [
        ({"type": "do_while"}, "$.jobs.s.type"),
        ({"type": "parallel_for"}, "$.jobs.s.type"),
        ({"type": "spark"}, "$.jobs.s.type"),
        ({"componentId": ""}, "$.jobs.s.componentId"),
        ({"resources": {"instance_count": 0}}, "$.jobs.s.resources.instance_count"),
        ({"limits": {"timeout": "soon"}}, "$.jobs.s.limits.timeout"),
        ({"mini_batch_size": "10kb"}, "$.jobs.s.mini_batch_size"),
        ({"inputs": {"x": {"job_input_type": "dance", "uri": "a"}}}, "$.jobs.s.inputs.x"),
        ({"inputs": {"x": {"job_input_type": "uri_file"}}}, "$.jobs.s.inputs.x"),
        ({"type": "sweep"}, "$.jobs.s.trial"),
        ({"distribution": {"distribution_type": "Ray"}}, "$.jobs.s.distribution.distributionType"),
    ],
)
def test_a_wrong_step_is_refused_where_it_is(fields: dict[str, Any], target: str) -> None:
    with pytest.raises(Invalid) as refused:
        step(**fields)

    assert refused.value.target == target
