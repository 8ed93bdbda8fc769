"""What a scoring process reads and writes at once, on one connection of a router."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_aml.serving import frame
from jupyter_aml.serving.begun import Begun
from jupyter_aml.serving.frame import Frame, Splitter
from jupyter_aml.serving.scoring import channel as channels
from jupyter_aml.serving.scoring import script
from jupyter_aml.serving.scoring.app import Application
from jupyter_aml.serving.scoring.channel import Channel
from jupyter_aml.serving.scoring.config import ScoreConfig
from jupyter_aml.serving.scoring.timer import RunTimer

_SCRIPT = """
asked = []
def init(): pass
def run(data):
    asked.append(data)
    return hook(data)
def hook(data): return data
"""


class Router:
    """The other end of the connection, and the script's `run`."""

    def __init__(self, folder: Path) -> None:
        (folder / "score.py").write_text(_SCRIPT)
        config = ScoreConfig(model_dir=str(folder), code_dir=str(folder))
        loaded = script.load(config)
        self.script = loaded.run.__globals__
        self.link, end = socket.socketpair()
        app = Application(config, loaded, RunTimer(60_000))
        self.channel = Channel(end, app, Begun(str(folder / "begun")), None)
        self._splitter = Splitter()

    def send(self, *numbers: int) -> None:
        head = b"POST /score\r\n"
        sent = [frame.pack(frame.REQUEST, each, head, b"%d" % each) for each in numbers]
        self.link.sendall(b"".join(sent))

    def turn(self) -> bool:
        return self.channel.receive(lambda: {})

    def on_run(self, hook: Callable[[str], str]) -> None:
        self.script["hook"] = hook

    def answered(self) -> list[int]:
        """The numbers of what has been written; nothing is waited for."""
        try:
            data = self.link.recv(1 << 16, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return []
        frames: list[Frame] = self._splitter.feed(data)
        return [each.number for each in frames if each.kind == frame.ANSWER]

    def close(self) -> None:
        self.link.close()
        self.channel.connection.close()


@pytest.fixture
def router(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Router]:
    for limit in ("_HOLD_SECONDS", "_LATE_SECONDS"):  # no luck: only what a test says is slow
        monkeypatch.setattr(channels, limit, 3600.0)
    before = signal.getsignal(signal.SIGALRM)
    made = Router(tmp_path)
    yield made
    made.close()
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_what_came_meanwhile_is_answered_by_the_same_write(router: Router) -> None:
    seen: list[list[int]] = []

    def run(data: str) -> str:
        seen.append(router.answered())
        if data == "2":
            router.send(3, 4)
        return data

    router.on_run(run)
    router.send(1, 2)
    assert router.turn()
    assert seen == [[], [], [], []]
    assert router.answered() == [1, 2, 3, 4]


def test_an_answer_that_is_alone_waits_for_no_other(router: Router) -> None:
    def run(data: str) -> str:
        router.send(2)
        return data

    router.on_run(run)
    router.send(1)
    assert router.turn()
    assert router.answered() == [1]


def test_no_more_is_read_when_the_time_is_over(
    router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "_HOLD_SECONDS", -1.0)
    seen: list[list[int]] = []

    def run(data: str) -> str:
        seen.append(router.answered())
        if data == "2":
            router.send(3)
        return data

    router.on_run(run)
    router.send(1, 2)
    assert router.turn()
    assert seen == [[], [1]]
    assert router.answered() == [2]
    assert router.turn()
    assert router.answered() == [3]


def test_a_run_that_takes_long_keeps_no_answer_back(
    router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The alarm is a real one: the run goes on until the answers before it have been written.

    A machine that pauses in the run before has the first of them written there.
    """
    monkeypatch.setattr(channels, "_LATE_SECONDS", 0.02)
    seen: list[int] = []

    def run(data: str) -> str:
        until = time.monotonic() + 30
        while data == "3" and len(seen) < 2 and time.monotonic() < until:
            seen.extend(router.answered())
        return data

    router.on_run(run)
    router.send(1, 2, 3)
    assert router.turn()
    assert seen == [1, 2]
    assert router.answered() == [3]


def test_a_router_that_has_gone_is_no_error_of_the_run(
    router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "_LATE_SECONDS", 0.0)
    ended: list[str] = []

    def run(data: str) -> str:
        if data == "2":
            router.link.close()
            signal.raise_signal(signal.SIGALRM)
        ended.append(data)
        return data

    router.on_run(run)
    router.send(1, 2)
    assert not router.turn()
    assert ended == ["1", "2"]
