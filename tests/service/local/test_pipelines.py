"""Pipelines on a real service: data handed on, reuse, a service that is killed in the middle."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.client import Client, componentfile, jobfile
from jupyter_aml.model.component import (
    CommandComponent,
    ComponentInput,
    ComponentOutput,
    ConditionStep,
    JobStep,
    ParallelComponent,
    ParallelSettings,
    PipelineComponent,
    Step,
    UpdateComponent,
)
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.model.job import CommandJob, Input, Job, Output, PipelineJob, ReusedJob
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.pipeline import PipelineSettings, StepRow
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.waiting import eventually_sync

EXAMPLES = Path(__file__).parents[3] / "examples"

WRITE = CommandComponent(
    command="echo $[[${{inputs.before}}/text]] ${{inputs.word}} | xargs -n1 sh -c "
    "'test -f $0 && cat $0 || echo $0' > ${{outputs.out}}/text",
    inputs={
        "word": ComponentInput(type="string"),
        "before": ComponentInput(type="uri_folder", optional=True),
    },
    outputs={"out": ComponentOutput()},
)


def write(word: str, before: str = "", **fields: object) -> JobStep:
    """Leaves the words of the step before, and its own."""
    inputs = {"word": word}
    if before:
        inputs["before"] = f"${{{{parent.jobs.{before}.outputs.out}}}}"
    return JobStep(component=WRITE, inputs=inputs, **fields)  # type: ignore[arg-type]


def ended(client: Client, name: str) -> Job:
    def look() -> Job | None:
        job = client.jobs.get(name)
        return job if job.status in JOB.final else None

    return eventually_sync(look, seconds=90)


def steps(client: Client, name: str) -> dict[str, StepRow]:
    return {row.name: row for row in client.jobs.steps(name).value}


def test_data_is_handed_on_and_nothing_runs_twice(client: Client) -> None:
    inner = PipelineComponent(
        inputs={"begun": ComponentInput(type="uri_folder")},
        outputs={"whole": ComponentOutput()},
        jobs={
            "deep": JobStep(
                component=WRITE,
                inputs={"word": "c", "before": "${{parent.inputs.begun}}"},
                outputs={"out": Output(path="${{parent.outputs.whole}}")},
            )
        },
    )
    jobs: dict[str, Step] = {
        "third": JobStep(
            component=inner,
            inputs={"begun": "${{parent.jobs.second.outputs.out}}"},
            outputs={"whole": Output(path="${{parent.outputs.words}}")},
        ),
        "first": write("${{parent.inputs.word}}"),
        "second": write("b", "first"),
    }
    spec = PipelineJob(jobs=jobs, inputs={"word": "a"}, outputs={"words": Output(name="words")})
    job = ended(client, client.jobs.create(spec, "one").name)
    assert job.status == "Completed", job.error
    assert Path(job.outputs["words"], "text").read_text().split() == ["a", "b", "c"]
    assert job.registered == {"words": "azureml:words:1"}
    assert job.receipt is not None
    parts = [client.jobs.get(f"one-{name}").receipt for name in jobs]
    assert job.receipt.seconds == pytest.approx(sum(one.seconds for one in parts if one), abs=0.01)
    found = steps(client, "one")
    assert [found[name].needs for name in ("first", "second", "third")] == [
        [],
        ["first"],
        ["second"],
    ]
    assert found["third"].job == "one-third"
    assert client.jobs.list().value[0].name == "one", "steps are listed under their pipeline alone"
    assert len(client.jobs.list(parent="one").value) == 3

    again = ended(client, client.jobs.create(spec, "two").name)
    assert again.status == "Completed", again.error
    found = steps(client, "two")
    assert {name: row.reused_from for name, row in found.items()} == {
        "first": "one-first",
        "second": "one-second",
        "third": "",
    }
    assert steps(client, "two-third")["deep"].reused_from == "one-third-deep"
    assert again.outputs == job.outputs
    assert again.registered == job.registered
    assert again.receipt is not None
    assert again.receipt.seconds == 0
    assert isinstance(client.jobs.get("two-first").spec, ReusedJob)

    changed = PipelineJob(jobs=jobs, inputs={"word": "z"}, outputs=spec.outputs)
    other = ended(client, client.jobs.create(changed, "three").name)
    assert Path(other.outputs["words"], "text").read_text().split() == ["z", "b", "c"]
    assert not any(row.reused_from for row in steps(client, "three").values())
    forced = PipelineJob(
        jobs={"only": jobs["first"]},
        inputs={"word": "a"},
        settings=PipelineSettings(force_rerun=True),
    )
    ended(client, client.jobs.create(forced, "four").name)
    assert steps(client, "four")["only"].reused_from == ""


def test_a_failure_ends_the_rest_or_only_what_needs_it(client: Client) -> None:
    bad = CommandComponent(command="exit 3", outputs={"out": ComponentOutput()})
    jobs: dict[str, Step] = {
        "bad": JobStep(component=bad),
        "after": write("x", "bad"),
        "beside": write("y"),
    }
    going_on = PipelineSettings(continue_on_step_failure=True)
    job = ended(client, client.jobs.create(PipelineJob(jobs=jobs, settings=going_on), "on").name)
    assert job.status == "Failed"
    assert job.error is not None
    assert job.error.target == "jobs.bad"
    found = steps(client, "on")
    assert {name: row.status for name, row in found.items()} == {
        "bad": "Failed",
        "after": "Skipped",
        "beside": "Completed",
    }
    assert found["after"].reason == "its input before comes from bad, which failed"
    jobs["beside"] = JobStep(component=CommandComponent(command="sleep 60"))
    job = ended(client, client.jobs.create(PipelineJob(jobs=jobs), "off").name)
    assert job.status == "Failed"
    assert steps(client, "off")["beside"].status == "Canceled"


def test_a_killed_service_loses_and_doubles_no_step(
    client: Client, aml_service: ServiceProcess, tmp_path: Path
) -> None:
    gate, ran = tmp_path / "gate", tmp_path / "ran"
    waits = f"echo first >> {ran}; while [ ! -e {gate} ]; do sleep 0.05; done"
    first = CommandComponent(
        command=f"{waits}; echo true > ${{{{outputs.ok}}}}",
        outputs={"ok": ComponentOutput(type="boolean")},
    )
    jobs: dict[str, Step] = {
        "first": JobStep(component=first),
        "is_ok": ConditionStep(
            condition="${{parent.jobs.first.outputs.ok}}", true_block=["yes"], false_block=["no"]
        ),
        "yes": JobStep(component=CommandComponent(command=f"echo yes >> {ran}")),
        "no": JobStep(component=CommandComponent(command=f"echo no >> {ran}")),
    }
    client.jobs.create(PipelineJob(jobs=jobs), "killed")
    eventually_sync(lambda: ran.exists() and ran.read_text(), seconds=60)
    aml_service.kill()
    gate.touch()
    aml_service.start()
    job = ended(client, "killed")
    assert job.status == "Completed", job.error
    assert ran.read_text().split() == ["first", "yes"]
    assert steps(client, "killed")["no"].reason == "is_ok was true"
    assert client.jobs.create(PipelineJob(jobs=jobs), "killed").created_at == job.created_at
    with pytest.raises(Conflict):
        client.jobs.create(PipelineJob(jobs={"first": jobs["first"]}), "killed")


def test_files_go_through_a_parallel_step_a_few_at_a_time(client: Client, tmp_path: Path) -> None:
    code, files = tmp_path / "src", tmp_path / "files"
    code.mkdir()
    files.mkdir()
    for name in "abcde":
        (files / f"{name}.txt").write_text(name)
    (code / "shout.py").write_text(
        "import argparse, pathlib\n"
        "def init():\n"
        "    global end\n"
        "    parser = argparse.ArgumentParser()\n"
        "    parser.add_argument('--end')\n"
        "    end = parser.parse_known_args()[0].end\n"
        "def run(mini_batch):\n"
        "    return [pathlib.Path(p).read_text().upper() + end for p in mini_batch]\n"
    )
    shout = ParallelComponent(
        code=str(code),
        entry_script="shout.py",
        program_arguments="--end ${{inputs.end}}",
        input_data="${{inputs.files}}",
        append_row_to="${{outputs.rows}}",
        inputs={"files": ComponentInput(type="uri_folder"), "end": ComponentInput(type="string")},
        outputs={"rows": ComponentOutput(type="uri_file")},
        settings=ParallelSettings(mini_batch_size=2),
    )
    step = JobStep(
        component=shout,
        inputs={"files": Input(path=str(files)), "end": "!"},
        outputs={"rows": Output(path="${{parent.outputs.rows}}")},
    )
    spec = PipelineJob(jobs={"shout": step}, outputs={"rows": Output(type="uri_file")})
    job = ended(client, client.jobs.create(spec, "loud").name)
    assert job.status == "Completed", job.error
    assert Path(job.outputs["rows"]).read_text().split() == ["A!", "B!", "C!", "D!", "E!"]
    assert steps(client, "loud")["shout"].type == "parallel"


def test_a_canceled_pipeline_ends_its_steps(client: Client) -> None:
    jobs: dict[str, Step] = {
        "long": JobStep(
            component=CommandComponent(command="sleep 60", outputs={"out": ComponentOutput()})
        ),
        "after": write("x", "long"),
    }
    client.jobs.create(PipelineJob(jobs=jobs), "stopped")
    eventually_sync(lambda: steps(client, "stopped")["long"].status == "Running", seconds=60)
    client.jobs.cancel("stopped")
    assert ended(client, "stopped").status == "Canceled"
    found = steps(client, "stopped")
    assert (found["long"].status, found["after"].status) == ("Canceled", "Skipped")
    assert found["after"].reason == "its input before comes from long, which was canceled"


def test_components_have_versions(client: Client) -> None:
    one = client.components.create(named("words"))
    assert one.reference == "azureml:words:1"
    assert client.components.create(named("words")) == one
    two = client.components.create(named("Words", command="true"))
    assert two.reference == "azureml:words:2"
    with pytest.raises(Conflict):
        client.components.create(named("words", command="false", version="2"))
    hidden = client.components.create(WRITE, anonymous=True)
    assert hidden.anonymous
    assert [c.reference for c in client.components.list().value] == [two.reference]
    client.components.archive("words", "2")
    assert client.components.get("words").version == "1"
    client.components.restore("words", "2")
    changed = client.components.update("words", UpdateComponent(description="says"), "1")
    assert changed.spec.description == "says"
    assert changed.content == one.content
    with pytest.raises(NotFound, match="no component 'word'"):
        client.components.get("word")
    with pytest.raises(Invalid, match="no number"):
        client.components.create(
            CommandComponent(
                command="x", inputs={"n": ComponentInput(type="number", default="many")}
            )
        )


def named(name: str, command: str = "echo", version: str = "") -> CommandComponent:
    return CommandComponent(name=name, command=command, version=version)


def test_the_example_runs_from_its_files(client: Client, aml_service: ServiceProcess) -> None:
    file = EXAMPLES / "pipeline" / "pipeline.yml"
    spec, _ = jobfile.load(str(file), {"name": "flowers"}, home=aml_service.home)
    job = ended(client, client.jobs.create(spec, "flowers").name)
    assert job.status == "Completed", job.error
    found = steps(client, "flowers")
    assert (found["announce"].status, found["warn"].status) == ("Completed", "Skipped")
    assert '"flowers": 30' in Path(job.outputs["report"]).read_text()
    assert job.registered == {"model": "azureml:flower-means:1"}
    assert found["train"].component == "train_flowers"

    component, _ = componentfile.load(str(file.parent / "components" / "train.yml"))
    kept = client.components.create(component)
    assert kept.reference == "azureml:train_flowers:1"
    settings = {"jobs.train.component": kept.reference}
    registered, _ = jobfile.load(str(file), settings, home=aml_service.home)
    again = ended(client, client.jobs.create(registered, "again").name)
    assert again.status == "Completed", again.error
    found = steps(client, "again")
    assert found["train"].component == "azureml:train_flowers:1"
    assert found["train"].reused_from == "flowers-train", "it is the same, however it is named"


def test_a_pipeline_is_refused_with_nothing_started(client: Client) -> None:
    with pytest.raises(NotFound) as refused:
        client.jobs.create(PipelineJob(jobs={"a": write("x"), "b": write("y", compute="gone")}))
    assert refused.value.target == "jobs.b.compute"
    with pytest.raises(NotFound, match="input data is not there"):
        client.jobs.create(
            PipelineJob(jobs={"a": write("x")}, inputs={"data": Input(path="/no/x")})
        )
    assert client.jobs.list().value == []
    name = client.jobs.create(CommandJob(command="true")).name
    with pytest.raises(Invalid, match="no pipeline"):
        client.jobs.steps(name)


def test_a_compute_may_be_an_input_of_the_pipeline(client: Client) -> None:
    told = CommandComponent(command="true")
    inner = PipelineComponent(
        inputs={"where": ComponentInput(type="string")},
        jobs={"deep": JobStep(component=told, compute="${{parent.inputs.where}}")},
    )
    spec = PipelineJob(
        inputs={"place": "azureml:local"},
        jobs={
            "flat": JobStep(component=told, compute="${{parent.inputs.place}}"),
            "inner": JobStep(component=inner, inputs={"where": "${{parent.inputs.place}}"}),
        },
    )
    job = ended(client, client.jobs.create(spec, "placed").name)
    assert job.status == "Completed", job.error
    assert steps(client, "placed")["flat"].compute == "local"
    assert client.jobs.get("placed-inner-deep").spec.compute == "local"

    elsewhere = PipelineJob(inputs={"place": "none-such"}, jobs=spec.jobs)
    with pytest.raises(NotFound, match="none-such") as refused:
        client.jobs.check(elsewhere)
    assert refused.value.target == "jobs.flat.compute"


def test_default_artifacts_of_a_step_are_an_output(client: Client) -> None:
    leaves = CommandComponent(
        command="echo world > outputs/world.txt",
        outputs={"artifacts": ComponentOutput()},
    )
    reads = CommandComponent(
        command="cp ${{inputs.before}}/outputs/world.txt ${{outputs.out}}",
        inputs={"before": ComponentInput(type="uri_folder")},
        outputs={"out": ComponentOutput()},
    )
    jobs: dict[str, Step] = {
        "hello": JobStep(component=leaves),
        "world": JobStep(
            component=reads, inputs={"before": "${{parent.jobs.hello.outputs.artifacts}}"}
        ),
    }
    job = ended(client, client.jobs.create(PipelineJob(jobs=jobs), "left").name)
    assert job.status == "Completed", job.error
    out = Path(client.jobs.get("left-world").outputs["out"])
    assert (out / "world.txt").read_text() == "world\n"
