"""Connections to nodes that break: what is told afterwards, and in which order."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.service.backends.local.nodes import processes
from jupyter_aml.service.backends.local.nodes.links import NodeLink
from jupyter_aml.service.folders import run_folder
from jupyter_aml.testing.waiting import eventually


class FakeNode:
    """A process that does nothing, and a socket that says what it is told to."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.says: list[dict[str, Any]] = []
        self.may_speak = asyncio.Event()
        self.may_speak.set()
        self._writers: list[asyncio.StreamWriter] = []

    async def begin(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "import sys; sys.stdin.read()", stdin=asyncio.subprocess.PIPE
        )
        self._server = await asyncio.start_unix_server(self._serve, str(self.socket))

    async def _serve(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        await self.may_speak.wait()
        state = {"op": "state", "pid": self.process.pid, "created": 0.0}
        writer.write(b"".join(json.dumps(m).encode() + b"\n" for m in [state, *self.says]))

    def hang_up(self) -> None:
        self._writers.pop().transport.abort()

    async def end(self) -> None:
        for writer in self._writers:
            writer.close()
        self._server.close()
        assert self.process.stdin is not None
        self.process.stdin.close()
        await self.process.wait()


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[FakeNode]:
    folder = run_folder(tmp_path)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fake = FakeNode(folder / f"fake-{os.getpid()}.sock")
    await fake.begin()
    yield fake
    await fake.end()


async def test_what_comes_behind_a_state_is_told_behind_it(node: FakeNode) -> None:
    """An end may let others begin there, of which the state knows nothing yet."""
    heard: list[str] = []
    link = NodeLink("fake", node.socket)
    link.on_message = lambda message: heard.append(message["op"])
    await link.open()
    node.says = [{"op": "exited"}, {"op": "refused"}]
    node.hang_up()

    async def all_heard() -> bool:
        return len(heard) == 3

    await eventually(all_heard)
    assert heard == ["state", "exited", "refused"]
    link.close()


async def test_nothing_is_sent_before_a_connection_has_told_its_state(node: FakeNode) -> None:
    """What that does not know of counts as never sent: the node must not do it after all."""
    told: list[bool] = []
    link = NodeLink("fake", node.socket)
    link.on_message = lambda _: told.append(link.send({"op": "run"}))
    await link.open()
    assert link.send({"op": "run"})
    node.may_speak.clear()
    node.hang_up()

    async def is_connected_again() -> bool:
        is_open = link._lines is not None and link._lines.transport is not None
        return is_open and len(node._writers) == 1

    await eventually(is_connected_again)
    assert not link.send({"op": "run"})
    node.may_speak.set()

    async def has_told() -> bool:
        return bool(told)

    await eventually(has_told)
    assert told == [True]
    link.close()


async def test_a_node_that_is_let_go_of_while_its_connection_is_broken_lives_on(
    node: FakeNode,
) -> None:
    lost: list[bool] = []
    link = NodeLink("fake", node.socket)
    link.on_lost = lambda: lost.append(True)
    await link.open()
    node.hang_up()

    async def is_reopening() -> bool:
        return bool(link._tasks)

    await eventually(is_reopening)
    link.close()

    async def has_given_up() -> bool:
        return not link._tasks

    await eventually(has_given_up)
    assert processes.alive(link.pid, link.created)
    assert not lost
