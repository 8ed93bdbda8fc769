"""Which trials are not worth going on with: Azure ML's policies of early termination.

An interval is one report of the primary metric. A trial is judged at the last of its intervals
that the policy names, against what the others had reported by the same interval: it does not
matter how fast a trial runs, nor when it is looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from statistics import fmean, median

from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.sweep import (
    BanditPolicy,
    EarlyTermination,
    MedianStoppingPolicy,
    Objective,
)

Reports = Mapping[str, Sequence[float]]


def check(policy: EarlyTermination | None) -> None:
    """Raise `Invalid` for a bandit without a slack, or with two."""
    if isinstance(policy, BanditPolicy) and bool(policy.slack_factor) == bool(policy.slack_amount):
        raise Invalid(
            "The bandit policy needs exactly one of slack_factor and slack_amount.",
            target="early_termination",
            hint="slack_factor: 0.1 allows 10 % less than the best; slack_amount a difference.",
        )


def ended_early(
    policy: EarlyTermination, objective: Objective, reports: Reports, running: Collection[str]
) -> dict[str, str]:
    """Those of `running` that the policy ends, and why, in words."""
    judge = _Judge(policy, objective, reports, running)
    found = {name: judge.verdict(name) for name in running}
    return {name: words for name, words in found.items() if words}


class _Judge:
    """Numbers are turned so that more is better."""

    def __init__(
        self,
        policy: EarlyTermination,
        objective: Objective,
        reports: Reports,
        running: Collection[str],
    ) -> None:
        self._policy = policy
        self._metric = objective.primary_metric
        self._sign = 1.0 if objective.goal == "maximize" else -1.0
        self._running = frozenset(running)
        self._values = {
            name: [self._sign * value for value in values]
            for name, values in reports.items()
            if values
        }

    def verdict(self, name: str) -> str:
        """Why it is ended, or ""."""
        interval = self._interval(name)
        if not interval:
            return ""
        best = max(self._values[name][:interval])
        if isinstance(self._policy, BanditPolicy):
            limit, of_what = self._slack(self._policy, interval), "the best trial less the slack"
        elif isinstance(self._policy, MedianStoppingPolicy):
            limit, of_what = self._median(interval), "the median of all trials' averages"
        else:
            percent = self._policy.truncation_percentage
            limit, of_what = self._truncation(interval), f"that of the worst {percent} %"
        if best >= limit:
            return ""
        here, there = self._sign * best, self._sign * limit
        worse = "below" if self._sign > 0 else "above"
        return (
            f"at report {interval} its {self._metric}, {here:.6g}, was {worse} {of_what}, "
            f"{there:.6g}"
        )

    def _interval(self, name: str) -> int:
        count = len(self._values.get(name, ()))
        interval = count - count % max(1, self._policy.evaluation_interval)
        return interval if interval >= self._policy.delay_evaluation else 0

    def _slack(self, policy: BanditPolicy, interval: int) -> float:
        """For a positive metric to maximize that is best / (1 + factor), as Azure says."""
        best = max(max(values[:interval]) for values in self._values.values())
        if policy.slack_amount:
            return best - policy.slack_amount
        factor = policy.slack_factor
        return best - abs(best) * (factor / (1 + factor) if self._sign > 0 else factor)

    def _median(self, interval: int) -> float:
        reached = [values for values in self._values.values() if len(values) >= interval]
        return median(_average(values[:interval]) for values in reached)

    def _truncation(self, interval: int) -> float:
        """The value of the worst that stays."""
        policy = self._policy
        assert not isinstance(policy, (BanditPolicy, MedianStoppingPolicy))
        counted = sorted(
            max(values[:interval])
            for name, values in self._values.items()
            if len(values) >= interval
            and (name in self._running or not policy.exclude_finished_jobs)
        )
        return counted[len(counted) * policy.truncation_percentage // 100]


def _average(values: Sequence[float]) -> float:
    """Not above the greatest, as a rounded one can be: that of 0.1, 0.1, 0.1 is."""
    return min(fmean(values), max(values))
