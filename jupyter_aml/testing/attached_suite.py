"""`AttachedComputeSuite`: what every kind of attached compute must do.

Subclass it and give it a fixture `make`, which returns a new object for the same machine each time
it is called, as a service that was started again has. Jobs are command lines of a POSIX shell.
"""

from __future__ import annotations

import asyncio
import itertools
import posixpath
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import ClassVar

import pytest

from jupyter_aml.service.attached.protocol import STREAMS, AttachedKind, Observation, Task

MakeMachine = Callable[[], AttachedKind]
_NUMBERS = itertools.count(1)


class AttachedComputeSuite:
    """Everything. `machine` is closed after each test; what runs there must have been ended."""

    patience: ClassVar[float] = 60.0
    """Seconds until something must have happened."""

    @pytest.fixture
    def make(self) -> MakeMachine:
        pytest.fail(f"{type(self).__name__} gives no fixture `make`", pytrace=False)

    @pytest.fixture
    async def machine(self, make: MakeMachine) -> AsyncIterator[AttachedKind]:
        made = make()
        yield made
        await made.close()

    # -- helpers --------------------------------------------------------------------------------

    async def began(self, machine: AttachedKind, command: str, **env: str) -> str:
        """The handle of a new job."""
        name = f"suite-{next(_NUMBERS)}"
        await machine.send(name, {})
        return await machine.start(name, self.task(command, **env))

    def task(self, command: str, **env: str) -> Task:
        return Task(command=command, env=env, folders=["work"])

    async def output(self, machine: AttachedKind, handle: str, offset: int = 0) -> bytes:
        """What it wrote to stdout from `offset` on, once it has ended."""
        found = b""

        async def read() -> bytes:
            nonlocal found
            async with aclosing(machine.logs(handle, {"stdout": offset})) as pieces:
                async for stream, data in pieces:
                    assert stream == "stdout"
                    found += data
            return found

        return await asyncio.wait_for(read(), self.patience)

    async def ended(self, machine: AttachedKind, handle: str) -> Observation:
        await self.output(machine, handle)
        return await machine.poll(handle)

    async def says(self, machine: AttachedKind, handle: str, text: bytes) -> None:
        """Wait until it has printed `text`."""

        async def read() -> None:
            found = b""
            async with aclosing(machine.logs(handle, {"stdout": 0})) as pieces:
                async for _, data in pieces:
                    found += data
                    if text in found:
                        return
            raise AssertionError(f"it ended after {found!r}")

        await asyncio.wait_for(read(), self.patience)

    # -- the machine ----------------------------------------------------------------------------

    async def test_check_says_what_is_there(self, machine: AttachedKind) -> None:
        found = await machine.check()
        assert found.cores >= 1
        assert found.python
        assert found.address == machine.address

    # -- how jobs end ---------------------------------------------------------------------------

    @pytest.mark.parametrize("code", [0, 1, 7, 255])
    async def test_exit_codes_come_back_as_they_are(self, machine: AttachedKind, code: int) -> None:
        seen = await self.ended(machine, await self.began(machine, f"exit {code}"))
        assert (seen.state, seen.code, seen.signal) == ("ended", code, None)

    async def test_a_death_by_signal_is_one(self, machine: AttachedKind) -> None:
        seen = await self.ended(machine, await self.began(machine, "kill -KILL $$"))
        assert (seen.state, seen.code, seen.signal) == ("ended", None, signal.SIGKILL)

    async def test_what_was_never_started_is_unknown(self, machine: AttachedKind) -> None:
        assert (await machine.poll("suite-none")).state == "unknown"

    # -- starting -------------------------------------------------------------------------------

    async def test_starting_twice_runs_it_once(self, make: MakeMachine) -> None:
        machine, other = make(), make()
        try:
            await machine.send("suite-twice", {})
            task = self.task("echo ran; echo done")
            handle = await machine.start("suite-twice", task)
            assert await other.start("suite-twice", task) == handle
            assert await self.output(other, handle) == b"ran\ndone\n"
            assert await machine.start("suite-twice", task) == handle
            assert await self.output(machine, handle) == b"ran\ndone\n"
            assert (await machine.poll(handle)).code == 0
        finally:
            await machine.close()
            await other.close()

    async def test_sending_again_leaves_a_job_that_runs_alone(
        self, machine: AttachedKind, tmp_path: Path
    ) -> None:
        handle = await self.began(
            machine, "echo first >kept; while [ -e kept ]; do sleep 0.05; done"
        )
        (tmp_path / "code").mkdir()
        await machine.send(handle, {"work": tmp_path / "code"})
        assert (await machine.poll(handle)).state == "running"
        await machine.stop(handle, 5.0)
        assert (await self.ended(machine, handle)).signal == signal.SIGTERM

    async def test_files_arrive_and_come_back(self, machine: AttachedKind, tmp_path: Path) -> None:
        code, data = tmp_path / "code", tmp_path / "a file.csv"
        (code / "inner").mkdir(parents=True)
        (code / "inner" / "run.sh").write_text("#!/bin/sh\ncat ../inputs/data/a.csv >out/b.txt\n")
        (code / "inner" / "run.sh").chmod(0o700)
        data.write_text("1,2\n")
        await machine.send("suite-files", {"work": code, "inputs/data/a.csv": data})
        task = Task(command="./inner/run.sh && ln -s /etc out/l", env={}, folders=["work/out"])
        handle = await machine.start("suite-files", task)
        assert (await self.ended(machine, handle)).code == 0
        into = tmp_path / "back"
        into.mkdir()
        await machine.fetch(handle, ["work/out", "not-there"], into)
        assert (into / "work" / "out" / "b.txt").read_text() == "1,2\n"
        assert not (into / "work" / "out" / "l").exists(), "a link out of the folder was followed"
        assert not (into / "not-there").exists()

    async def test_the_environment_arrives(self, machine: AttachedKind) -> None:
        handle = await self.began(machine, 'echo "$A_NAME"', A_NAME="a 'quoted' $value\nof two")
        assert await self.output(machine, handle) == b"a 'quoted' $value\nof two\n"

    # -- its streams ----------------------------------------------------------------------------

    async def test_streams_can_be_read_from_any_byte(self, machine: AttachedKind) -> None:
        text = "ä€😀\nno newline at its end"
        handle = await self.began(machine, f"printf '{text}'")
        whole = await self.output(machine, handle)
        assert whole == text.encode()
        for offset in (1, 2, 5, 9, len(whole)):
            assert await self.output(machine, handle, offset) == whole[offset:]

    async def test_streams_come_while_it_runs_and_apart(self, machine: AttachedKind) -> None:
        handle = await self.began(
            machine, "echo there >&2; echo here; while :; do sleep 0.05; done"
        )
        await self.says(machine, handle, b"here\n")
        await machine.stop(handle, 1.0)
        pieces: dict[str, bytes] = dict.fromkeys(STREAMS, b"")
        async for stream, data in machine.logs(handle, dict.fromkeys(STREAMS, 0)):
            pieces[stream] += data
        assert pieces["stdout"] == b"here\n"
        assert pieces["stderr"].startswith(b"there\n")

    async def test_much_output_arrives_whole(self, machine: AttachedKind) -> None:
        command = "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done"
        handle = await self.began(machine, command)
        lines = (await self.output(machine, handle)).splitlines()
        assert lines == [b"line %d" % number for number in range(20000)]

    async def test_another_service_goes_on_where_one_was(self, make: MakeMachine) -> None:
        machine, other = make(), make()
        try:
            handle = await self.began(machine, "echo one; while :; do sleep 0.05; done")
            await self.says(machine, handle, b"one\n")
            await machine.close()
            assert (await other.poll(handle)).state == "running"
            await other.stop(handle, 5.0)
            assert await self.output(other, handle, 2) == b"e\n"
        finally:
            await machine.close()
            await other.close()

    # -- ending it ------------------------------------------------------------------------------

    async def test_one_that_ignores_the_asking_is_killed(self, machine: AttachedKind) -> None:
        handle = await self.began(machine, "trap '' TERM; echo on; while :; do sleep 0.1; done")
        await self.says(machine, handle, b"on\n")
        await machine.stop(handle, 0.2)
        await machine.stop(handle, 0.2)
        seen = await self.ended(machine, handle)
        assert (seen.state, seen.signal) == ("ended", signal.SIGKILL)

    async def test_one_that_obeys_has_time_to_tidy(self, machine: AttachedKind) -> None:
        command = "trap 'echo tidied; exit 3' TERM; echo on; while :; do sleep 0.05; done"
        handle = await self.began(machine, command)
        await self.says(machine, handle, b"on\n")
        await machine.stop(handle, 30.0)
        assert await self.output(machine, handle) == b"on\ntidied\n"
        assert (await machine.poll(handle)).code == 3

    async def test_nothing_it_started_stays(self, machine: AttachedKind) -> None:
        """Also what took a session of its own, and lost its parent."""
        mark = "(setsid sh -c 'while :; do date +%s%N >alive; sleep 0.05; done' &) ; "
        handle = await self.began(machine, mark + "while [ ! -e alive ]; do sleep 0.05; done")
        assert (await self.ended(machine, handle)).code == 0
        alive = posixpath.join(await machine.folder(handle), "work", "alive")
        same = f"a=$(cat '{alive}'); sleep 0.5; [ \"$a\" = \"$(cat '{alive}')\" ]"
        look = await self.began(machine, same)
        assert (await self.ended(machine, look)).code == 0, "a process it left still writes"

    async def test_ending_what_has_ended_changes_nothing(self, machine: AttachedKind) -> None:
        handle = await self.began(machine, "exit 4")
        await self.ended(machine, handle)
        await machine.stop(handle, 0.0)
        assert (await machine.poll(handle)).code == 4

    async def test_forgetting_leaves_what_runs_alone(self, machine: AttachedKind) -> None:
        handle = await self.began(machine, "while :; do sleep 0.05; done")
        await machine.forget(handle)
        assert (await machine.poll(handle)).state == "running"
        await machine.stop(handle, 5.0)
        await self.ended(machine, handle)
        await machine.forget(handle)
        assert (await machine.poll(handle)).state == "unknown"
