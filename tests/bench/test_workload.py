"""Lines are counted whatever pieces they arrive in, and a lost one is an error, not a figure."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench import workload


def _text(count: int) -> str:
    return "first 1.5\n" + "line\n" * (count - 2) + "last 2.5\n"


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_pieces_may_end_anywhere(size: int) -> None:
    text = _text(workload.LINES)[-4000:]
    counted = workload.LineCount(count=workload.LINES - text.count("\n"), began=1.5)
    for start in range(0, len(text), size):
        counted.take(text[start : start + size])
    figures = counted.figures()
    assert counted.ended == 2.5
    assert figures["late ms"] == pytest.approx((counted.received - 2.5) * 1000)


def test_a_lost_line_is_an_error() -> None:
    with pytest.raises(ValueError, match="99999 lines"):
        workload.count_lines([_text(workload.LINES - 1)])


def test_the_program_prints_what_is_counted() -> None:
    command = [sys.executable, "-c", workload.lines_source(100)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    counted = workload.LineCount()
    assert counted.take(text)
    assert counted.count == 100
    assert counted.began <= counted.ended <= counted.received
