"""The arithmetic of the benchmarks: spreads, ratios inside a round, verdicts."""

from __future__ import annotations

import pytest

from bench.figures import Samples, Spread, Target, best_of, short


def _samples(ours: list[float | None], theirs: list[float | None]) -> Samples:
    return {("ours", "ms"): ours, ("theirs", "ms"): theirs}


RATIO = Target("done", "ours", "ms", gate=2, aim=1, against=(("theirs", "ms"),))


def test_a_ratio_is_taken_inside_a_round() -> None:
    # medians of the two columns would give 30 / 20
    spread = RATIO.spread(_samples([10, 30, 90], [20, 10, 30]))
    assert spread == Spread(0.5, 3, 3)


def test_a_round_in_which_one_side_failed_is_left_out() -> None:
    assert RATIO.spread(_samples([10, None, 90], [20, 10, None])) == Spread(0.5, 0.5, 0.5)
    assert RATIO.spread(_samples([10], [])) is None


@pytest.mark.parametrize(
    ("ours", "verdict"), [(10.0, "aim"), (15.0, "ok"), (20.0, "ok"), (21.0, "short")]
)
def test_a_verdict_says_which_bound_holds(ours: float, verdict: str) -> None:
    assert RATIO.verdict(_samples([ours], [10.0])) == verdict


def test_a_row_that_was_not_measured_has_no_verdict() -> None:
    assert RATIO.verdict({}) == "-"


def test_a_rate_should_be_high() -> None:
    target = Target("rate", "ours", "ms", 0.5, 0.8, (("theirs", "ms"),), better="higher")
    assert target.verdict(_samples([9.0], [10.0])) == "aim"
    assert target.verdict(_samples([4.0], [10.0])) == "short"
    assert target.bound(target.gate) == ">= 0.5 x"


def test_a_difference_is_no_ratio() -> None:
    target = Target("share", "ours", "ms", 0.1, against=(("theirs", "ms"),), compare="difference")
    spread = target.spread(_samples([2.5], [2.0]))
    assert spread == Spread(0.5, 0.5, 0.5)
    assert target.bound(target.gate) == "<= 0.1"


def test_the_best_of_several_peers_counts() -> None:
    columns = [[5.0, None], [7.0, 3.0], []]
    assert best_of(columns, 0, "lower") == 5
    assert best_of(columns, 0, "higher") == 7
    assert best_of(columns, 1, "lower") == 3
    assert best_of(columns, 2, "lower") is None


def test_an_aim_without_a_gate_is_reached_or_open() -> None:
    target = Target("PSS", "ours", "ms", None, 80)
    assert target.verdict({("ours", "ms"): [79]}) == "aim"
    assert target.verdict({("ours", "ms"): [81]}) == "-"


@pytest.mark.parametrize(
    ("value", "text"), [(0.01234, "0.0123"), (1.234, "1.23"), (123.4, "123"), (54321.0, "54321")]
)
def test_three_digits_are_enough(value: float, text: str) -> None:
    assert short(value) == text
