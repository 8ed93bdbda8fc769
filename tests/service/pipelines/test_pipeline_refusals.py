"""What is refused of a pipeline before anything runs, and where it says that it stands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_aml.model.component import (
    CommandComponent,
    Component,
    ComponentInput,
    ComponentOutput,
    ConditionStep,
    JobStep,
    ParallelComponent,
    PipelineComponent,
    Step,
)
from jupyter_aml.model.errors import AmlError, Invalid, NotFound
from jupyter_aml.model.job import CommandJob, Input, JobSpec, Output, PipelineJob
from jupyter_aml.service.pipelines.settling.asking import drive
from jupyter_aml.service.pipelines.settling.pipeline import settled_pipeline

TRAIN = CommandComponent(
    name="train",
    command="train ${{inputs.data}} ${{inputs.rate}} $[[--seed ${{inputs.seed}}]]",
    inputs={
        "data": ComponentInput(type="uri_folder"),
        "rate": ComponentInput(type="number", default="0.1", min=0, max=1),
        "kind": ComponentInput(type="string", default="a", enum=["a", "b"]),
        "seed": ComponentInput(type="integer", optional=True),
    },
    outputs={"model": ComponentOutput(), "good": ComponentOutput(type="boolean")},
)
SCORE = CommandComponent(
    command="score ${{inputs.table}}",
    inputs={"table": ComponentInput(type="uri_file")},
    outputs={"rows": ComponentOutput(type="uri_file")},
)


def find(text: str) -> Component:
    if text.startswith("azureml:train"):
        return Component(name="train", version="3", spec=TRAIN)
    raise NotFound(f"There is no component {text!r}.", target="component")


def accept(spec: JobSpec) -> JobSpec:
    """As the workspace would, which keeps everything as it is."""
    return spec


def settled(
    jobs: dict[str, Step], check: Callable[[JobSpec], JobSpec] = accept, **fields: object
) -> PipelineJob:
    spec = PipelineJob(jobs=jobs, **fields)  # type: ignore[arg-type]
    return drive(settled_pipeline(spec, find, "boot.py"), check)


def train(data: object = None, **inputs: object) -> JobStep:
    given = {"data": Input(path="/data") if data is None else data, **inputs}
    return JobStep(component="azureml:train@latest", inputs=given)  # type: ignore[arg-type]


MODEL = "${{parent.jobs.a.outputs.model}}"


@pytest.mark.parametrize(
    ("jobs", "where", "says"),
    [
        ({}, "jobs", "no steps"),
        ({"a": JobStep(component="azureml:nope:1")}, "jobs.a.component", "no component"),
        ({"a b": train()}, "jobs", "cannot name a step"),
        ({"a": train(rate=2)}, "jobs.a.inputs.rate", "out of range"),
        ({"a": train(rate="x")}, "jobs.a.inputs.rate", "no number"),
        ({"a": train(seed=1.5)}, "jobs.a.inputs.seed", "no whole number"),
        ({"a": train(kind="c")}, "jobs.a.inputs.kind", "none of the allowed"),
        ({"a": train(data=3)}, "jobs.a.inputs.data", "is data"),
        ({"a": train(lr=1)}, "jobs.a.inputs.lr", "no input 'lr'"),
        ({"a": JobStep(component=TRAIN)}, "jobs.a.inputs.data", "has no value"),
        ({"a": train("${{parent.inputs.d}}")}, "jobs.a.inputs.data", "no input 'd'"),
        ({"a": train("x ${{parent.inputs.d}}")}, "jobs.a.inputs.data", "is no binding"),
        (
            {"a": train(), "b": train("${{parent.jobs.c.outputs.x}}")},
            "jobs.b.inputs.data",
            "no step",
        ),
        (
            {"a": train(), "b": train("${{parent.jobs.a.outputs.x}}")},
            "jobs.b.inputs.data",
            "output",
        ),
        (
            {"a": train(), "b": JobStep(component=SCORE, inputs={"table": MODEL})},
            "jobs.b.inputs.table",
            "is uri_folder, and the input table takes uri_file",
        ),
        (
            {"a": train(), "b": train(rate="${{parent.jobs.a.outputs.model}}")},
            "jobs.b.inputs.rate",
            "takes number",
        ),
        (
            {"a": train("${{parent.jobs.b.outputs.model}}"), "b": train(MODEL)},
            "jobs.a",
            "in a circle: a → b → a",
        ),
        (
            {"a": train(), "c": ConditionStep(condition=MODEL, true_block=["a"])},
            "jobs.c.condition",
            "a condition is a boolean",
        ),
        ({"a": train(), "c": ConditionStep(condition=True)}, "jobs.c", "decides about no step"),
        (
            {"a": train(), "c": ConditionStep(condition=True, true_block=["x"])},
            "jobs.c",
            "no step 'x'",
        ),
        (
            {"c": ConditionStep(condition="${{parent.jobs.a.outputs.good}}", true_block=["a"])}
            | {"a": train()},
            "jobs.c",
            "in a circle",
        ),
        (
            {
                "a": JobStep(
                    component=ParallelComponent(entry_script="s.py", input_data="${{inputs.x}}")
                )
            },
            "jobs.a.input_data",
            "names none of the inputs",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_path(jobs: dict[str, Step], where: str, says: str) -> None:
    with pytest.raises(AmlError) as refused:
        settled(jobs)
    assert refused.value.target == where
    assert says in refused.value.message


def test_what_a_step_would_be_refused_for_says_which_step() -> None:
    def check(spec: JobSpec) -> JobSpec:
        if isinstance(spec, CommandJob) and spec.compute == "gone":
            raise NotFound("There is no compute 'gone'.", target="compute", hint="Make it.")
        return spec

    jobs: dict[str, Step] = {
        "a": train(),
        "b": JobStep(component=TRAIN, inputs={"data": MODEL}, compute="gone"),
    }
    with pytest.raises(NotFound) as refused:
        settled(jobs, check)
    assert refused.value.target == "jobs.b.compute"
    with pytest.raises(NotFound) as default:
        settled({"a": train()}, check, compute="gone")
    assert default.value.target == "settings.default_compute"


def test_outputs_of_the_pipeline_are_written_by_one_step() -> None:
    goal = {"model": Output(path="${{parent.outputs.best}}")}
    with pytest.raises(Invalid, match="No step writes"):
        settled({"a": train()}, outputs={"best": Output()})
    step = JobStep(component=TRAIN, inputs={"data": Input(path="/d")}, outputs=goal)
    with pytest.raises(Invalid, match="Two steps write"):
        settled({"a": step, "b": step}, outputs={"best": Output()})
    with pytest.raises(Invalid, match="has no output 'best'"):
        settled({"a": step})


def test_references_are_written_out_and_said() -> None:
    made = settled({"a": train()}).jobs["a"]
    assert isinstance(made, JobStep)
    assert made.reference == "azureml:train:3"
    assert made.component == TRAIN


def test_a_settled_pipeline_settles_to_itself() -> None:
    jobs: dict[str, Step] = {
        "a": train("${{parent.inputs.d}}", rate="${{parent.inputs.r}}"),
        "in": JobStep(
            component=PipelineComponent(
                inputs={"x": ComponentInput(type="uri_folder")},
                jobs={"deep": train("${{parent.inputs.x}}")},
            ),
            inputs={"x": MODEL},
        ),
    }
    first = settled(jobs, inputs={"d": Input(path="/d", type="uri_folder"), "r": 0.5})
    again = drive(settled_pipeline(first, find, "boot.py"), accept)
    assert again == first


def test_a_component_that_is_no_pipeline_cannot_be_one() -> None:
    with pytest.raises(Invalid, match="is no pipeline"):
        settled({}, component="azureml:train:3")
