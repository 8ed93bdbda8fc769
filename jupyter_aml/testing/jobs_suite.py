"""What every backend's ``jobs`` and ``cells`` must do; see `testing.backend_suite`."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from jupyter_aml.model.api import FindCell, FollowJob, ListJobs
from jupyter_aml.model.compute import AmlCompute, ComputeInstance
from jupyter_aml.model.errors import ComputeNotRunning, Conflict, Invalid, NotFound
from jupyter_aml.model.event import Event
from jupyter_aml.model.job import CommandJob, CreateJob, Job, JobPage, UpdateJob
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.many import CreateJobs
from jupyter_aml.model.names import LOCAL
from jupyter_aml.model.preflight import CheckJob
from jupyter_aml.service.backends.protocol import Backend, CellsFacet, ComputeFacet, JobsFacet
from jupyter_aml.testing.suite import NAME_TRAPS, Suite, page_of

_BY_NAME = ("get", "cancel", "archive", "restore", "files", "result", "wait", "diagnosis")


class JobsSuite(Suite):
    """The facets ``jobs`` and ``cells``."""

    async def test_a_command_runs_and_its_output_is_kept(self, jobs: JobsFacet) -> None:
        made = await jobs.create(body=self.command("echo hello; echo oops >&2"))
        assert made.status in JOB.moves
        assert made.name
        found = await self.events_of(jobs, made.name)
        assert [event.seq for event in found] == [*range(1, len(found) + 1)]
        assert "".join(event.text for event in found if event.kind == "stdout") == "hello\n"
        assert "".join(event.text for event in found if event.kind == "stderr") == "oops\n"
        assert (found[-1].kind, found[-1].status) == ("status", "Completed")
        ended = await self.done(jobs, made.name)
        assert (ended.status, ended.exit_code, ended.attempt) == ("Completed", 0, 1)
        assert ended.started_at
        assert ended.ended_at
        assert ended.created_at <= ended.started_at <= ended.ended_at
        assert ended.last_seq == found[-1].seq

    async def test_statuses_move_as_the_table_allows(self, jobs: JobsFacet) -> None:
        made = await jobs.create(body=self.command("echo hello"))
        said = [e.status for e in await self.events_of(jobs, made.name) if e.kind == "status"]
        assert said[-1] == "Completed"
        for before, after in pairwise(said):
            # the same status again has another reason
            assert before == after or JOB.may(before, after), f"{before} to {after}"

    async def test_a_command_that_fails_says_so(self, jobs: JobsFacet) -> None:
        made = await jobs.create(body=self.command("echo working; exit 3"))
        ended = await self.done(jobs, made.name)
        assert (ended.status, ended.exit_code) == ("Failed", 3)
        assert ended.error is not None
        assert "3" in ended.error.message

    async def test_events_can_be_followed_from_any_number(self, jobs: JobsFacet) -> None:
        made = await jobs.create(body=self.command("echo one; echo two; echo three"))
        everything = await self.events_of(jobs, made.name)
        for after in range(len(everything) + 1):
            assert await self.events_of(jobs, made.name, after=after) == everything[after:]

    async def test_not_waiting_ends_at_what_is_there(self, jobs: JobsFacet) -> None:
        made = await jobs.create(body=self.command("echo early; sleep 60"))
        await self.prints(jobs, made.name, "early\n")
        found = await self.events_of(jobs, made.name, wait=False)
        assert not [event for event in found if event.status in JOB.final]
        await jobs.cancel(made.name)
        await self.done(jobs, made.name)

    async def test_every_follower_sees_the_same(self, jobs: JobsFacet) -> None:
        made = await jobs.create(body=self.command("echo one; sleep 0.2; echo two"))
        all_ = await asyncio.gather(*(self.events_of(jobs, made.name) for _ in range(8)))
        assert "two" in "".join(event.text for event in all_[0])
        assert all(found == all_[0] for found in all_)

    async def test_a_follower_that_goes_away_does_not_disturb_the_job(
        self, jobs: JobsFacet
    ) -> None:
        follow = await jobs.run(body=self.command("echo one; sleep 0.2; echo two"))
        first = msgspec.json.decode((await anext(follow)).splitlines()[0])
        await follow.aclose()  # type: ignore[attr-defined]  # a generator, as the server has it
        assert (await self.done(jobs, first["job"]["name"])).status == "Completed"

    async def test_run_is_create_and_events_in_one(self, jobs: JobsFacet) -> None:
        follow = await jobs.run(body=self.command("echo hello", name="mine"))
        lines = b"".join([batch async for batch in follow]).splitlines()
        first, last = (msgspec.json.decode(lines[n])["job"] for n in (0, -1))
        assert msgspec.convert(first, Job).name == "mine"
        assert msgspec.convert(last, Job) == await jobs.get("mine")
        found = [msgspec.json.decode(line, type=Event) for line in lines[1:-1] if line != b"{}"]
        assert found == await self.events_of(jobs, "mine")

    async def test_cancel_stops_a_running_job_and_twice_is_no_error(
        self, backend: Backend, jobs: JobsFacet
    ) -> None:
        made = await jobs.create(body=self.command("echo started; sleep 60"))
        await self.prints(jobs, made.name, "started\n")
        assert backend.running()["jobs"] == 1
        assert made.name in [name for noun, name, _ in backend.state() if noun == "job"]
        assert (await jobs.cancel(made.name)).status in ("CancelRequested", "Canceled")
        ended = await self.done(jobs, made.name)
        assert ended.status == "Canceled"
        assert (await jobs.cancel(made.name)).status == "Canceled"
        assert backend.running()["jobs"] == 0

    async def test_many_are_accepted_in_their_order_and_all_run(self, jobs: JobsFacet) -> None:
        bodies = [self.command(f"echo {number}", name=f"one-{number}") for number in range(5)]
        made = await jobs.create_many(body=CreateJobs(jobs=bodies))
        assert [one.name for one in made.value] == [body.name for body in bodies]
        for number, one in enumerate(made.value):
            assert (await self.done(jobs, one.name)).status == "Completed"
            found = await self.events_of(jobs, one.name)
            assert [event.seq for event in found] == [*range(1, len(found) + 1)]
            assert "".join(e.text for e in found if e.kind == "stdout") == f"{number}\n"

    async def test_of_many_the_ones_that_are_there_already_are_those(self, jobs: JobsFacet) -> None:
        ended = await jobs.create(body=self.command("echo hello", name="mine"))
        await self.done(jobs, ended.name)
        bodies = [self.command("echo hello", name="mine"), self.command("echo more", name="other")]
        first = await jobs.create_many(body=CreateJobs(jobs=bodies))
        again = await jobs.create_many(body=CreateJobs(jobs=bodies))
        assert [one.created_at for one in first.value] == [one.created_at for one in again.value]
        assert first.value[0].created_at == ended.created_at
        page = await self._page(jobs)
        assert sorted(summary.name for summary in page.value) == ["mine", "other"]
        await self.done(jobs, "other")

    @pytest.mark.parametrize(
        ("second", "error"),
        [
            ({"compute": "nowhere"}, NotFound),
            ({"name": "first"}, Invalid),
            ({"name": "mine"}, Conflict),
        ],
    )
    async def test_of_many_one_that_is_refused_refuses_them_all(
        self, jobs: JobsFacet, second: dict[str, str], error: type[Exception]
    ) -> None:
        known = await jobs.create(body=self.command("echo hello", name="mine"))
        await self.done(jobs, known.name)
        other = CommandJob(command="echo other", compute=second.get("compute", LOCAL))
        first = self.command("echo one", name="first")
        bodies = [first, CreateJob(spec=other, name=second.get("name", ""))]
        with pytest.raises(error):
            await jobs.create_many(body=CreateJobs(jobs=bodies))
        with pytest.raises(NotFound):
            await jobs.get("first")

    async def test_the_same_name_and_spec_is_the_same_job(self, jobs: JobsFacet) -> None:
        body = self.command("echo hello", name="mine")
        first, second = await asyncio.gather(jobs.create(body=body), jobs.create(body=body))
        assert first.name == second.name == "mine"
        ended = await self.done(jobs, "mine")
        assert (await jobs.create(body=body)).ended_at == ended.ended_at
        with pytest.raises(Conflict):
            await jobs.create(body=self.command("echo other", name="mine"))
        found = [e for e in await self.events_of(jobs, "mine") if e.kind == "stdout"]
        assert len(found) == 1, "it ran once"

    @pytest.mark.parametrize("name", [name for name in NAME_TRAPS if name])
    async def test_a_job_name_that_azure_refuses_is_refused(
        self, jobs: JobsFacet, name: str
    ) -> None:
        with pytest.raises(Invalid):
            await jobs.create(body=self.command("echo hello", name=name))

    async def test_an_unknown_compute_is_refused_and_nothing_is_kept(self, jobs: JobsFacet) -> None:
        body = CreateJob(name="lost", spec=CommandJob(command="echo", compute="no-such-compute"))
        for verb in (jobs.check, jobs.create, jobs.run):
            with pytest.raises(NotFound) as refused:
                await verb(body=body)
            assert "no-such-compute" in refused.value.message
        with pytest.raises(NotFound):
            await jobs.get("lost")

    async def test_a_stopped_compute_is_refused(
        self, computes: ComputeFacet, jobs: JobsFacet
    ) -> None:
        await computes.create(body=ComputeInstance(name="dev-box", size=self.size))
        await self.becomes(computes, "dev-box", "Running")
        await computes.stop("dev-box")
        await self.becomes(computes, "dev-box", "Stopped")
        with pytest.raises(ComputeNotRunning) as refused:
            await jobs.create(body=CreateJob(spec=CommandJob(command="echo", compute="dev-box")))
        assert "start" in refused.value.hint

    async def test_a_cluster_takes_the_job_it_scaled_up_for(
        self, computes: ComputeFacet, jobs: JobsFacet
    ) -> None:
        await computes.create(body=AmlCompute(name="cpu-cluster", size=self.size))
        spec = CommandJob(command="echo there", compute="cpu-cluster")
        made = await jobs.create(body=CreateJob(spec=spec))
        ended = await self.done(jobs, made.name)
        assert (ended.status, ended.spec.compute) == ("Completed", "cpu-cluster")

    async def test_checking_keeps_nothing(self, jobs: JobsFacet) -> None:
        checked = await jobs.check(body=self.command("echo hello", name="mine"))
        assert checked.name == "mine"
        with pytest.raises(NotFound):
            await jobs.get("mine")

    async def test_preflight_says_what_create_would_refuse_and_keeps_nothing(
        self, jobs: JobsFacet
    ) -> None:
        fit = await jobs.preflight(body=CheckJob(spec=self.command("echo hello").spec))
        assert [one for one in fit.problems if one.severity == "error"] == []
        lost = CommandJob(command="echo", compute="no-such-compute")
        told = await jobs.preflight(body=CheckJob(spec=lost))
        assert [one.code for one in told.problems] == ["NotFound"]
        assert not (await self._page(jobs)).value

    async def test_a_job_that_ended_waits_no_more(self, jobs: JobsFacet) -> None:
        made = await jobs.create(body=self.command("echo hello"))
        await self.done(jobs, made.name)
        told = await jobs.wait(made.name)
        assert (told.job, told.waiting, told.alternative) == (made.name, False, None)
        assert "current" not in {stage.state for stage in told.stages}

    async def test_a_job_that_completed_has_no_diagnosis(self, jobs: JobsFacet) -> None:
        made = await jobs.create(body=self.command("echo 'error: No space left on device'"))
        await self.done(jobs, made.name)
        told = await jobs.diagnosis(made.name)
        assert (told.job, told.diagnosis) == (made.name, None)

    async def test_lists_are_newest_first_in_pages(self, jobs: JobsFacet) -> None:
        for number in range(5):
            await jobs.create(body=self.command("echo", name=f"job{number}"))
        seen: list[str] = []
        after = ""
        while True:
            page = await self._page(jobs, max_results=2, after=after)
            seen += [one.name for one in page.value]
            after = page.next
            if not after:
                break
        assert seen == ["job4", "job3", "job2", "job1", "job0"]
        for name in seen:
            await self.done(jobs, name)

    async def test_archived_jobs_are_hidden_until_they_are_restored(self, jobs: JobsFacet) -> None:
        await jobs.create(body=self.command("echo", name="mine"))
        await self.done(jobs, "mine")
        assert (await jobs.archive("mine")).archived
        assert not (await self._page(jobs)).value
        assert [one.name for one in (await self._page(jobs, include_archived=True)).value]
        await jobs.restore("mine")
        assert [one.name for one in (await self._page(jobs)).value] == ["mine"]

    async def test_what_a_job_is_shown_by_can_be_changed(self, jobs: JobsFacet) -> None:
        asked = self.command("echo", name="mine")
        await jobs.create(body=asked)
        told = UpdateJob(display_name="Mine", tags={"team": "blue"}, properties={"commit": "1f3"})
        for _ in range(2):  # while it may still run, and once it has ended
            spec = (await jobs.update("mine", body=told)).spec
            assert (spec.display_name, spec.tags) == ("Mine", {"team": "blue"})
            await self.done(jobs, "mine")
        spec = (await jobs.update("mine", body=UpdateJob(description="Why", tags={}))).spec
        assert (spec.description, spec.tags, spec.properties) == ("Why", {}, {"commit": "1f3"})
        assert (await self._page(jobs)).value[0].display_name == "Mine"
        assert (await jobs.create(body=asked)).spec.display_name == "Mine"  # it is the same job

    async def test_tags_that_cannot_be_are_refused(self, jobs: JobsFacet) -> None:
        await jobs.create(body=self.command("echo", name="mine"))
        await self.done(jobs, "mine")
        with pytest.raises(Invalid) as refused:
            await jobs.update("mine", body=UpdateJob(tags={"long": "x" * 2000}))
        assert refused.value.target == "tags"

    @pytest.mark.parametrize("verb", _BY_NAME)
    async def test_a_job_that_is_not_there_is_not_found(self, jobs: JobsFacet, verb: str) -> None:
        with pytest.raises(NotFound) as refused:
            await getattr(jobs, verb)("no_such_job")
        assert "no_such_job" in refused.value.message
        with pytest.raises(NotFound):
            await jobs.events("no_such_job", query=FollowJob())

    async def test_a_cell_prints(self, jobs: JobsFacet) -> None:
        made = await jobs.create(body=self.cell("for n in range(3):\n    print(n)"))
        found = await self.events_of(jobs, made.name)
        assert "".join(event.text for event in found if event.kind == "stdout") == "0\n1\n2\n"
        assert (await self.done(jobs, made.name)).status == "Completed"

    async def test_a_cell_that_raises_says_what_and_where(self, jobs: JobsFacet) -> None:
        made = await jobs.create(body=self.cell("x = 1\nx / 0"))
        found = await self.events_of(jobs, made.name)
        (error,) = [event for event in found if event.kind == "error"]
        assert error.ename == "ZeroDivisionError"
        assert error.traceback
        ended = await self.done(jobs, made.name)
        assert ended.status == "Failed"
        assert ended.error is not None
        assert "ZeroDivisionError" in ended.error.message

    @pytest.fixture
    def cells(self, backend: Backend) -> CellsFacet:
        if backend.cells is None:
            pytest.skip("this backend has no cells")
        return backend.cells

    async def test_the_newest_run_of_a_cell_is_found(
        self, cells: CellsFacet, jobs: JobsFacet
    ) -> None:
        here = {"notebook": "a.ipynb", "cell_id": "c1"}
        await jobs.create(body=self.cell("print(1)", **here))
        newest = await jobs.create(body=self.cell("print(2)", **here))
        await self.done(jobs, newest.name)
        run = await cells.get(query=FindCell(**here))
        assert run.job == newest.name
        assert run.status in JOB.moves
        with pytest.raises(NotFound):
            await cells.get(query=FindCell(notebook="a.ipynb", cell_id="c2"))

    async def _page(self, jobs: JobsFacet, **query: Any) -> JobPage:
        return await page_of(jobs, await jobs.list(query=ListJobs(**query)))
