"""From past durations to "usually 3 to 5 s", right about as often as it says.

Past starts and the next one are taken as draws from one distribution, whatever its shape. Then
the next is equally likely to fall into each of the n + 1 gaps between n sorted past ones (a
conformal prediction interval): the value at rank ``(n + 1) * share`` is exceeded with probability
``1 - share`` at any n, not only for large ones. Below the first rank and above the last nothing
is known, so nothing is said while there are too few.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LOW, HIGH = 0.1, 0.9
"""Eight of ten starts lie between these."""
SLOW = 0.95
"""A start is called slower than usual beyond this."""
LEAST = 9
"""Fewest past starts from which both ends of the interval are known: (9 + 1) * 0.1 is rank 1."""
LEAST_SLOW = 19
"""The same for `SLOW`."""


@dataclass(frozen=True)
class Usual:
    """Seconds. ``slow_after`` is None while there are too few to know the slowest twentieth."""

    low: float
    high: float
    count: int
    slow_after: float | None


def usual(past: Sequence[float]) -> Usual | None:
    """What is usual after `past` durations, in any order; None while they are too few."""
    count = len(past)
    if count < LEAST:
        return None
    ordered = sorted(past)
    slow = at(ordered, SLOW) if count >= LEAST_SLOW else None
    return Usual(at(ordered, LOW), at(ordered, HIGH), count, slow)


def at(ordered: Sequence[float], share: float) -> float:
    """The value that the next draw stays below with probability `share`.

    Between two ranks it lies as far as `share` does. Needs a rank of 1 to n: see `LEAST`.
    """
    rank = (len(ordered) + 1) * share
    # 10 * 0.9 is 9.0 and 20 * 0.95 is 19.0 up to the last bit of a float
    below = min(max(math.floor(rank + 1e-9), 1), len(ordered))
    above = min(below + 1, len(ordered))
    part = min(max(rank - below, 0.0), 1.0)
    return ordered[below - 1] + part * (ordered[above - 1] - ordered[below - 1])
