"""Making room on a real service."""

from __future__ import annotations

from pathlib import Path

from jupyter_aml.client import Client
from jupyter_aml.model.job import CellJob, CommandJob, Job, Output
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.storage import PruneStorage
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.waiting import eventually_sync

EVERYTHING = PruneStorage(older_than_days=0, max_bytes=0)


def ended(client: Client, name: str) -> Job:
    def look() -> Job | None:
        job = client.jobs.get(name)
        return job if job.status in JOB.final else None

    return eventually_sync(look)


def left(client: Client) -> set[str]:
    return {job.name for job in client.jobs.list(include_archived=True).value}


def test_what_runs_waits_or_is_kept_in_a_session_stays(
    aml_service: ServiceProcess, client: Client, tmp_path: Path
) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "a.py").write_text("print(1)")
    spec = CommandJob(
        command="echo hi > ${{outputs.made}}/x",
        outputs={"made": Output()},
        code=str(code),
    )
    over = ended(client, client.jobs.create(spec).name)
    runs = client.jobs.create(CommandJob(command="sleep 600", code=str(code)))
    cell = ended(client, client.jobs.create(CellJob(source="x = 1", session="work")).name)
    kinds = {one.kind: one for one in client.storage.usage().kinds}
    assert kinds["outputs"].bytes > 0
    assert kinds["snapshots"].items == 1

    report = client.service.prune(EVERYTHING)
    assert {one.name for one in report.removed} == {over.name}
    assert {one.name for one in report.kept} >= {runs.name, cell.name}
    assert left(client) == {runs.name, cell.name}
    assert not (aml_service.home / "jobs" / over.name).exists()

    client.sessions.delete("work")
    eventually_sync(lambda: not client.sessions.list().value)
    client.jobs.cancel(runs.name)
    ended(client, runs.name)
    assert {one.name for one in client.service.prune(EVERYTHING).removed} == {runs.name, cell.name}
    assert left(client) == set()
    assert ended(client, client.jobs.create(spec).name).status == "Completed"


def test_a_prune_that_is_killed_is_finished_by_the_next(
    aml_service: ServiceProcess, client: Client
) -> None:
    names = {
        ended(client, client.jobs.create(CommandJob(command="true")).name).name for _ in range(5)
    }
    jobs = aml_service.home / "jobs"
    aml_service.kill()
    for name in list(names)[:2]:  # as if killed right after its first step
        (jobs / name).rename(jobs / f".removed-{name}")
    aml_service.start()
    assert left(client) == names
    client.service.prune(PruneStorage(older_than_days=0))
    assert left(client) == set()
    assert list(jobs.iterdir()) == []
