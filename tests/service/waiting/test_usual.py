"""An interval is right about as often as it says, whatever the starts are like."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from jupyter_aml.service.waiting.usual import HIGH, LEAST, LEAST_SLOW, LOW, SLOW, Usual, usual

Draw = Callable[[random.Random], float]

SHAPES: dict[str, Draw] = {
    "even": lambda chance: chance.uniform(2, 4),
    "log-normal": lambda chance: chance.lognormvariate(1, 0.6),
    "exponential": lambda chance: 0.01 + chance.expovariate(1 / 5),
    "heavy tail": lambda chance: chance.paretovariate(1.3),
    "cached or not": lambda chance: (
        chance.gauss(0.2, 0.02) if chance.random() < 0.7 else chance.gauss(40, 6)
    ),
    "milliseconds": lambda chance: abs(chance.gauss(0.004, 0.001)),
}
ROUNDS = 1500


def told(draw: Draw, count: int, seed: str) -> list[tuple[Usual, float]]:
    """What is said after `count` starts, and what the next one took, many times over."""
    chance = random.Random(seed)
    found: list[tuple[Usual, float]] = []
    for _ in range(ROUNDS):
        said = usual([draw(chance) for _ in range(count)])
        assert said is not None
        found.append((said, draw(chance)))
    return found


@pytest.mark.parametrize("count", [LEAST, 12, 15, 30, 60])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_next_start_falls_into_the_interval_eight_times_of_ten(shape: str, count: int) -> None:
    rounds = told(SHAPES[shape], count, f"{shape}{count}")
    inside = sum(said.low <= took <= said.high for said, took in rounds) / ROUNDS
    # 3 standard errors of the simulation, and a point more for what lies between two ranks
    assert inside == pytest.approx(HIGH - LOW, abs=3 * math.sqrt(0.8 * 0.2 / ROUNDS) + 0.015)


@pytest.mark.parametrize("count", [LEAST, 20, 60])
@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_wrong_on_both_sides_alike(shape: str, count: int) -> None:
    rounds = told(SHAPES[shape], count, f"{shape}{count}sides")
    below = sum(took < said.low for said, took in rounds) / ROUNDS
    above = sum(took > said.high for said, took in rounds) / ROUNDS
    assert below == pytest.approx(0.1, abs=0.03)
    assert above == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize("count", [LEAST_SLOW, 30, 60])
@pytest.mark.parametrize("shape", SHAPES)
def test_one_start_in_twenty_is_called_slow(shape: str, count: int) -> None:
    rounds = told(SHAPES[shape], count, f"{shape}{count}slow")
    slow = sum(took > (said.slow_after or 0) for said, took in rounds) / ROUNDS
    # between two ranks it errs towards silence
    assert 0.02 < slow < 1 - SLOW + 0.02


def test_nothing_is_said_from_too_few() -> None:
    assert usual([1.0] * (LEAST - 1)) is None
    assert usual([1.0] * LEAST) == Usual(1.0, 1.0, LEAST, None)
    few = usual([1.0] * (LEAST_SLOW - 1))
    assert few is not None
    assert few.slow_after is None


def test_the_ends_are_past_starts_themselves_at_the_smallest_count() -> None:
    assert usual([float(n) for n in range(1, 10)]) == Usual(1.0, 9.0, 9, None)


def test_a_change_for_good_is_followed_within_the_starts_that_count() -> None:
    """Sixty starts after a move to a slower disk the interval is the new one."""
    chance = random.Random("moved")
    window = [chance.gauss(5, 0.5) for _ in range(60)]
    for _ in range(60):
        window = [*window[1:], chance.gauss(9, 0.5)]
    found = usual(window)
    assert found is not None
    assert 8 < found.low < 9 < found.high < 10
