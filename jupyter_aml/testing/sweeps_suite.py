"""What every backend that runs sweeps must do; part of `BackendSuite`."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_aml.model.api import ListJobs
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.job import CreateJob
from jupyter_aml.model.spec import Output
from jupyter_aml.model.sweep import (
    BanditPolicy,
    Choice,
    GridSampling,
    Objective,
    RandomSampling,
    SweepJob,
    SweepLimits,
    Trial,
    Uniform,
)
from jupyter_aml.service.backends.protocol import JobsFacet
from jupyter_aml.testing.suite import Suite, page_of
from jupyter_aml.testing.waiting import eventually

LOGS = "python -c \"import jupyter_aml as aml; aml.log('score', ${{search_space.x}})\""


class SweepsSuite(Suite):
    """A sweep is a job made of others, so these are tests of ``jobs``."""

    def sweep(self, command: str, **more: Any) -> CreateJob:
        given: dict[str, Any] = {
            "search_space": {"x": Choice([2, 7, 3])},
            "sampling": GridSampling(),
            "objective": Objective(goal="maximize", primary_metric="score"),
            "limits": SweepLimits(max_concurrent_trials=2),
        }
        spec = SweepJob(command=command, compute=self.here, **{**given, **more})
        return CreateJob(name="search", spec=spec)

    async def test_every_trial_runs_and_the_best_is_named(self, jobs: JobsFacet) -> None:
        command = f"{LOGS}; echo ${{{{search_space.x}}}} > ${{{{outputs.model}}}}/best"
        await jobs.create(body=self.sweep(command, outputs={"model": Output()}))
        ended = await self.done(jobs, "search")
        assert (ended.status, ended.best_child) == ("Completed", "search_1")
        found = await jobs.trials("search")
        assert [trial.job for trial in found.value] == ["search_0", "search_1", "search_2"]
        assert [trial.parameters["x"] for trial in found.value] == [2, 7, 3]
        assert [trial.metric for trial in found.value] == [2, 7, 3]
        assert [trial.number for trial in found.value if trial.best] == [1]
        assert (found.best, found.total, found.goal) == ("search_1", 3, "maximize")
        assert ended.outputs == (await jobs.get("search_1")).outputs
        logged = (await jobs.metrics("search_1")).metrics
        assert [(one.name, one.values) for one in logged] == [("score", [7])]

    async def test_trials_are_listed_with_their_sweep_alone(self, jobs: JobsFacet) -> None:
        await jobs.create(body=self.sweep(LOGS))
        await self.done(jobs, "search")
        assert [one.name for one in (await page_of(jobs)).value] == ["search"]
        parts = await jobs.list(query=ListJobs(parent="search"))
        names = [one.name for one in (await page_of(jobs, parts)).value]
        assert sorted(names) == ["search_0", "search_1", "search_2"]
        assert (await jobs.get("search_0")).spec.parent == "search"

    async def test_no_more_trials_run_than_were_asked_for(self, jobs: JobsFacet) -> None:
        sampling = RandomSampling(seed=7)
        space = {"x": Uniform(min_value=1, max_value=2)}
        limits = SweepLimits(max_total_trials=2, max_concurrent_trials=1)
        body = self.sweep(LOGS, search_space=space, sampling=sampling, limits=limits)
        await jobs.create(body=body)
        assert (await self.done(jobs, "search")).status == "Completed"
        found = (await jobs.trials("search")).value
        assert [trial.job for trial in found] == ["search_0", "search_1"]
        assert found[0].parameters != found[1].parameters
        assert (found[0].ended_at or "") <= (found[1].started_at or ""), "one at a time"

    async def test_a_sweep_whose_trials_all_fail_has_failed(self, jobs: JobsFacet) -> None:
        await jobs.create(body=self.sweep("exit 3 && echo ${{search_space.x}}"))
        ended = await self.done(jobs, "search")
        assert ended.status == "Failed"
        assert ended.error is not None
        assert ended.error.hint
        assert {trial.status for trial in (await jobs.trials("search")).value} == {"Failed"}

    async def test_a_trial_that_is_far_behind_is_ended_early(self, jobs: JobsFacet) -> None:
        behind = self.sweep(
            f"{LOGS}; sleep 120",
            search_space={"x": Choice([9, 1])},
            early_termination=BanditPolicy(slack_amount=1),
        )
        await jobs.create(body=behind)

        async def ended() -> Trial | None:
            found = (await jobs.trials("search")).value
            return next((one for one in found if one.status == "Canceled"), None)

        trial = await eventually(ended, seconds=self.patience)
        assert trial is not None
        assert trial.number == 1
        assert trial.terminated
        assert (await jobs.get("search_0")).status != "Canceled"
        await jobs.cancel("search")
        await self.done(jobs, "search")

    async def test_cancelling_a_sweep_cancels_its_trials(self, jobs: JobsFacet) -> None:
        await jobs.create(body=self.sweep("sleep 120; echo ${{search_space.x}}"))

        async def begun() -> bool:
            found = (await jobs.trials("search")).value
            return any(trial.status == "Running" for trial in found)

        await eventually(begun, seconds=self.patience)
        await jobs.cancel("search")
        assert (await self.done(jobs, "search")).status == "Canceled"
        assert {one.status for one in (await jobs.trials("search")).value} == {"Canceled"}

    async def test_a_space_that_cannot_be_searched_is_refused(self, jobs: JobsFacet) -> None:
        body = self.sweep(LOGS, search_space={"x": Uniform(min_value=2, max_value=1)})
        for verb in (jobs.check, jobs.create):
            with pytest.raises(Invalid) as refused:
                await verb(body=body)
            assert "search_space.x" in refused.value.target
        with pytest.raises(NotFound):
            await jobs.get("search")

    async def test_only_a_sweep_has_trials(self, jobs: JobsFacet) -> None:
        await jobs.create(body=self.command("echo", name="mine"))
        await self.done(jobs, "mine")
        with pytest.raises(Invalid):
            await jobs.trials("mine")
        with pytest.raises(NotFound):
            await jobs.trials("no_such_job")
