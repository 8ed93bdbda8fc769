"""The loop of nursery and node."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from jupyter_aml.runner.loop import Loop


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.abandon()


def test_timers_ring_in_order_and_not_after_cancel(loop: Loop) -> None:
    rung: list[str] = []
    loop.call_later(0.02, lambda: (rung.append("second"), loop.stop())[1])
    loop.call_later(0.01, lambda: rung.append("first"))
    loop.call_later(0.015, lambda: rung.append("never")).cancel()
    loop.run()
    assert rung == ["first", "second"]


def test_cancelled_timers_are_not_kept_until_their_time(loop: Loop) -> None:
    rung: list[int] = []
    for number in range(100):
        loop.call_later(0.001 * number, lambda number=number: rung.append(number))
        for _ in range(100):
            loop.call_later(3600, lambda: rung.append(-1)).cancel()
    assert len(loop._timers) <= 250
    loop.call_later(0.2, loop.stop)
    loop.run()
    assert rung == list(range(100))


def test_a_descriptor_that_was_given_to_another_is_not_read_for_the_old(loop: Loop) -> None:
    (one, one_in), (two, two_in) = os.pipe(), os.pipe()
    os.write(one_in, b"x")
    os.write(two_in, b"x")
    heard: list[str] = []

    def first_wins(name: str, other: int) -> None:
        heard.append(name)
        loop.unwatch(other)
        loop.call_later(0, loop.stop)

    loop.watch(one, lambda: first_wins("one", two))
    loop.watch(two, lambda: first_wins("two", one))
    loop.run()
    assert len(set(heard)) == 1
    for fd in (one, one_in, two, two_in):
        os.close(fd)


def test_a_fault_ends_nothing(loop: Loop, capsys: pytest.CaptureFixture[str]) -> None:
    def fault() -> None:
        raise ValueError("about one job")

    loop.call_later(0, fault)
    loop.call_later(0.01, loop.stop)
    loop.run()
    assert "ValueError: about one job" in capsys.readouterr().err
