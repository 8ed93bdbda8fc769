"""What every backend that runs pipelines must do; part of `BackendSuite`."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_aml.model.component import (
    CommandComponent,
    ComponentInput,
    ComponentOutput,
    ConditionStep,
    CreateComponent,
    JobStep,
    Step,
)
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.job import CreateJob, Output, PipelineJob
from jupyter_aml.model.pipeline import PipelineSettings, StepRow
from jupyter_aml.service.backends.protocol import Backend, JobsFacet
from jupyter_aml.testing.suite import Suite, page_of
from jupyter_aml.testing.waiting import eventually

SAY = CommandComponent(
    command="echo ${{inputs.word}} > ${{outputs.said}}",
    inputs={"word": ComponentInput(type="string")},
    outputs={"said": ComponentOutput(type="string")},
)
"""Leaves a value."""

KEEP = CommandComponent(
    command="cat ${{inputs.file}}; echo kept > ${{outputs.folder}}/note",
    inputs={"file": ComponentInput(type="uri_file")},
    outputs={"folder": ComponentOutput()},
)
"""Reads a file, leaves a folder."""

FILE = CommandComponent(
    command="echo ${{inputs.word}} > ${{outputs.file}}",
    inputs={"word": ComponentInput(type="string")},
    outputs={"file": ComponentOutput(type="uri_file")},
)
FAIL = CommandComponent(command="echo working; exit 3", outputs={"out": ComponentOutput()})
AFTER = CommandComponent(
    command="echo after ${{inputs.before}}", inputs={"before": ComponentInput(type="uri_folder")}
)
CHECK = CommandComponent(
    command="echo ${{inputs.answer}} > ${{outputs.good}}",
    inputs={"answer": ComponentInput(type="string")},
    outputs={"good": ComponentOutput(type="boolean")},
)


def say(word: str, **more: Any) -> JobStep:
    return JobStep(component=SAY, inputs={"word": word}, **more)


class PipelinesSuite(Suite):
    """A pipeline is a job made of others, so these are tests of ``jobs``."""

    def pipeline(self, jobs: dict[str, Step], name: str = "line", **more: Any) -> CreateJob:
        return CreateJob(name=name, spec=PipelineJob(jobs=jobs, compute=self.here, **more))

    async def rows(self, jobs: JobsFacet, name: str = "line") -> dict[str, StepRow]:
        return {row.name: row for row in (await jobs.steps(name)).value}

    async def test_values_and_files_are_handed_on(self, jobs: JobsFacet) -> None:
        steps: dict[str, Step] = {
            "keep": JobStep(
                component=KEEP,
                inputs={"file": "${{parent.jobs.write.outputs.file}}"},
                outputs={"folder": Output(path="${{parent.outputs.all}}")},
            ),
            "first": say("${{parent.inputs.word}}"),
            "write": JobStep(
                component=FILE, inputs={"word": "${{parent.jobs.first.outputs.said}}"}
            ),
        }
        body = self.pipeline(steps, inputs={"word": "maple"}, outputs={"all": Output()})
        await jobs.create(body=body)
        ended = await self.done(jobs, "line")
        assert ended.status == "Completed", ended.error
        rows = await self.rows(jobs)
        assert [row.status for row in rows.values()] == ["Completed"] * 3
        assert rows["keep"].reads == {"file": "write.file"}
        assert rows["keep"].needs == ["write"]
        assert rows["write"].inputs == {"word": "maple"}
        events = await self.events_of(jobs, rows["keep"].job)
        assert "".join(one.text for one in events if one.kind == "stdout") == "maple\n"
        assert ended.outputs["all"] == rows["keep"].outputs["folder"]

    async def test_steps_are_jobs_that_are_listed_with_their_pipeline(
        self, jobs: JobsFacet
    ) -> None:
        await jobs.create(body=self.pipeline({"one": say("a"), "two": say("b")}))
        await self.done(jobs, "line")
        assert [one.name for one in (await page_of(jobs)).value] == ["line"]
        assert (await jobs.get("line-one")).spec.parent == "line"

    async def test_what_was_done_before_is_not_done_again(self, jobs: JobsFacet) -> None:
        await jobs.create(body=self.pipeline({"one": say("same")}))
        await self.done(jobs, "line")
        await jobs.create(body=self.pipeline({"one": say("same"), "two": say("other")}, "again"))
        assert (await self.done(jobs, "again")).status == "Completed"
        rows = await self.rows(jobs, "again")
        assert (rows["one"].reused_from, rows["two"].reused_from) == ("line-one", "")
        assert rows["one"].outputs == (await self.rows(jobs))["one"].outputs
        anew = PipelineSettings(force_rerun=True)
        await jobs.create(body=self.pipeline({"one": say("same")}, "anew", settings=anew))
        await self.done(jobs, "anew")
        assert (await self.rows(jobs, "anew"))["one"].reused_from == ""

    async def test_the_first_failure_ends_the_rest(self, jobs: JobsFacet) -> None:
        steps: dict[str, Step] = {
            "bad": JobStep(component=FAIL),
            "after": JobStep(
                component=AFTER, inputs={"before": "${{parent.jobs.bad.outputs.out}}"}
            ),
        }
        await jobs.create(body=self.pipeline(steps))
        ended = await self.done(jobs, "line")
        assert (ended.status, ended.error and ended.error.target) == ("Failed", "jobs.bad")
        rows = await self.rows(jobs)
        assert (rows["bad"].status, rows["after"].status) == ("Failed", "Skipped")
        assert rows["after"].reason

    async def test_what_does_not_need_a_failed_step_goes_on_if_told(self, jobs: JobsFacet) -> None:
        settings = PipelineSettings(continue_on_step_failure=True)
        steps: dict[str, Step] = {
            "bad": JobStep(component=FAIL),
            "good": say("a"),
            "later": JobStep(component=FILE, inputs={"word": "${{parent.jobs.good.outputs.said}}"}),
        }
        await jobs.create(body=self.pipeline(steps, settings=settings))
        assert (await self.done(jobs, "line")).status == "Failed"
        assert (await self.rows(jobs))["later"].status == "Completed"

    async def test_a_condition_decides_which_steps_run(self, jobs: JobsFacet) -> None:
        steps: dict[str, Step] = {
            "check": JobStep(component=CHECK, inputs={"answer": "true"}),
            "good": ConditionStep(
                condition="${{parent.jobs.check.outputs.good}}",
                true_block=["yes"],
                false_block=["no"],
            ),
            "yes": say("yes"),
            "no": say("no"),
        }
        await jobs.create(body=self.pipeline(steps))
        assert (await self.done(jobs, "line")).status == "Completed"
        rows = await self.rows(jobs)
        assert (rows["yes"].status, rows["no"].status) == ("Completed", "Skipped")
        assert rows["no"].block == "good.false"

    async def test_cancelling_a_pipeline_cancels_its_steps(self, jobs: JobsFacet) -> None:
        slow = CommandComponent(command="sleep 120")
        await jobs.create(body=self.pipeline({"slow": JobStep(component=slow)}))

        async def begun() -> bool:
            return (await self.rows(jobs))["slow"].status == "Running"

        await eventually(begun, seconds=self.patience)
        await jobs.cancel("line")
        assert (await self.done(jobs, "line")).status == "Canceled"
        assert (await self.rows(jobs))["slow"].status == "Canceled"

    async def test_a_registered_component_is_a_step(
        self, backend: Backend, jobs: JobsFacet
    ) -> None:
        if backend.components is None:
            pytest.skip("this backend has no components")
        named = CommandComponent(
            name="say", command=SAY.command, inputs=SAY.inputs, outputs=SAY.outputs
        )
        await backend.components.create(body=CreateComponent(spec=named))
        step = JobStep(component="azureml:say@latest", inputs={"word": "hello"})
        await jobs.create(body=self.pipeline({"one": step}))
        assert (await self.done(jobs, "line")).status == "Completed"
        assert (await self.rows(jobs))["one"].component.startswith("azureml:say")

    async def test_what_is_wrong_is_named_before_anything_runs(self, jobs: JobsFacet) -> None:
        a, b = (f"${{{{parent.jobs.{name}.outputs.said}}}}" for name in "ab")
        wrong: list[tuple[dict[str, Step], str]] = [
            ({"a": say(b)}, "jobs.a.inputs.word"),
            ({"a": say("${{parent.inputs.none}}")}, "jobs.a.inputs.word"),
            ({"a": JobStep(component=SAY)}, "jobs.a.inputs.word"),
            ({"1a": say("x")}, "jobs"),
            ({"a": say(b), "b": say(a)}, "jobs.a"),
        ]
        for steps, target in wrong:
            for verb in (jobs.check, jobs.create):
                with pytest.raises(Invalid) as refused:
                    await verb(body=self.pipeline(steps))
                assert refused.value.target == target
        with pytest.raises(NotFound):
            await jobs.get("line")

    async def test_only_a_pipeline_has_steps(self, jobs: JobsFacet) -> None:
        await jobs.create(body=self.command("echo", name="mine"))
        await self.done(jobs, "mine")
        with pytest.raises(Invalid):
            await jobs.steps("mine")
        with pytest.raises(NotFound):
            await jobs.steps("no_such_job")
