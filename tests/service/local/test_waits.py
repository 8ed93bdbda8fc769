"""Waits of a real service: what is told while a job waits, and what is learnt from it."""

from __future__ import annotations

from pathlib import Path

from jupyter_aml.client import Client
from jupyter_aml.model.compute import AmlCompute
from jupyter_aml.model.job import CellJob, CommandJob, Job
from jupyter_aml.model.waiting import UsualStart, WaitStage
from jupyter_aml.testing.waiting import eventually_sync
from tests.service.local.sessions_ahead import Line


def ended(client: Client, spec: CellJob | CommandJob) -> Job:
    following = client.jobs.run(spec)
    for _ in following:
        pass
    return following.outcome()


def test_nine_starts_make_a_usual_one(client: Client) -> None:
    def usual() -> list[UsualStart]:
        found = client.compute.waits(size="local", environment="kernel").value
        return [one for one in found if one.situation == "ready"]

    for _ in range(8):
        ended(client, CellJob(source="1"))
    assert usual() == []

    def one_more() -> list[UsualStart]:
        """The first had to wait for the node of this fresh service, others may have for a turn."""
        ended(client, CellJob(source="1"))
        return usual()

    (known,) = eventually_sync(one_more)
    assert known.size == "local"
    assert known.count >= 9
    assert 0 < known.low <= known.high < 60
    told = client.jobs.wait(ended(client, CellJob(source="1")).name)
    assert told.usual_high is not None
    assert told.count >= 9


def test_a_cold_start_is_told_stage_by_stage_and_kept_with_its_receipt(
    client: Client, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    client.compute.create(AmlCompute(name="cold", max_instances=1))
    job = ended(client, CommandJob(command="true", compute="cold", code=str(tmp_path)))
    assert job.receipt is not None
    assert {"node", "process", "running"} <= set(job.receipt.stages)
    told = client.jobs.wait(job.name)
    assert not told.waiting
    names = [stage.name for stage in told.stages]
    assert names[0] == "node"
    assert {stage.state for stage in told.stages} == {"done"}
    assert told.seconds > 0


async def test_a_start_that_is_told_late_counts_from_when_it_was(line: Line) -> None:
    """A quick job's is told with its end. Another machine's clock cannot move it out of the job."""
    await line.hold()
    live, clock = line.engine.jobs["held"], line.engine.clock
    now = clock.monotonic()
    between = (live.started_at + now) / 2

    def counted(at: float) -> float:
        live.running_at = 0.0
        line.engine.reports.started({"job": "held", "attempt": 1, "rank": 0, "at": at})
        return live.running_at

    assert counted(between) == between
    assert counted(live.started_at - 3600) == live.started_at
    assert now <= counted(now + 3600) <= clock.monotonic()
    await line.open_gate("held")
    await line.completed("held")


def test_a_job_in_line_says_why(client: Client, tmp_path: Path) -> None:
    client.compute.create(AmlCompute(name="narrow", max_instances=1))
    go = tmp_path / "go"
    wait = f"while [ ! -e {go} ]; do sleep 0.05; done"
    first = client.jobs.create(CommandJob(command=wait, compute="narrow"))
    try:
        eventually_sync(lambda: not client.jobs.wait(first.name).waiting)
        second = client.jobs.create(CommandJob(command="true", compute="narrow"))
        told = client.jobs.wait(second.name)
        assert told.waiting
        current = next(stage for stage in told.stages if stage.state == "current")
        assert current.name == "queued"
        assert "1st in line" in current.reason
        assert current.usual_low is None  # nobody has waited here before
        assert [stage.name for stage in told.stages if stage.state == "ahead"] == ["process"]
        for _ in range(7):
            last = client.jobs.create(CommandJob(command="true", compute="narrow"))
        (far,) = [s for s in client.jobs.wait(last.name).stages if s.state == "current"]
        assert far.reason == "7 jobs are before it in line"
        # Shorter than a twentieth of a second, a wait in line is none.
        eventually_sync(lambda: _current(client, second.name).seconds > 0.1)
    finally:
        go.touch()
    for _ in client.jobs.follow(second.name):
        pass
    receipt = client.jobs.get(second.name).receipt
    assert receipt is not None
    assert receipt.stages["queued"] > 0


def _current(client: Client, name: str) -> WaitStage:
    return next(stage for stage in client.jobs.wait(name).stages if stage.state == "current")


def test_a_job_that_failed_shows_where(client: Client) -> None:
    job = ended(client, CommandJob(command="exit 3"))
    told = client.jobs.wait(job.name)
    assert (told.stages[-1].name, told.stages[-1].state) == ("running", "failed")
