"""What every engine is asked to run: the same cells, arrays and lines. Standard library only."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

MB = 1_000_000
ARRAY_BYTES = 100 * MB
LINES = 100_000

# A cell that prints and then goes on for longer than anybody's flush interval.
GOING_ON = "import time\nprint('first')\ntime.sleep(0.5)"


def cell(number: int) -> str:
    """A trivial cell, a different one each time."""
    return f"print({number})"


def lines_source(count: int = LINES) -> str:
    """A program that prints `count` lines; the first and the last tell when they were printed.

    `time.monotonic` is the same clock in all processes of a machine.
    """
    return (
        "import time\n"
        "print('first', time.monotonic())\n"
        f"for i in range({count - 2}):\n"
        "    print(f'line {i:06d} of many, each a little more than thirty bytes')\n"
        "print('last', time.monotonic())\n"
    )


@dataclass
class LineCount:
    """Takes text as it arrives and knows when the last line came."""

    count: int = 0
    began: float = 0.0
    ended: float = 0.0
    received: float = 0.0
    _rest: str = field(default="", repr=False)

    def take(self, text: str) -> bool:
        """True once the last line is there."""
        self.count += text.count("\n")
        whole, newline, rest = (self._rest + text).rpartition("\n")
        self._rest = rest
        if newline:
            self._look_at(whole)
        return bool(self.received)

    def _look_at(self, whole: str) -> None:
        if not self.began:
            self.began = float(whole.partition("\n")[0].split()[1])
        last = whole.rpartition("\n")[2]
        if last.startswith("last "):
            self.received = time.monotonic()
            self.ended = float(last.split()[1])

    def figures(self, wanted: int = LINES) -> dict[str, float]:
        """Lines a second at the client, and how late the last one was. Refuses a lost line."""
        if self.count != wanted:
            raise ValueError(f"{self.count} lines of {wanted} arrived")
        return {
            "lines/s": wanted / (self.received - self.began),
            "late ms": (self.received - self.ended) * 1000,
        }


def count_lines(texts: Iterable[str]) -> dict[str, float]:
    """Figures of a stream of texts."""
    counted = LineCount()
    for text in texts:
        counted.take(text)
    return counted.figures()


def array(kind: str) -> Any:
    """100 MB that nobody can compress or share: "numpy" or "pandas" (10 columns)."""
    import numpy

    rows = ARRAY_BYTES // 80
    values = numpy.random.default_rng(0).random((rows, 10))
    if kind == "numpy":
        return values
    import pandas

    return pandas.DataFrame(values, columns=[f"c{number}" for number in range(10)])


def mb_per_second(start: float) -> float:
    """The rate of one transfer of `array` that began at `start` (`time.perf_counter`)."""
    return ARRAY_BYTES / MB / (time.perf_counter() - start)
