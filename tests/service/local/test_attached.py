"""Attached machines in the local workspace: jobs on them are jobs like all others."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_aml.client import Client, connect
from jupyter_aml.model.compute import AmlCompute, AttachedCompute, UpdateCompute
from jupyter_aml.model.errors import ComputeNotRunning, Conflict, Invalid, NotFound
from jupyter_aml.model.job import CellJob, CommandJob, CreateJob, Input, Job, Output
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.testing import leaks
from jupyter_aml.testing.clock import MovableClock
from jupyter_aml.testing.fake_ssh import Machine, install
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.suite import Suite
from jupyter_aml.testing.waiting import eventually, eventually_sync

VM = AttachedCompute(name="my-vm", config={"host": "vm1"})
FOREVER = "echo on; while :; do sleep 0.05; done"


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = install(tmp_path / "there")
    monkeypatch.setenv("PATH", machine.path)
    return machine


def job(command: str, **spec: Any) -> CreateJob:
    return CreateJob(spec=CommandJob(command=command, compute=VM.name, **spec))


class TestAttached(Suite):
    @pytest.fixture
    async def backend(
        self, backend_parts: dict[str, Any], aml_home: Path, there: Machine
    ) -> AsyncIterator[LocalBackend]:
        assert there.home.is_dir()
        backend = LocalBackend(**backend_parts)
        await backend.open()
        yield backend
        await backend.close(end_everything=True)
        left = leaks.end(leaks.processes_of(aml_home))
        assert not left, f"left running: {left}"

    @pytest.fixture
    def clock(self, backend_parts: dict[str, Any]) -> MovableClock:
        return backend_parts["clock"]

    async def end_of(self, backend: LocalBackend, made: Job) -> Job:
        return await self.done(backend.jobs, made.name)

    # -- the machine ----------------------------------------------------------------------------

    async def test_it_comes_is_shown_and_goes(self, backend: LocalBackend) -> None:
        made = await backend.compute.attach(body=VM)
        assert made.state == "Running"
        assert made.machine is not None
        assert (made.machine.cores, made.machine.address) == (len(os.sched_getaffinity(0)), "vm1")
        assert await backend.compute.attach(body=VM) == made
        (node,) = (await backend.compute.nodes("my-vm")).nodes
        assert (node.state, len(node.cpus)) == ("idle", made.machine.cores)
        assert node.memory_limit_bytes == made.machine.memory_bytes
        other = AttachedCompute(name="my-vm", config={"host": "vm2"})
        with pytest.raises(Conflict, match="with another spec"):
            await backend.compute.attach(body=other)
        await backend.compute.update("my-vm", body=UpdateCompute(description="mine"))
        assert (await backend.compute.get("my-vm")).spec.description == "mine"
        await backend.compute.detach("my-vm")
        await self.gone(backend.compute, "my-vm")

    async def test_what_does_not_answer_is_not_attached(self, backend: LocalBackend) -> None:
        closed = AttachedCompute(name="my-vm", config={"host": "closed"})
        with pytest.raises(Invalid, match="did not accept the login") as refused:
            await backend.compute.attach(body=closed)
        assert "Nothing was attached" in refused.value.hint
        with pytest.raises(NotFound):
            await backend.compute.get("my-vm")

    async def test_what_is_not_ours_is_neither_made_nor_moved(self, backend: LocalBackend) -> None:
        await backend.compute.attach(body=VM)
        for verb in (backend.compute.start, backend.compute.stop, backend.compute.restart):
            with pytest.raises(Invalid, match="is attached"):
                await verb("my-vm")
        with pytest.raises(Conflict, match="not ours to delete"):
            await backend.compute.delete("my-vm")
        with pytest.raises(Invalid, match="attached, not created"):
            await backend.compute.create(body=AttachedCompute(name="other", config={}))
        await backend.compute.create(body=AmlCompute(name="cluster"))
        with pytest.raises(Conflict, match="is not attached"):
            await backend.compute.detach("cluster")

    # -- jobs -----------------------------------------------------------------------------------

    async def test_code_inputs_and_outputs_travel(
        self, backend: LocalBackend, there: Machine, tmp_path: Path
    ) -> None:
        code, data = tmp_path / "code", tmp_path / "data"
        code.mkdir()
        data.mkdir()
        (code / "run.sh").write_text('cat "$1" "$2/b.csv" >"$3/all.csv"; echo $4 $KIND; pwd\n')
        (data / "a.csv").write_text("a\n")
        (data / "b.csv").write_text("b\n")
        await backend.compute.attach(body=VM)
        line = (
            "sh run.sh ${{inputs.file}} ${{inputs.folder}} ${{outputs.all}} ${{inputs.rate}} && "
            "echo kept >outputs/kept.txt && cp ${{outputs.all}}/all.csv ${{outputs.direct}}/d.csv"
        )
        body = job(
            line,
            code=str(code),
            inputs={
                "file": Input(type="uri_file", path=str(data / "a.csv")),
                "folder": Input(type="uri_folder", path=str(data), mode="download"),
                "rate": 0.5,
            },
            outputs={
                "all": Output(type="uri_folder"),
                "direct": Output(type="uri_folder", path=str(tmp_path / "goal")),
            },
            environment_variables={"KIND": "small"},
        )
        ended = await self.end_of(backend, await backend.jobs.create(body=body))
        assert (ended.status, ended.exit_code) == ("Completed", 0), ended.error
        printed = [e.text for e in await self.events_of(backend.jobs, ended.name) if e.text]
        assert f"0.5 small\n{there.root}/jobs/{ended.name}-1/work\n" in "".join(printed)
        assert Path(ended.outputs["all"], "all.csv").read_text() == "a\nb\n"
        assert (tmp_path / "goal" / "d.csv").read_text() == "a\nb\n"
        files = [one.path for one in (await backend.jobs.files(ended.name)).value]
        assert "work/outputs/kept.txt" in files
        assert ended.receipt is not None
        assert ended.receipt.size == "my-vm"

    async def test_nothing_of_an_ended_job_stays_there(
        self, backend: LocalBackend, there: Machine
    ) -> None:
        await backend.compute.attach(body=VM)
        await self.end_of(backend, await backend.jobs.create(body=job("exit 0")))

        async def is_empty() -> bool:
            return not list((there.root / "jobs").iterdir())

        await eventually(is_empty)

    async def test_its_output_is_seen_while_it_runs_and_it_can_be_ended(
        self, backend: LocalBackend
    ) -> None:
        await backend.compute.attach(body=VM)
        made = await backend.jobs.create(body=job(FOREVER))
        await self.prints(backend.jobs, made.name, "on\n")
        assert (await backend.jobs.get(made.name)).nodes == ["my-vm"]
        await backend.jobs.cancel(made.name)
        assert (await self.end_of(backend, made)).status == "Canceled"

    async def test_failure_and_retries_are_those_of_every_job(self, backend: LocalBackend) -> None:
        await backend.compute.attach(body=VM)
        again = job(
            'echo "$JUPYTER_AML_ATTEMPT"; [ "$JUPYTER_AML_ATTEMPT" = 2 ] || exit 3', retries=1
        )
        ended = await self.end_of(backend, await backend.jobs.create(body=again))
        assert (ended.status, ended.attempt) == ("Completed", 2)
        failed = await self.end_of(backend, await backend.jobs.create(body=job("exit 255")))
        assert (failed.status, failed.exit_code) == ("Failed", 255)

    async def test_a_timeout_ends_it(self, backend: LocalBackend, clock: MovableClock) -> None:
        await backend.compute.attach(body=VM)
        made = await backend.jobs.create(body=job(FOREVER, timeout=300))
        await self.prints(backend.jobs, made.name, "on\n")
        clock.advance(301)
        ended = await self.end_of(backend, made)
        assert (ended.status, ended.status_reason) == ("Canceled", "Timeout")

    async def test_jobs_wait_for_a_place(self, backend: LocalBackend) -> None:
        one = AttachedCompute(name="my-vm", config={"host": "vm1", "max_jobs": 1})
        await backend.compute.attach(body=one)
        first = await backend.jobs.create(body=job(FOREVER))
        await self.prints(backend.jobs, first.name, "on\n")
        second = await backend.jobs.create(body=job("echo second"))
        assert (await backend.jobs.get(second.name)).status == "Queued"
        await backend.jobs.cancel(first.name)
        assert (await self.end_of(backend, second)).status == "Completed"

    async def test_detaching_cancels_what_runs_there(
        self, backend: LocalBackend, there: Machine
    ) -> None:
        await backend.compute.attach(body=VM)
        made = await backend.jobs.create(body=job(FOREVER))
        await self.prints(backend.jobs, made.name, "on\n")
        await backend.compute.detach("my-vm")
        await self.gone(backend.compute, "my-vm")
        assert (await self.end_of(backend, made)).status == "Canceled"
        assert there.root.is_dir()

    @pytest.mark.parametrize(
        ("spec", "said"),
        [
            (CellJob(source="1", compute="my-vm"), "runs command jobs"),
            (
                CommandJob(command="true", compute="my-vm", environment="other-one"),
                "other-one",
            ),
            (CommandJob(command="true", compute="my-vm", instance_count=2), "2 nodes"),
        ],
    )
    async def test_what_it_cannot_do_is_refused_before_anything_runs(
        self, backend: LocalBackend, spec: Any, said: str
    ) -> None:
        await backend.compute.attach(body=VM)
        with pytest.raises((Invalid, NotFound), match=said):
            await backend.jobs.create(body=CreateJob(spec=spec))

    # -- trouble --------------------------------------------------------------------------------

    async def test_a_machine_that_falls_silent_costs_no_job(
        self, backend: LocalBackend, there: Machine
    ) -> None:
        await backend.compute.attach(body=VM)
        command = "echo on; while [ ! -e go ]; do sleep 0.05; done; echo off; exit 5"
        made = await backend.jobs.create(body=job(command))
        await self.prints(backend.jobs, made.name, "on\n")
        there.cut()
        _break_connections(there)
        await self.becomes(backend.compute, "my-vm", "Unusable")

        async def says_why() -> bool:
            return "Connection refused" in (await backend.compute.get("my-vm")).error

        await eventually(says_why)
        with pytest.raises(ComputeNotRunning, match="does not answer"):
            await backend.jobs.create(body=job("true"))
        assert (await backend.jobs.get(made.name)).status == "Running"
        (there.root / "jobs" / f"{made.name}-1" / "work" / "go").touch()
        there.cut(is_down=False)
        ended = await self.end_of(backend, made)
        assert (ended.status, ended.exit_code) == ("Failed", 5), ended.error
        await self.becomes(backend.compute, "my-vm", "Running")
        events = await self.events_of(backend.jobs, made.name)
        printed = "".join(event.text for event in events if event.kind == "stdout")
        assert printed == "on\noff\n"
        notices = "".join(event.text for event in events if event.kind == "notice")
        assert "vm1 does not answer" in notices
        assert "my-vm answers again" in notices

    async def test_the_next_service_goes_on_with_its_jobs(
        self, backend: LocalBackend, backend_parts: dict[str, Any], there: Machine
    ) -> None:
        await backend.compute.attach(body=VM)
        command = "echo on; while [ ! -e go ]; do sleep 0.05; done; echo off; echo x >outputs/x"
        made = await backend.jobs.create(body=job(command))
        await self.prints(backend.jobs, made.name, "on\n")
        await backend.close(end_everything=False)
        (there.root / "jobs" / f"{made.name}-1" / "work" / "go").touch()
        following = LocalBackend(**backend_parts)
        await following.open()
        try:
            ended = await self.done(following.jobs, made.name)
            assert (ended.status, ended.attempt) == ("Completed", 1)
            events = await self.events_of(following.jobs, made.name)
            printed = "".join(event.text for event in events if event.kind == "stdout")
            assert printed == "on\noff\n"
            files = [one.path for one in (await following.jobs.files(made.name)).value]
            assert "work/outputs/x" in files
        finally:
            await following.close(end_everything=True)


def _break_connections(there: Machine) -> None:
    """Kill every agent that serves, and no supervisor: those began as copies of an agent."""
    records = (there.root / "jobs").glob("*/pid.json")
    supervisors = {json.loads(one.read_text())["pid"] for one in records}
    for process in leaks.processes_of(Path(os.environ["JUPYTER_AML_HOME"])):
        if process.pid in supervisors:
            continue
        try:
            line = process.cmdline()
            if "serve" in line and str(there.root) in " ".join(line):
                process.kill()
        except psutil.NoSuchProcess:
            continue  # what the job runs comes and goes


@pytest.fixture
def attached(there: Machine, aml_service: ServiceProcess) -> AsyncIterator[Client]:
    """A client of a real service that has a machine attached."""
    assert there.home.is_dir()
    client = connect(home=aml_service.home, start=False)
    client.compute.attach(VM)
    yield client  # type: ignore[misc]
    client.compute.detach(VM.name)
    eventually_sync(lambda: VM.name not in [c.name for c in client.compute.list().value])
    client.close()


@pytest.mark.slow
def test_a_job_there_survives_the_killing_of_the_service(
    attached: Client, aml_service: ServiceProcess, there: Machine
) -> None:
    command = "echo on; while [ ! -e go ]; do sleep 0.05; done; echo off"
    made = attached.jobs.create(CommandJob(command=command, compute=VM.name))
    stdout = aml_service.home / "jobs" / made.name / "1" / "stdout.0"
    eventually_sync(lambda: stdout.exists() and stdout.read_bytes() == b"on\n")
    aml_service.kill()
    (there.root / "jobs" / f"{made.name}-1" / "work" / "go").touch()
    aml_service.start()
    eventually_sync(lambda: attached.jobs.get(made.name).status in JOB.final)
    assert attached.jobs.get(made.name).status == "Completed"
    assert stdout.read_bytes() == b"on\noff\n"
    assert stat.S_IMODE(stdout.stat().st_mode) == 0o600
