"""The arithmetic: spreads over rounds, ratios inside a round, and how they stand to a target.

Absolute figures belong to one machine on one day; what is compared are ratios of two figures of
the same round, and what is shown of them is min, median and max over the rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

Samples = dict[tuple[str, str], list[float | None]]
"""(way, figure) to its value in each round; None where it failed."""


@dataclass(frozen=True)
class Spread:
    """Least, median and greatest over the rounds."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float | None]) -> Spread | None:
        """None if no round has a value."""
        known = [value for value in values if value is not None]
        return cls(min(known), median(known), max(known)) if known else None

    def __str__(self) -> str:
        return f"{short(self.middle)} ({short(self.low)}..{short(self.high)})"


@dataclass(frozen=True)
class Target:
    """What speed.md asks of one figure of one way.

    With `against` it is the figure divided by (or, for "difference", less) the best of these
    (way, figure) in the same round; without, it is the figure itself. `gate` must hold, `aim` is
    where we want to be; a row has either or both.
    """

    what: str
    way: str
    figure: str
    gate: float | None
    aim: float | None = None
    against: Sequence[tuple[str, str]] = ()
    better: Literal["lower", "higher"] = "lower"
    compare: Literal["ratio", "difference"] = "ratio"

    def spread(self, samples: Samples) -> Spread | None:
        """Over the rounds in which both sides have a value; None if there is none."""
        ours = samples.get((self.way, self.figure), [])
        return Spread.of([self._value(mine, samples, number) for number, mine in enumerate(ours)])

    def verdict(self, samples: Samples) -> str:
        """ "aim", "ok" (the gate holds), "short", or "-" where nothing was measured."""
        spread = self.spread(samples)
        if spread is None:
            return "-"
        if self.aim is not None and self._holds(spread.middle, self.aim):
            return "aim"
        if self.gate is None:
            return "-"
        return "ok" if self._holds(spread.middle, self.gate) else "short"

    def bound(self, value: float | None) -> str:
        """The gate or the aim in words."""
        if value is None:
            return ""
        return f"{'<=' if self.better == 'lower' else '>='} {short(value)}{self._unit}"

    @property
    def _unit(self) -> str:
        return " x" if self.against and self.compare == "ratio" else ""

    def _holds(self, value: float, bound: float) -> bool:
        return value <= bound if self.better == "lower" else value >= bound

    def _value(self, mine: float | None, samples: Samples, number: int) -> float | None:
        if mine is None or not self.against:
            return mine
        best = best_of([samples.get(other, []) for other in self.against], number, self.better)
        if best is None:
            return None
        return mine - best if self.compare == "difference" else mine / best


def best_of(
    columns: Sequence[Sequence[float | None]], number: int, better: Literal["lower", "higher"]
) -> float | None:
    """The best value of round `number`; None if nobody has one."""
    values = [column[number] for column in columns if number < len(column)]
    known = [value for value in values if value]
    if not known:
        return None
    return min(known) if better == "lower" else max(known)


def short(value: float) -> str:
    """Three digits: 0.0123, 1.23, 12.3, 123, 12300."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"
