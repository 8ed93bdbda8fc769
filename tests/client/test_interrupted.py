"""■ may come between any two steps of a request: whatever it leaves, no connection stays open.

Nor does one when who reads a stream stops.

The interpreter looks for signals where a function begins and where a call into C has returned.
Here a profile function, called at just these places, raises in each of them in turn.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from types import FrameType, SimpleNamespace
from typing import Any

import pytest

from jupyter_aml.client import connection
from jupyter_aml.client.client import Client
from jupyter_aml.client.follow import Following
from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.job import CellJob
from tests.client.fake_service import FakeService

OURS = ("client/transport.py", "client/connection.py", "client/follow.py", "client/jobs.py")
MOST_STEPS = 2000


class Interrupting:
    """Raises at step number `at`, counted in `OURS` while it is entered."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.where = ""

    def __enter__(self) -> Interrupting:
        sys.setprofile(self._step)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _step(self, frame: FrameType, event: str, _: object) -> None:
        if event in ("call", "c_return") and frame.f_code.co_filename.endswith(OURS):
            self.left -= 1
            if self.left == 0:
                self.where = f"{event} {frame.f_code.co_name}"
                raise KeyboardInterrupt


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[socket.socket]]:
    """Every socket that the client makes."""
    made: list[socket.socket] = []

    class Recorded(socket.socket):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            made.append(self)

    theirs = SimpleNamespace(**{**vars(socket), "socket": Recorded})  # the service has its own
    monkeypatch.setattr(connection, "socket", theirs)
    yield made
    for one in made:
        one.close()


def ask(client: Client) -> None:
    client.jobs.list()


def ask_again(client: Client) -> None:
    """The second one goes over a kept connection."""
    client.jobs.list()
    client.jobs.list()


def ask_in_vain(client: Client) -> None:
    with pytest.raises(NotFound):
        client.jobs.get("nobody")


def follow(client: Client) -> None:
    following = Following(client.jobs, "done")
    try:
        assert [event.seq for event in following] == [1, 2, 3, 4]
    finally:
        following.close()


@pytest.mark.parametrize("act", [ask, ask_again, ask_in_vain, follow])
def test_an_interrupt_at_any_step_leaves_no_connection_open(
    act: Callable[[Client], None],
    client: Client,
    service: FakeService,
    sockets: list[socket.socket],
) -> None:
    client.jobs.create(CellJob(source="1"), "done")
    for at in range(1, MOST_STEPS):
        client.close()
        interrupt: BaseException | None = None
        with Interrupting(at) as interrupting:
            try:
                act(client)
            except KeyboardInterrupt as error:
                interrupt = error  # its traceback keeps every frame, and what these hold
        client.close()
        assert [one for one in sockets if one.fileno() != -1] == [], (
            f"step {at}: {interrupting.where}"
        )
        if interrupting.left > 0:
            return
        assert interrupt is not None, f"lost at step {at}: {interrupting.where}"
    pytest.fail("it has no end")


@pytest.mark.parametrize("wait", [True, False])
def test_who_stops_reading_leaves_no_connection_open(
    client: Client, service: FakeService, sockets: list[socket.socket], wait: bool
) -> None:
    client.jobs.create(CellJob(source="1"), "done")
    for _ in client.jobs.follow("done", wait=wait):
        break
    client.close()
    assert [one for one in sockets if one.fileno() != -1] == []
