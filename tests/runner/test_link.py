"""The node's socket: what is sent at once, and what waits a moment for company."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.runner.link import Link
from jupyter_aml.runner.loop import Loop


class Side:
    """A link whose clock stands still, and the service's end of it."""

    def __init__(self, path: str) -> None:
        self.time = 100.0
        self._loop = Loop(now=lambda: self.time)
        self.link = Link(self._loop, path, lambda: {"op": "state"}, lambda *_: None)
        self._peer = socket.socket(socket.AF_UNIX)
        self._peer.connect(path)
        self._peer.setblocking(False)
        self.link._accept()
        assert self.came() == ["state"]

    def after(self, seconds: float) -> list[str]:
        self.time += seconds
        self._loop._ring()
        return self.came()

    def came(self) -> list[str]:
        try:
            return [json.loads(line)["op"] for line in self._peer.recv(1 << 16).splitlines()]
        except BlockingIOError:
            return []

    def close(self) -> None:
        self._peer.close()
        self.link.close()


@pytest.fixture
def side(tmp_path: Path) -> Iterator[Side]:
    made = Side(str(tmp_path / "s"))
    yield made
    made.close()


def test_what_may_wait_comes_together_and_at_the_earliest_wish(side: Side) -> None:
    side.link.send_soon({"op": "started"}, seconds=0.02)
    assert side.after(0.001) == []
    side.link.send_soon({"op": "exited"}, b'{"op":"encoded"}\n', seconds=0.002)
    assert side.after(0.001) == []
    side.link.send_soon({"op": "started"}, seconds=0.02)
    assert side.after(0.0015) == ["started", "encoded", "started"]
    assert side.after(1) == []


def test_nobody_waits_longer_than_was_first_said(side: Side) -> None:
    for moment in range(5):
        side.link.send_soon({"op": str(moment)}, seconds=0.02)
        assert side.after(0.003) == []
    assert side.after(0.006) == ["0", "1", "2", "3", "4"]


def test_nothing_overtakes_what_waits(side: Side) -> None:
    side.link.send_soon({"op": "one"}, seconds=0.02)
    side.link.send({"op": "two"})
    assert side.came() == ["one", "two"]
    side.link.send_soon({"op": "three"}, seconds=0.02)
    assert side.after(0.019) == []  # the first one's timer is no more
    assert side.after(0.002) == ["three"]
