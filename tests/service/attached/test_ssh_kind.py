"""The kind ``ssh`` passes the suite of kinds, and says in words what is wrong with a machine."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_aml.model.errors import Invalid, Unavailable
from jupyter_aml.service.attached import registry
from jupyter_aml.service.attached.protocol import AttachedKind, Task
from jupyter_aml.service.attached.ssh.channel import AGENT_NAME
from jupyter_aml.testing.attached_suite import AttachedComputeSuite, MakeMachine
from jupyter_aml.testing.fake_ssh import Machine
from jupyter_aml.testing.waiting import eventually, eventually_sync

SECRET = "canary-4711"


def machine_of(**config: Any) -> AttachedKind:
    return registry.make("ssh", {"host": "vm1", **config})


class TestSsh(AttachedComputeSuite):
    @pytest.fixture
    def make(self, there: Machine) -> MakeMachine:
        assert there.home.is_dir()
        return machine_of

    async def test_a_supervisor_that_was_killed_is_a_lost_job(
        self, machine: AttachedKind, there: Machine
    ) -> None:
        handle = await self.began(machine, "echo $$; exec sleep 600")
        await self.says(machine, handle, b"\n")
        folder = there.root / "jobs" / handle
        command = int((folder / "stdout").read_text())
        os.kill(json.loads((folder / "pid.json").read_text())["pid"], signal.SIGKILL)
        seen = await self.ended(machine, handle)
        assert seen.state == "lost"
        assert "killed" in seen.reason
        await asyncio.to_thread(eventually_sync, lambda: not runs(command))
        assert await machine.start(handle, self.task("echo again")) == handle
        assert (await machine.poll(handle)).state == "lost", "a lost job was started again"

    async def test_a_machine_that_was_restarted_lost_its_jobs(
        self, machine: AttachedKind, there: Machine
    ) -> None:
        handle = await self.began(machine, "sleep 600")
        folder = there.root / "jobs" / handle
        os.kill(json.loads((folder / "pid.json").read_text())["pid"], signal.SIGKILL)
        (folder / "pid.json").write_text(json.dumps({"pid": 1, "boot": "another"}))
        seen = await self.ended(machine, handle)
        assert (seen.state, seen.reason) == ("lost", "the machine was restarted meanwhile")

    async def test_a_folder_that_is_gone_is_a_lost_job(self, machine: AttachedKind) -> None:
        await machine.start("suite-gone", self.task("true"))
        assert (await machine.poll("suite-gone")).state == "unknown"

    async def test_a_broken_connection_is_opened_again(
        self, machine: AttachedKind, there: Machine
    ) -> None:
        handle = await self.began(machine, "echo one; while :; do sleep 0.05; done")
        await self.says(machine, handle, b"one\n")
        there.cut()
        for process in psutil.Process().children():
            if str(there.root) in " ".join(_command_of(process)):
                process.kill()  # the ssh process: what runs there has left the tree

        async def is_noticed() -> bool:
            with contextlib.suppress(Unavailable):
                await machine.poll(handle)
                return False
            return True

        await eventually(is_noticed)
        there.cut(is_down=False)
        await eventually(lambda: is_not(is_noticed))
        await machine.stop(handle, 5.0)
        assert await self.output(machine, handle, 1) == b"ne\n"

    async def test_values_are_in_no_file_and_no_command_line(
        self, machine: AttachedKind, there: Machine
    ) -> None:
        handle = await self.began(machine, "echo on; sleep 600", TOKEN=SECRET)
        await self.says(machine, handle, b"on\n")
        for process in psutil.process_iter():
            try:
                assert SECRET not in " ".join(process.cmdline())
            except psutil.Error:
                continue
        for path in there.home.rglob("*"):
            if path.is_file():
                assert SECRET.encode() not in path.read_bytes(), path
        assert SECRET not in handle
        await machine.stop(handle, 5.0)
        await self.ended(machine, handle)

    async def test_what_the_machine_keeps_is_private(
        self, machine: AttachedKind, there: Machine
    ) -> None:
        handle = await self.began(machine, "echo x >made; mkdir inner")
        await self.ended(machine, handle)
        for path in [there.root, *there.root.rglob("*")]:
            assert not path.stat().st_mode & 0o077, path

    async def test_its_python_comes_first(self, machine: AttachedKind, there: Machine) -> None:
        handle = await self.began(machine, "command -v python3")
        assert (await self.output(machine, handle)).decode() == f"{there.folder}/python3\n"

    async def test_the_agent_is_brought_once(self, make: MakeMachine, there: Machine) -> None:
        for _ in range(2):
            machine = make()
            await machine.check()
            await machine.close()
        agents = [path.name for path in there.root.iterdir() if path.is_file()]
        assert agents == [AGENT_NAME]


async def is_not(look: Callable[[], Awaitable[bool]]) -> bool:
    return not await look()


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


async def test_a_login_may_print_what_it_likes(there: Machine) -> None:
    machine = machine_of(host="chatty")
    try:
        assert (await machine.check()).cores
        await machine.send("a-job", {})
        assert (there.root / "jobs" / "a-job").is_dir()
    finally:
        await machine.close()


@pytest.mark.parametrize(
    ("host", "said", "command"),
    [
        ("down", "Connection refused", "ssh down"),
        ("nowhere", "Could not resolve", "ssh nowhere"),
        ("unknown", "not known yet", "ssh unknown"),
        ("changed", "another host key", "ssh-keygen -R 'changed'"),
        ("closed", "did not accept the login", "ssh-add"),
    ],
)
async def test_what_is_wrong_is_said_with_the_command_to_type(
    there: Machine, host: str, said: str, command: str
) -> None:
    machine = machine_of(host=host)
    with pytest.raises(Unavailable) as refused:
        await machine.check()
    assert said in refused.value.message
    assert command in refused.value.hint
    assert refused.value.details
    with pytest.raises(Unavailable):
        await machine.send("a-job", {})
    await machine.close()


async def test_a_python_that_is_not_there_is_said(there: Machine) -> None:
    machine = machine_of(python="/opt/none/python")
    with pytest.raises(Unavailable, match="no /opt/none/python on vm1") as refused:
        await machine.check()
    assert "--python" in refused.value.hint
    await machine.close()


async def test_a_folder_that_cannot_be_is_said(there: Machine) -> None:
    (there.home / "taken").write_text("")
    machine = machine_of(root="~/taken/jobs")
    with pytest.raises(Unavailable, match="cannot be written"):
        await machine.check()
    await machine.close()


async def test_without_the_program_ssh_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    machine = machine_of()
    with pytest.raises(Unavailable, match="The program ssh is not there"):
        await machine.check()
    await machine.close()


@pytest.mark.parametrize(
    "config",
    [
        {"host": ""},
        {"host": "-oProxyCommand=touch /tmp/x"},
        {"host": "a b"},
        {"host": "a\nb"},
        {"user": "-l"},
        {"port": 0},
        {"python": "-c"},
        {"python": "python3; true"},
        {"root": "relative"},
        {"root": "/"},
        {"root": "/a\nb"},
        {"password": "none"},
    ],
)
def test_what_cannot_be_a_machine_is_refused_before_anything_runs(config: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        machine_of(**config)


def test_a_kind_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(Invalid, match="There is no kind") as refused:
        registry.make("ray", {})
    assert "ssh" in refused.value.hint


async def test_the_command_line_trusts_nobody_on_the_way(there: Machine) -> None:
    machine = machine_of(user="me", port=2222, identity_file="~/key")
    await machine.check()
    told = there.commands[0]
    assert "BatchMode=yes" in told
    assert "StrictHostKeyChecking=yes" in told
    assert "accept-new" not in told
    assert f"-l me -p 2222 -i {os.path.expanduser('~/key')} -o IdentitiesOnly=yes -- vm1" in told
    await machine.close()


async def test_a_job_is_stopped_before_it_began(there: Machine) -> None:
    machine = machine_of()
    await machine.send("early", {})
    await machine.stop("early", 1.0)
    await machine.start("early", Task(command="echo ran", env={}, folders=["work"]))
    seen = await machine.poll("early")
    assert (seen.state, seen.signal) == ("ended", signal.SIGTERM)
    assert not (there.root / "jobs" / "early" / "stdout").exists()
    await machine.close()


async def test_closing_ends_the_ssh_process(there: Machine) -> None:
    def agents() -> list[psutil.Process]:
        mine = psutil.Process().children(recursive=True)
        return [one for one in mine if str(there.root) in " ".join(_command_of(one))]

    machine = machine_of()
    await machine.check()
    assert agents()
    await machine.close()
    assert not agents()


def _command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
