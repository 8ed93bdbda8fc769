"""Policies of early termination."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.sweep import (
    BanditPolicy,
    EarlyTermination,
    MedianStoppingPolicy,
    Objective,
    TruncationSelectionPolicy,
)
from jupyter_aml.service.sweeps.early import check, ended_early

UP = Objective(goal="maximize", primary_metric="accuracy")
DOWN = Objective(goal="minimize", primary_metric="loss")


def ended(
    policy: EarlyTermination, reports: dict[str, list[float]], objective: Objective = UP
) -> set[str]:
    return set(ended_early(policy, objective, reports, reports))


def test_the_bandit_allows_the_slack() -> None:
    reports = {"best": [0.8], "near": [0.73], "far": [0.72]}
    # Azure's own example: 0.8 and a factor of 0.1 end what is below 0.8 / 1.1
    assert ended(BanditPolicy(slack_factor=0.1), reports) == {"far"}
    assert ended(BanditPolicy(slack_amount=0.075), reports) == {"far"}


def test_the_bandit_minimizes_too() -> None:
    reports = {"best": [1.0], "near": [1.1], "far": [1.3]}
    assert ended(BanditPolicy(slack_factor=0.2), reports, DOWN) == {"far"}
    words = ended_early(BanditPolicy(slack_factor=0.2), DOWN, reports, ["far"])["far"]
    assert words == "at report 1 its loss, 1.3, was above the best trial less the slack, 1.2"


def test_the_bandit_compares_at_the_same_report() -> None:
    reports = {"fast": [0.1, 0.5, 0.9], "slow": [0.1]}
    assert ended(BanditPolicy(slack_amount=0.1), reports) == set()


def test_a_negative_metric_never_ends_the_best() -> None:
    assert ended(BanditPolicy(slack_factor=0.1), {"best": [-1.0], "far": [-2.0]}) == {"far"}


def test_the_median_of_running_averages() -> None:
    reports = {"a": [0.9, 0.9], "b": [0.5, 0.5], "c": [0.1, 0.2]}
    assert ended(MedianStoppingPolicy(), reports) == {"c"}
    assert ended(MedianStoppingPolicy(delay_evaluation=3), reports) == set()


def test_a_metric_that_stays_the_same_ends_nobody() -> None:
    reports = {"a": [0.1] * 3, "b": [0.1] * 3}
    assert ended(MedianStoppingPolicy(), reports) == set()


def test_truncation_ends_the_worst_percent() -> None:
    reports = {f"t{n}": [n / 10] for n in range(10)}
    assert ended(TruncationSelectionPolicy(truncation_percentage=20), reports) == {"t0", "t1"}
    one = {"only": [0.1]}
    assert ended(TruncationSelectionPolicy(truncation_percentage=99), one) == set()


def test_truncation_may_leave_out_what_has_finished() -> None:
    reports = {"done": [0.1], "worse": [0.5], "better": [0.6]}
    running = ["worse", "better"]
    with_all = TruncationSelectionPolicy(truncation_percentage=34)
    assert ended_early(with_all, UP, reports, running) == {}
    without = TruncationSelectionPolicy(truncation_percentage=50, exclude_finished_jobs=True)
    assert set(ended_early(without, UP, reports, running)) == {"worse"}


def test_trials_are_judged_at_intervals_and_not_before_the_delay() -> None:
    reports = {"best": [1.0] * 4, "far": [0.1] * 3}
    assert ended(BanditPolicy(slack_amount=0.1, evaluation_interval=4), reports) == set()
    assert ended(BanditPolicy(slack_amount=0.1, evaluation_interval=3), reports) == {"far"}
    assert ended(BanditPolicy(slack_amount=0.1, delay_evaluation=4), reports) == set()
    assert ended(BanditPolicy(slack_amount=0.1, delay_evaluation=3), reports) == {"far"}
    assert ended(BanditPolicy(slack_amount=0.1, evaluation_interval=0), reports) == {"far"}


def test_who_has_reported_nothing_is_not_judged() -> None:
    for policy in (
        BanditPolicy(slack_amount=0.1),
        MedianStoppingPolicy(),
        TruncationSelectionPolicy(truncation_percentage=50),
    ):
        assert ended_early(policy, UP, {}, ["new"]) == {}
        assert ended_early(policy, UP, {"old": [0.5]}, ["new"]) == {}


@given(
    some.sampled_from(
        [
            BanditPolicy(slack_factor=0.2),
            BanditPolicy(slack_amount=0.1, evaluation_interval=2),
            MedianStoppingPolicy(evaluation_interval=1),
            TruncationSelectionPolicy(truncation_percentage=40),
        ]
    ),
    some.sampled_from([UP, DOWN]),
    some.dictionaries(
        some.sampled_from("abcdef"), some.lists(some.floats(-1e6, 1e6), max_size=6), min_size=1
    ),
)
def test_the_best_trial_is_never_ended(
    policy: EarlyTermination, objective: Objective, reports: dict[str, list[float]]
) -> None:
    sign = 1 if objective.goal == "maximize" else -1
    step = policy.evaluation_interval or 1
    for interval in range(step, 7, step):  # between two of them the earlier one counts
        cut = {name: values[:interval] for name, values in reports.items()}
        reached = {n: max(sign * v for v in vs) for n, vs in cut.items() if len(vs) == interval}
        if not reached or len(reached) < sum(bool(values) for values in cut.values()):
            continue
        best = max(reached, key=lambda name: reached[name])
        assert best not in ended_early(policy, objective, cut, cut)


def test_a_bandit_needs_one_slack() -> None:
    for policy in (BanditPolicy(), BanditPolicy(slack_factor=0.1, slack_amount=0.1)):
        with pytest.raises(Invalid, match="exactly one"):
            check(policy)
    check(None)
